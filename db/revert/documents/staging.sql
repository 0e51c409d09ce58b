-- Removes from read rows to people, receipts and charges.

BEGIN;

DROP FUNCTION app.document_lines(uuid, jsonb);
DROP FUNCTION app.document_charges(uuid, jsonb, app.staged_person[]);
DROP FUNCTION app.document_cards(uuid, jsonb, app.staged_person[]);
DROP FUNCTION app.document_receipts(jsonb, app.staged_person[]);
DROP FUNCTION app.stage_documents(jsonb, jsonb);
DROP FUNCTION app.staged_receipts(jsonb);
DROP FUNCTION app.staged_cards(jsonb);

COMMIT;
