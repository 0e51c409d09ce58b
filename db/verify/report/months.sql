-- Months are shown.

BEGIN;

SELECT app.expect_objects($$
view report.months (month_id, month_name, programme, period_start, period_end, state, version, created_at,
    submissions, chains, latest_session_id, latest_session_name, completed_at, total_employees, employees_completed,
    employees_with_issues, open_issues, open_high, open_medium, open_low, open_blocking, dollars, total_amount,
    receipt_total, unknown_card_totals, closed_at, closed_by_name, close_reason, is_history, closed_digest,
    seal_number, seal_hash): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
