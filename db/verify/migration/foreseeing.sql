-- Migration: foreseeing.

BEGIN;

SELECT app.expect_objects($$
function app.card_total_parts(app.compared_card[], app.compared_person[], integer[])
function app.foresee(app.compared_side, app.compared_side)
function app.foresee_card_totals(app.compared_side, app.compared_side)
function app.foresee_decisions(app.compared_side, app.compared_side)
function app.foresee_people(app.compared_side, app.compared_side)
function app.foresee_reading(app.compared_side, app.compared_side)
function app.foresee_receipts(app.compared_side, app.compared_side)
function app.foresee_repeats(app.compared_side, app.compared_side)
function app.foreseen_amount(app.compared_receipt)
type app.foreseen (deviation_code, source_key, transaction_id, field, value, amount, part)
$$);

ROLLBACK;
