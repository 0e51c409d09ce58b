-- Removes telling receipts apart.

BEGIN;

DROP FUNCTION app.carry_corrections(uuid, app.revision_draft[], text);
DROP FUNCTION app.link_receipts(uuid, app.receipt_links[], app.staged_person[]);
DROP FUNCTION app.identify_receipts(uuid, app.receipt_links[], app.staged_person[]);
DROP FUNCTION app.identity_key(integer, app.known_receipt, boolean);
DROP FUNCTION app.staged_receipts(app.receipt_links[], app.staged_person[], boolean);
DROP FUNCTION app.known_receipts(uuid, app.receipt_links[], app.staged_person[], app.known_receipt[]);
DROP FUNCTION app.said_columns(uuid, uuid);
DROP FUNCTION app.file_likeness(app.receipt_contents);
DROP TYPE app.known_receipt;

COMMIT;
