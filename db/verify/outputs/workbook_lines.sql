-- The sheets for proof can be read.

BEGIN;

SELECT app.expect_objects($$
view report.workbook_bridge (session_id, place, cardholder_id, employee_name, revision_number, status, car_total,
    receipt_total, amount_difference, open_charge_amount, open_receipt_amount, accepted_residuals, repeated_pages,
    unexplained, is_clean, content_hash): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.workbook_lines (session_id, line_number, cardholder_id, employee_name, charge_id, posted_date,
    purchase_date, card_number, charge_merchant_name, charge_amount, transaction_id, external_transaction_id,
    transaction_date, date_text, merchant_name, expense_type, purpose, coding_type, job_number, job_phase, cost_type,
    gl_account, receipt_amount, amount_text, pass, matched_amount, residual, explanation, open_charge_amount,
    open_receipt_amount, failed_gate, nearest_miss): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.workbook_proof (session_id, place, subject, name, value): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
