-- Batches can be read.

BEGIN;

SELECT app.expect_objects($$
function report.batch_content(text, integer) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.accounting_batch_lines (target, batch_number, line_number, kind, transaction_id, reversed_batch,
    reversed_line, cardholder_id, amount, card_number, receipt_id, transaction_date, transaction_amount,
    transaction_name, vendor, invoice_number, invoice_date, header_description, job, phase, cost_type, gl_account,
    item_description, unit_of_measure, tax, pay_type, card_holder, credit_card_number, credit_card_vendor): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.accounting_batches (target, batch_number, month_id, month_name, session_id, session_name, profile_name,
    profile_version, invoice_month, people, reversals, reason, line_count, line_total, left_out_count, receipt_total,
    byte_count, sha256, open_issues, created_at, created_by_name, is_void, void_reason, voided_at, voided_by_name):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.accounting_left_out (target, batch_number, transaction_id, cardholder_id, employee_name, reason, amount,
    receipt_id): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
