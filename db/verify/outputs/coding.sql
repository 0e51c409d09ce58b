-- Rows go out, and those that come back can be judged.

BEGIN;

SELECT app.expect_objects($$
function api.take_coding(uuid, jsonb, text, text) as owner: execute ccp_admin ccp_processor
function app.coding_stamp(uuid, uuid)
function app.describe_receipt_change(uuid, uuid, jsonb, jsonb)
function app.lacking_code(app.receipt_contents, jsonb)
function app.wished_coding(jsonb, app.receipt_contents)
function report.coding_rows(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
function report.judge_coding(uuid, jsonb) as owner: execute ccp_admin ccp_processor
type report.coding_answer (row_number, employee_name, external_transaction_id, outcome, code, message, transaction_id,
    employee_revision_id, changes)
$$);

ROLLBACK;
