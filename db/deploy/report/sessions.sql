-- Sessions as people see them, with what is computed when read.
-- requires: validation/issues

BEGIN;

CREATE OR REPLACE VIEW report.processing_sessions AS
SELECT s.session_id, s.parent_session_id, s.revision_number, s.user_id, u.user_name, s.session_name, s.status,
    s.source_type, s.car_file_name, s.receipt_file_name, s.month_id, m.month_name, s.programme, m.period_start, m.period_end,
    s.period_source, s.status = 'completed' AND NOT EXISTS (
        SELECT FROM app.processing_sessions AS c WHERE c.parent_session_id = s.session_id AND c.status = 'completed') AS is_latest,
    e.total_employees, e.employees_completed, i.employees_with_issues, i.open_issues,
    e.total_amount, e.receipt_total, s.change_summary, s.failure_reason, s.processing_started_at,
    s.processing_completed_at, s.created_at, s.version, e.unknown_card_totals
FROM app.processing_sessions AS s
JOIN app.users AS u ON u.user_id = s.user_id
LEFT JOIN app.months AS m ON m.month_id = s.month_id
-- Left joins of one row each: a reader who asks for none of their columns has them not computed.
LEFT JOIN LATERAL (
    SELECT count(*) AS total_employees, count(*) FILTER (WHERE x.status = 'finished') AS employees_completed,
        CASE WHEN count(*) = 0 THEN 0 ELSE sum(r.car_total) END::numeric(20, 2) AS total_amount,
        coalesce(sum(r.receipt_total), 0)::numeric(20, 2) AS receipt_total,
        count(*) FILTER (WHERE r.car_total IS NULL) AS unknown_card_totals
    FROM app.session_employees AS x
    -- Its session is known: the planner reads the revisions of one session, never all there are.
    JOIN app.employee_revisions AS r ON r.revision_id = x.current_revision_id AND r.session_id = x.session_id
    WHERE x.session_id = s.session_id
        AND NOT r.is_nobody
) AS e ON true
LEFT JOIN LATERAL (
    SELECT count(DISTINCT x.cardholder_id) AS employees_with_issues, count(*) AS open_issues
    FROM app.validation_issues AS x WHERE x.session_id = s.session_id AND x.is_open
) AS i ON true;
COMMENT ON VIEW report.processing_sessions IS 'All sessions, cancelled ones included.';
COMMENT ON COLUMN report.processing_sessions.user_name IS 'Name of who submitted.';
COMMENT ON COLUMN report.processing_sessions.month_name IS 'Name of its month; null while it has none.';
COMMENT ON COLUMN report.processing_sessions.period_start IS 'First day of its month; null while it has none.';
COMMENT ON COLUMN report.processing_sessions.period_end IS 'Last day of its month.';
COMMENT ON COLUMN report.processing_sessions.is_latest IS 'True for the newest completed submission of its chain: what counts of a month.';
COMMENT ON COLUMN report.processing_sessions.total_employees IS 'People in the session.';
COMMENT ON COLUMN report.processing_sessions.employees_completed IS 'People who are finished.';
COMMENT ON COLUMN report.processing_sessions.employees_with_issues IS 'People with at least one open issue, blocking or not.';
COMMENT ON COLUMN report.processing_sessions.open_issues IS 'Open issues.';
COMMENT ON COLUMN report.processing_sessions.total_amount IS 'Sum of the known card totals, in dollars; null when none of them is known. See unknown_card_totals.';
COMMENT ON COLUMN report.processing_sessions.unknown_card_totals IS 'People whose card total is unknown; what they spent is not in total_amount.';
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

GRANT SELECT ON report.processing_sessions, report.sessions, report.processing_metrics
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
