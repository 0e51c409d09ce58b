-- Removes the placing of receipts.

BEGIN;

DROP FUNCTION app.place_receipts(uuid, app.compared_receipt[], app.compared_side);
DROP FUNCTION app.waiting_names(uuid, app.compared_receipt[], app.compared_side);

COMMIT;
