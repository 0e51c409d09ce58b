-- Sessions can be read by every role but the worker.

BEGIN;

SELECT app.expect_objects($$
view report.processing_metrics (metric_id, session_id, processing_time_ms, employees, transactions, phases,
    measured_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.processing_sessions (session_id, parent_session_id, revision_number, user_id, user_name, session_name,
    status, source_type, car_file_name, receipt_file_name, month_id, month_name, programme, period_start, period_end,
    period_source, is_latest, total_employees, employees_completed, employees_with_issues, open_issues, total_amount,
    receipt_total, change_summary, failure_reason, processing_started_at, processing_completed_at, created_at,
    version, unknown_card_totals): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.sessions (session_id, parent_session_id, revision_number, user_id, user_name, session_name, status,
    source_type, car_file_name, receipt_file_name, month_id, month_name, programme, period_start, period_end,
    period_source, is_latest, total_employees, employees_completed, employees_with_issues, open_issues, total_amount,
    receipt_total, change_summary, failure_reason, processing_started_at, processing_completed_at, created_at,
    version, unknown_card_totals): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
