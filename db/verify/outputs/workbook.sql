-- The two old sheets can be read.

BEGIN;

SELECT app.expect_objects($$
view app.people_in_order (session_id, cardholder_id, revision_id, place, employee_name, employee_id, is_in_report,
    car_total, receipt_total, amount_difference, receipt_count, validation_flags, revision_number, content_hash,
    status): select ccp_auditor
view app.told_decisions (session_id, cardholder_id, employee_revision_id, rule_code, transaction_id, state, user_name,
    decision): select ccp_auditor
view report.workbook_issues (session_id, line_number, cardholder_id, employee_name, transaction_id, expense_type,
    transaction_date, date_text, amount, amount_text, purpose, merchant_name, merchant_address, status, decision):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.workbook_summary (session_id, place, cardholder_id, employee_name, car_total, receipt_total,
    receipt_count, missing_amount, flags, decision): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
