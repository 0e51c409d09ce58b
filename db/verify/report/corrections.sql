-- What people said about receipts.

BEGIN;

SELECT app.expect_objects($$
function report.count_corrections(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
function report.recalled_corrections(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.trace_correction(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
type report.traced_correction (source_value, fate, fate_since)
view app.correction_fates (correction_id, session_id, revision_number, since, source_value, fate): select ccp_auditor
view report.corrections (correction_id, session_id, month_id, transaction_id, field_group, number, cardholder_id,
    employee_name, base, value, source_value, fate, fate_since, said_in_session_id, reason, said_by, said_by_name,
    said_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
