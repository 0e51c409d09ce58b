-- Who may import.

BEGIN;

SELECT app.expect_objects($$
function api.import_activity(text, text, uuid, boolean, text, text, text, date, date) as owner: execute ccp_admin
    ccp_processor
function api.refuse_import(text, bigint, text, text, text, text) as owner: execute ccp_admin ccp_processor
function app.is_passing(text)
function app.list_rejects(app.staged_reject[])
function app.name_fault(text, text, text)
function app.record_attempt(text, bigint, bytea, jsonb, text)
function app.refusal(text, text, text, text, text)
function app.sift_activity(jsonb, boolean, boolean, text[], app.staged_reject[])
function app.tried_answer(app.submission_controls, text[], boolean)
function app.try_activity(text, text, uuid, bytea, text, boolean, text, date, date)
function app.try_employees(jsonb, text[], app.activity_entry[], uuid, bytea)
function app.without_keys(jsonb, text[])
type app.staged_reject (source_key, path, sqlstate, message)
$$);

ROLLBACK;
