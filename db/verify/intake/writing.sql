-- Nobody but the owner reads or writes them.

BEGIN;

SELECT app.expect_objects($$
function app.keep_entries(uuid, app.activity_entry[], text[])
function app.write_entries(uuid, text, boolean)
function app.write_entry(app.entry_head, text, numeric)
function app.write_receipts(app.entry_receipt[], app.entry_head[])
type app.written_entry (source_key, entry_order, entry_text, is_as_imported, people, receipts)
type app.written_receipts (source_key, receipts, amount, no_coding_type, half_code, no_purpose, no_receipt_id,
    amount_unknown, page_left_out)
$$);

ROLLBACK;
