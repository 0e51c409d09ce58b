-- The figures are shown.

BEGIN;

SELECT app.expect_objects($$
view report.figures (months_imported, sessions_imported, sessions_failed, sessions_refused, error_rate,
    average_processing_time_ms, users_last_7_days): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
