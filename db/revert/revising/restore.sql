-- Removes going back.

BEGIN;

DROP FUNCTION api.restore_revision(uuid, uuid, text, text);

COMMIT;
