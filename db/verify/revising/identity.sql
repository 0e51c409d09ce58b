-- Processors approve aliases; everybody sees the names without one.

BEGIN;

SELECT app.expect_objects($$
function api.approve_alias(text, text, text) as owner: execute ccp_admin ccp_processor
function app.apply_alias(text, text)
function app.move_receipts(uuid, uuid, text)
function report.name_distance(text, text, integer): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.unmatched_names (session_id, cardholder_id, receipt_key, printed_names, receipt_count, receipt_total,
    suggested_key, suggested_employee_id, distance, has_same_last_name, suggested_receipt_count, suggestion_number):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
