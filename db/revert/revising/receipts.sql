-- Removes the calls for single receipts.

BEGIN;

DROP FUNCTION api.move_transaction(uuid, uuid, uuid, uuid, text, text);
DROP FUNCTION api.remove_transaction(uuid, uuid, uuid, text, text);
DROP FUNCTION api.add_transaction(uuid, uuid, jsonb, text, text);
DROP FUNCTION app.wish_one(text, uuid, uuid, text, jsonb, text);
DROP FUNCTION app.require_receipt(uuid, uuid, uuid);
DELETE FROM app.month_calls WHERE call_name IN ('add_transaction', 'remove_transaction', 'move_transaction');

COMMIT;
