-- Acceptance is for those who may import, never for the worker's own role.

BEGIN;

SELECT app.expect_objects($$
function api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb) as owner: execute ccp_admin ccp_processor
function app.staged_documents(jsonb, jsonb, jsonb)
function app.take_documents(uuid, jsonb, jsonb, jsonb)
function app.whole_numbers(jsonb)
function app.write_ledger(uuid, jsonb, jsonb, app.staged_person[])
$$);

ROLLBACK;
