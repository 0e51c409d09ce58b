-- Removes going back.

BEGIN;

DROP FUNCTION api.restore_session(uuid, uuid, text, text, text);
DROP FUNCTION api.restore_revision(uuid, uuid, text, text);

COMMIT;
