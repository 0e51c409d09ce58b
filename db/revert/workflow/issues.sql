-- Removes deciding issues.

BEGIN;

DROP FUNCTION api.resolve_issue(uuid, integer, text, text, text);
DROP FUNCTION app.lock_issue(uuid, integer);
DROP FUNCTION app.refresh_status(uuid, uuid);

COMMIT;
