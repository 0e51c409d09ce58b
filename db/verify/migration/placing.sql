-- Migration: placing.

BEGIN;

SELECT app.expect_objects($$
function app.place_receipts(uuid, app.compared_receipt[], app.compared_side)
function app.waiting_names(uuid, app.compared_receipt[], app.compared_side)
$$);

ROLLBACK;
