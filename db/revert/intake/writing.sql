-- Removes writing sessions as the old program did.

BEGIN;

DROP FUNCTION app.keep_entries(uuid, app.activity_entry[], text[]);
DROP FUNCTION app.write_entries(uuid, text, boolean);
DROP TYPE app.written_entry;
DROP FUNCTION app.write_entry(app.entry_head, text, numeric);
DROP FUNCTION app.write_receipts(app.entry_receipt[], app.entry_head[]);
DROP TYPE app.written_receipts;

COMMIT;
