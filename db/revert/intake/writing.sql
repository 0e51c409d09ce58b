-- Removes writing sessions as the old program did.

BEGIN;

DROP FUNCTION app.keep_entries(uuid, app.activity_entry[], text[]);
DROP FUNCTION app.write_entries(uuid, text, boolean);
DROP TYPE app.written_entry;
DROP FUNCTION app.write_entry(app.entry_head, text, numeric);
DROP FUNCTION app.write_receipts(app.entry_receipt[], app.entry_head[]);
DROP TYPE app.written_receipts;
DROP FUNCTION app.entry_heads(uuid, text, boolean, text[]);
DROP TYPE app.entry_head;
DROP FUNCTION app.entry_receipts(uuid, boolean);
DROP TYPE app.entry_receipt;
DROP FUNCTION app.join_pages(text[]);

COMMIT;
