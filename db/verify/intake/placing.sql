-- Nobody but the owner reads or writes them.

BEGIN;

SELECT app.expect_objects($$
function app.entry_heads(uuid, text, boolean, text[])
function app.entry_receipts(uuid, boolean)
function app.join_pages(text[])
type app.entry_head (source_key, entry_order, person_place, is_in_report, car_total, claimed_receipt_total,
    claimed_flags, validation_flags, files, source_fields, unknown_fields, receipts_shape, employee_id, card_number,
    car_page_range, receipt_page_range, kept, shape, people, is_touched, is_as_imported)
type app.entry_receipt (source_key, transaction_id, content_id, source_position, is_own)
$$);

ROLLBACK;
