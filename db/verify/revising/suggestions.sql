-- Who may see whom names of receipts may mean.

BEGIN;

SELECT app.expect_objects($$
function report.name_distance(text, text, integer): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.name_key(text) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.unmatched_names (session_id, cardholder_id, receipt_key, printed_names, receipt_count, receipt_total,
    suggested_key, suggested_employee_id, distance, has_same_last_name, suggested_receipt_count, suggestion_number,
    fitting_receipts, has_same_total, has_same_first_name, has_same_initials): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
