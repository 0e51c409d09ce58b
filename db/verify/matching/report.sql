-- Matches and open rows can be read by everybody who reads and by nobody else.

BEGIN;

SELECT app.expect_objects($$
view app.open_amounts (session_id, side, open_amount, names): select ccp_auditor
view report.matches (session_id, employee_revision_id, revision_number, cardholder_id, employee_name, charge_id,
    transaction_id, posted_date, purchase_date, charge_merchant_name, charge_amount, external_transaction_id,
    receipt_date, receipt_merchant_name, receipt_amount, amount, residual, residual_reason, pass, first_pass,
    decided_by_name, decided_at, amount_part, date_part, merchant_part, history_part, score, runner_up_charge_id,
    runner_up_transaction_id, runner_up_score, margin, policy_version, explanation, person_version): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.matches_history (session_id, employee_revision_id, revision_number, cardholder_id, employee_name,
    charge_id, transaction_id, posted_date, purchase_date, charge_merchant_name, charge_amount,
    external_transaction_id, receipt_date, receipt_merchant_name, receipt_amount, amount, residual, residual_reason,
    pass, first_pass, decided_by_name, decided_at, amount_part, date_part, merchant_part, history_part, score,
    runner_up_charge_id, runner_up_transaction_id, runner_up_score, margin, policy_version, explanation): select
    ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.open_charges (session_id, employee_revision_id, revision_number, cardholder_id, employee_name, charge_id,
    posted_date, purchase_date, merchant_name, merchant_group, net_amount, open_amount, failed_gate, proposal,
    proposal_id, is_proposed, is_sum_untried, nearest_transaction_id, nearest_external_transaction_id, nearest_date,
    nearest_merchant_name, nearest_amount, amount_difference, days_apart, amount_part, date_part, merchant_part,
    score, same_amount_with, person_version): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.open_receipts (session_id, employee_revision_id, revision_number, cardholder_id, employee_name,
    transaction_id, external_transaction_id, transaction_date, merchant_name, expense_type, amount, open_amount,
    failed_gate, is_proposed, is_sum_untried, nearest_charge_id, nearest_posted_date, nearest_purchase_date,
    nearest_merchant_name, nearest_amount, amount_difference, days_apart, amount_part, date_part, merchant_part,
    score, same_amount_with, person_version): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
