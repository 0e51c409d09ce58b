-- The bridge can be read by everybody who reads and by nobody else.

BEGIN;

SELECT app.expect_objects($$
view report.bridge (session_id, revision_id, revision_number, cardholder_id, employee_name, employee_id, car_total,
    receipt_total, receipt_total_unique, amount_difference, charges, receipts, matched_charges, matched_receipts,
    open_charge_count, open_charge_amount, open_receipt_count, open_receipt_amount, out_of_pocket, accepted_residuals,
    repeated_pages, proposed_count, ambiguous_count, unexplained, is_clean): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.bridge_history (session_id, revision_id, revision_number, cardholder_id, employee_name, employee_id,
    car_total, receipt_total, receipt_total_unique, amount_difference, charges, receipts, matched_charges,
    matched_receipts, open_charge_count, open_charge_amount, open_receipt_count, open_receipt_amount, out_of_pocket,
    accepted_residuals, repeated_pages, proposed_count, ambiguous_count, unexplained, is_clean): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.match_rates (session_id, pass, matches, charges, receipts, amount, charge_share, receipt_share): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.session_bridge (session_id, people, people_with_open_rows, car_total, receipt_total, receipt_total_unique,
    amount_difference, charges, receipts, matched_charges, matched_receipts, open_charge_count, open_charge_amount,
    open_receipt_count, open_receipt_amount, out_of_pocket, accepted_residuals, repeated_pages, proposed_count,
    ambiguous_count, unexplained, is_clean): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
