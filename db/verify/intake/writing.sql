-- Nobody but the owner reads or writes them.

BEGIN;

SELECT app.expect_objects($$
function app.entry_heads(uuid, text, boolean, text[])
function app.entry_receipts(uuid, boolean)
function app.join_pages(text[])
function app.keep_entries(uuid, app.activity_entry[], text[])
function app.write_entries(uuid, text, boolean)
function app.write_entry(app.entry_head, text, numeric)
function app.write_receipts(app.entry_receipt[], app.entry_head[])
type app.entry_head (source_key, entry_order, person_place, is_in_report, car_total, claimed_receipt_total,
    claimed_flags, validation_flags, files, source_fields, unknown_fields, receipts_shape, employee_id, card_number,
    car_page_range, receipt_page_range, kept, shape, people, is_touched, is_as_imported)
type app.entry_receipt (source_key, transaction_id, content_id, source_position, is_own)
type app.written_entry (source_key, entry_number, entry_text, is_as_imported, people, receipts)
type app.written_receipts (source_key, receipts, amount, no_coding_type, half_code, no_purpose, no_receipt_id,
    amount_unknown, page_left_out)
$$);

ROLLBACK;
