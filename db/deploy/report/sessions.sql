-- Sessions as people see them, with what is computed when read.
-- requires: validation/issues

BEGIN;

CREATE OR REPLACE VIEW report.processing_sessions AS
SELECT s.session_id, s.parent_session_id, s.revision_number, s.user_id, u.user_name, s.session_name, s.status,
    s.source_type, s.car_file_name, s.receipt_file_name, s.month_id, s.programme, m.period_start, m.period_end,
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

CREATE OR REPLACE VIEW report.months AS
SELECT m.month_id, m.programme, m.period_start, m.period_end, m.created_at, c.submissions, c.chains,
    s.session_id AS latest_session_id, s.session_name AS latest_session_name, s.processing_completed_at AS completed_at,
    s.total_employees, s.employees_completed, s.employees_with_issues, s.open_issues, s.total_amount, s.receipt_total,
    s.unknown_card_totals
FROM app.months AS m
LEFT JOIN LATERAL (
    SELECT count(*) AS submissions, count(*) FILTER (WHERE x.parent_session_id IS NULL) AS chains
    FROM app.processing_sessions AS x WHERE x.month_id = m.month_id AND x.status <> 'cancelled'
) AS c ON true
LEFT JOIN report.sessions AS s ON s.session_id = (
    SELECT x.session_id FROM app.processing_sessions AS x
    WHERE x.month_id = m.month_id AND x.status = 'completed'
    ORDER BY x.processing_completed_at DESC, x.session_id DESC LIMIT 1);
COMMENT ON VIEW report.months IS 'One row per month: its period, how often it was submitted, and the newest completed submission with its counts and totals.';
COMMENT ON COLUMN report.months.submissions IS 'Submissions of it, without cancelled ones.';
COMMENT ON COLUMN report.months.chains IS 'Submissions that name no parent: more than one means that the month was handed in again without saying so, or is two programmes.';
COMMENT ON COLUMN report.months.latest_session_id IS 'The newest completed submission; null when none is.';
COMMENT ON COLUMN report.months.latest_session_name IS 'Its name.';
COMMENT ON COLUMN report.months.completed_at IS 'When it was completed.';
SELECT app.describe_columns('report.months', 'app.months');
SELECT app.describe_columns('report.months', 'report.sessions');

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

GRANT SELECT ON report.processing_sessions, report.sessions, report.months, report.processing_metrics, report.figures
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

COMMIT;
