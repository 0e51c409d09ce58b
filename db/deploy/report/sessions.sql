-- Sessions as people see them, with what is computed when read.
-- requires: validation/issues

BEGIN;

CREATE OR REPLACE VIEW report.processing_sessions AS
SELECT s.session_id, s.parent_session_id, s.revision_number, s.user_id, u.user_name, s.session_name, s.status,
    s.source_type, s.car_file_name, s.receipt_file_name,
    e.total_employees, e.employees_completed, i.employees_with_issues, i.open_issues,
    e.total_amount, e.receipt_total, s.change_summary, s.failure_reason, s.processing_started_at,
    s.processing_completed_at, s.created_at, s.version
FROM app.processing_sessions AS s
JOIN app.users AS u ON u.user_id = s.user_id
-- Left joins of one row each: a reader who asks for none of their columns has them not computed.
LEFT JOIN LATERAL (
    SELECT count(*) AS total_employees, count(*) FILTER (WHERE x.status = 'finished') AS employees_completed,
        coalesce(sum(r.car_total), 0)::numeric(20, 2) AS total_amount,
        coalesce(sum(r.receipt_total), 0)::numeric(20, 2) AS receipt_total
    FROM app.session_employees AS x
    JOIN app.employee_revisions AS r ON r.revision_id = x.current_revision_id
    WHERE x.session_id = s.session_id
        AND NOT r.is_nobody
) AS e ON true
LEFT JOIN LATERAL (
    SELECT count(DISTINCT x.cardholder_id) AS employees_with_issues, count(*) AS open_issues
    FROM app.validation_issues AS x WHERE x.session_id = s.session_id AND x.is_open
) AS i ON true;
COMMENT ON VIEW report.processing_sessions IS 'All sessions, cancelled ones included.';
COMMENT ON COLUMN report.processing_sessions.user_name IS 'Name of who submitted.';
COMMENT ON COLUMN report.processing_sessions.total_employees IS 'People in the session.';
COMMENT ON COLUMN report.processing_sessions.employees_completed IS 'People who are finished.';
COMMENT ON COLUMN report.processing_sessions.employees_with_issues IS 'People with at least one open issue, blocking or not.';
COMMENT ON COLUMN report.processing_sessions.open_issues IS 'Open issues.';
COMMENT ON COLUMN report.processing_sessions.total_amount IS 'Sum of the known card totals, in dollars.';
COMMENT ON COLUMN report.processing_sessions.receipt_total IS 'Sum of the readable receipts, in dollars.';
SELECT app.describe_columns('report.processing_sessions', 'app.processing_sessions');

CREATE OR REPLACE VIEW report.sessions AS
SELECT s.* FROM report.processing_sessions AS s WHERE s.status <> 'cancelled';
COMMENT ON VIEW report.sessions IS 'Sessions that count: all but the cancelled ones.';
SELECT app.describe_columns('report.sessions', 'report.processing_sessions');

CREATE OR REPLACE VIEW report.processing_metrics AS
SELECT m.metric_id, m.session_id, m.processing_time_ms, m.employees, m.transactions, m.phases, m.measured_at
FROM app.processing_metrics AS m;
COMMENT ON VIEW report.processing_metrics IS 'One row per run with its time.';
SELECT app.describe_columns('report.processing_metrics', 'app.processing_metrics');

CREATE OR REPLACE VIEW report.figures AS
SELECT count(*) AS sessions_imported, count(*) FILTER (WHERE s.status = 'failed') AS sessions_failed,
    round(count(*) FILTER (WHERE s.status = 'failed') / nullif(count(*), 0)::numeric, 4) AS error_rate,
    (SELECT round(avg(m.processing_time_ms), 1) FROM app.processing_metrics AS m) AS average_processing_time_ms,
    count(DISTINCT s.user_id) FILTER (WHERE s.created_at > now() - interval '7 days') AS users_last_7_days
FROM app.processing_sessions AS s WHERE s.status <> 'cancelled';
COMMENT ON VIEW report.figures IS 'The four figures to watch, one row: sessions, share of failed ones, average time of a run, users of the last seven days.';
COMMENT ON COLUMN report.figures.sessions_imported IS 'Sessions, without cancelled ones.';
COMMENT ON COLUMN report.figures.sessions_failed IS 'Sessions whose run failed.';
COMMENT ON COLUMN report.figures.error_rate IS 'Failed sessions / all sessions, a fraction; null without sessions.';
COMMENT ON COLUMN report.figures.average_processing_time_ms IS 'Average milliseconds of a run.';
COMMENT ON COLUMN report.figures.users_last_7_days IS 'Different users who submitted in the last seven days.';

GRANT SELECT ON report.processing_sessions, report.sessions, report.processing_metrics, report.figures
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
