-- Removes taking read PDFs into a session.

BEGIN;

DROP FUNCTION api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb);
DROP FUNCTION app.staged_documents(jsonb, jsonb, jsonb);
DROP FUNCTION app.take_documents(uuid, jsonb, jsonb, jsonb);
DROP FUNCTION app.whole_numbers(jsonb);
DROP FUNCTION app.write_ledger(uuid, jsonb, jsonb, app.staged_person[]);

COMMIT;
