-- Removes pairing.

BEGIN;

DROP FUNCTION app.sum_values(app.compared_side, app.compared_side);
DROP FUNCTION app.people_values(app.compared_side, app.compared_side, app.receipt_pair[], app.foreseen[]);
DROP FUNCTION app.own_people(app.receipt_pair[], app.foreseen[]);
DROP FUNCTION app.sorted_pages(integer[]);
DROP FUNCTION app.page_list(integer[]);
DROP FUNCTION app.receipt_values(app.receipt_pair[]);
DROP FUNCTION app.pair_receipts(app.compared_receipt[], app.compared_receipt[]);
DROP TYPE app.receipt_pair;
DROP TYPE app.found_difference;

COMMIT;
