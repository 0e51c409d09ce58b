-- Staging is private.

BEGIN;

SELECT app.expect_objects($$
function app.document_cards(uuid, jsonb, app.staged_person[])
function app.document_charges(uuid, jsonb, app.staged_person[])
function app.document_lines(uuid, jsonb)
function app.document_receipts(jsonb, app.staged_person[])
function app.stage_documents(jsonb, jsonb)
function app.staged_cards(jsonb)
function app.staged_receipts(jsonb)
$$);

ROLLBACK;
