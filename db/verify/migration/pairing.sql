-- Migration: pairing.

BEGIN;

SELECT app.expect_objects($$
function app.own_people(app.receipt_pair[], app.foreseen[])
function app.page_list(integer[])
function app.pair_receipts(app.compared_receipt[], app.compared_receipt[])
function app.people_values(app.compared_side, app.compared_side, app.receipt_pair[], app.foreseen[])
function app.receipt_values(app.receipt_pair[])
function app.sorted_pages(integer[])
function app.sum_values(app.compared_side, app.compared_side)
type app.found_difference (number, level, source_key, also_key, path, receipt_id, transaction_id, page_number, field,
    part, old_value, new_value, own_value, has_own, class, deviation_code, amount, ledger, follows, is_settled)
type app.receipt_pair (there, here)
$$);

ROLLBACK;
