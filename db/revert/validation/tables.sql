-- Removes rules, issues and their events.

BEGIN;

DROP TABLE app.issue_events;
DROP TABLE app.validation_issues;
DROP TABLE app.validation_rules;

COMMIT;
