-- Removes going back to an old session.

BEGIN;

DROP FUNCTION api.restore_session(uuid, uuid, text, text, text);
DROP FUNCTION app.note_restored(uuid, app.processing_sessions);
DROP FUNCTION app.receipts_of_session(uuid, uuid);
DROP FUNCTION app.copy_corrections(uuid, uuid);
DROP FUNCTION app.copy_bank_rows(uuid, uuid);

COMMIT;
