-- Administrators and processors decide matches, nobody else.

BEGIN;

SELECT app.expect_objects($$
function api.decide_match(text, uuid[], uuid[], integer, text, numeric[], text) as owner: execute ccp_admin
    ccp_processor
function app.check_decided_amounts(app.session_employees)
function app.check_decision(app.session_employees, text, uuid[], uuid[], numeric[])
type report.match_answer (decision, session_id, cardholder_id, employee_name, revision_id, revision_number, version,
    open_charge_amount, open_receipt_amount, accepted_residuals, unexplained, is_clean)
view report.match_decisions (decision_number, session_id, cardholder_id, employee_name, charge_id, transaction_id,
    charge_key, receipt_key, decision, amount, residual, reason, revision_number, decided_by_name, decided_at,
    request_id): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
