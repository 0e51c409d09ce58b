-- Removes going back.

BEGIN;

DROP FUNCTION api.restore_revision(uuid, uuid, text, text);
DROP FUNCTION app.corrections_of(uuid, uuid);
DROP FUNCTION app.receipts_to_restore(uuid, uuid, uuid);
DROP FUNCTION app.tell_ended_waits(uuid, app.said_receipt[], text);
DROP FUNCTION app.holders_in(uuid, uuid[]);

COMMIT;
