-- Removes going back.

BEGIN;

DROP FUNCTION api.restore_revision(uuid, uuid, text, text);
DROP FUNCTION app.receipts_to_restore(uuid, uuid, uuid);

COMMIT;
