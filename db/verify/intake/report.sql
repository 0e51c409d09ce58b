-- The report can be read by every role but the worker.

BEGIN;

SELECT app.expect_objects($$
function report.session_summary(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.claim_differences (session_id, cardholder_id, employee_name, item, claimed, found, claimed_amount,
    found_amount): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.import_attempts (attempt_id, user_id, user_name, file_name, size_bytes, sha256, outcome, session_id,
    sqlstate, code, message, path, request_id, attempted_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.import_rejects (attempt_id, session_id, reject_number, path, sqlstate, code, message): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.session_summaries (session_id, session_name, status, revision_number, parent_session_id, programme,
    period_start, period_end, period_source, employees, finished, unknown_card_totals, unidentified_people,
    transactions, car_total, receipt_total, open_issues, issues, rejected_employees, claim_differences, changes,
    control): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.submission_controls (session_id, control_number, programme, period_start, period_end, period_source,
    report_totals, card_totals, card_totals_differing, names, names_fitting, receipts, receipts_fitting,
    dated_receipts, receipts_in_period, charges, people_count, same_days, reasons, worked_out_at, is_newest): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.submission_people (session_id, control_number, person_number, employee_name, employee_id, is_in_report,
    charges, charge_amount, receipts, receipt_amount): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
