-- Migration: sides.

BEGIN;

SELECT app.expect_objects($$
function app.cents(numeric)
function app.is_alike_date(text, text)
function app.is_flagged(jsonb)
function app.month_cards(uuid)
function app.month_people(uuid, app.compared_receipt[])
function app.month_receipts(uuid, boolean)
function app.old_people(app.activity_entry[], app.compared_receipt[])
function app.old_receipts(app.activity_entry[])
function app.told_number(text)
function app.told_person(app.compared_person, app.compared_receipt[])
function app.told_receipt(app.compared_receipt)
type app.compared_card (source_key, holder_key, place, card_number, is_seen, is_masked, total_lines, printed_gross,
    gross, net, employee_id, pages)
type app.compared_person (source_key, place, path, employee_id, card_number, car_pages, receipt_pages, car_total,
    receipt_total, files, flags, is_in_report, receipts, raw, is_finished, rules)
type app.compared_receipt (source_key, receipt_id, turn, transaction_id, page_number, path, code_key, is_by_id,
    amount, said, is_repeat, is_whole_code, receipt_key, facts, content_id, own_key, waits)
type app.compared_side (people, receipts, cards)
$$);

ROLLBACK;
