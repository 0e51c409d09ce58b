-- Removes rules, issues and their events.

BEGIN;

SELECT audit.forget_table('app.issue_events');
DROP TABLE app.issue_events;
SELECT audit.forget_table('app.validation_issues');
DROP TABLE app.validation_issues;
DROP FUNCTION app.stamp_issue();
SELECT audit.forget_table('app.validation_rules');
DROP TABLE app.validation_rules;

COMMIT;
