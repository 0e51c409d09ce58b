-- Everybody who reads reads the work lists.

BEGIN;

SELECT app.expect_objects($$
view report.ageing (session_id, session_name, severity, state, issues, dollars, overdue, up_to_7_days, up_to_30_days,
    over_30_days, oldest_days): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.claimed_fixed_still_present (issue_id, session_id, session_name, cardholder_id, employee_name, issue_type,
    description, amount_impact, state, resolution_method, resolved_by_name, resolved_at, resolution_notes,
    carried_from, evidence): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.counted_impacts (issue_id, session_id, cardholder_id, counted): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view report.open_by_rule (session_id, issue_type, issues, blocking, dollars): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.work_list (issue_id, session_id, session_name, cardholder_id, employee_name, employee_revision_id,
    transaction_id, issue_type, severity, severity_rank, blocks, description, amount_impact, amount_rank, state,
    assigned_to, assigned_to_name, identified_at, first_identified_at, age_days, due_date, due_rank, is_overdue,
    touch_count, reopen_count, last_touched_at, carried_from, version, charge_id): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
