-- Removes what stands under which entry.

BEGIN;

DROP FUNCTION app.entry_heads(uuid, text, boolean, text[]);
DROP TYPE app.entry_head;
DROP FUNCTION app.entry_receipts(uuid, boolean);
DROP TYPE app.entry_receipt;
DROP FUNCTION app.join_pages(text[]);

COMMIT;
