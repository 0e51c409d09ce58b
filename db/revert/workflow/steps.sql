-- Removes the plain steps of issues.

BEGIN;

DROP FUNCTION api.assign_issue(uuid, integer, text, text, text);
DROP FUNCTION api.note_issue(uuid, integer, text, text);
DROP FUNCTION api.mark_false_positive(uuid, integer, text, text);
DROP FUNCTION api.reopen_issue(uuid, integer, text, text);
DROP FUNCTION api.suspend_issue(uuid, integer, text, text);
DROP FUNCTION api.start_issue(uuid, integer, text, text);
DROP FUNCTION api.resolve_issue(uuid, integer, text, text, text);

COMMIT;
