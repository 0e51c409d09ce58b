-- Removes carrying over. What places issues needs it back before the next revision.

BEGIN;

DROP FUNCTION app.revive_issues(uuid, uuid);
DROP FUNCTION app.add_issues(app.revision_draft[], app.rule_finding[]);
DROP FUNCTION app.carry_issues(app.revision_draft[], app.rule_finding[]);
DROP FUNCTION app.supersede_issues(uuid[]);
DROP FUNCTION app.has_later_session(uuid);
DROP FUNCTION app.earlier_sessions(uuid[]);
DROP FUNCTION app.describe_difference(jsonb, jsonb);

COMMIT;
