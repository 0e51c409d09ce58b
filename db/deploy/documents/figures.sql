-- The figures to watch.
-- requires: documents/report
-- requires: report/months

BEGIN;

CREATE OR REPLACE VIEW report.figures AS
SELECT (SELECT count(*) FROM app.months AS m WHERE EXISTS (
        SELECT FROM app.processing_sessions AS x WHERE x.month_id = m.month_id AND x.status = 'completed')) AS months_imported,
    f.sessions_imported, f.sessions_failed, f.sessions_refused,
    round(f.sessions_failed / nullif(f.sessions_imported, 0)::numeric, 4) AS error_rate,
    (SELECT round(avg(p.processing_time_ms), 1) FROM app.processing_metrics AS p) AS average_processing_time_ms,
    f.users_last_7_days
FROM (
    SELECT count(*) AS sessions_imported,
        count(*) FILTER (WHERE s.status = 'failed' AND j.is_refused IS NOT TRUE) AS sessions_failed,
        count(*) FILTER (WHERE s.status = 'failed' AND j.is_refused) AS sessions_refused,
        count(DISTINCT s.user_id) FILTER (WHERE s.created_at > now() - interval '7 days') AS users_last_7_days
    FROM app.processing_sessions AS s
    LEFT JOIN LATERAL (
        SELECT x.failure_code NOT IN ('gave_up', 'unforeseen_error', 'interrupted', 'time_limit') AS is_refused
        FROM app.jobs AS x WHERE x.session_id = s.session_id AND x.failure_code IS NOT NULL
        ORDER BY x.queued_at DESC LIMIT 1
    ) AS j ON true
    WHERE s.status <> 'cancelled'
) AS f;
COMMENT ON VIEW report.figures IS 'The figures to watch, one row: months and the submissions of them, share of those that failed by a fault of ours, average time of a run, users of the last seven days.';
COMMENT ON COLUMN report.figures.months_imported IS 'Months with a completed submission: a month counts once, however often it was submitted.';
COMMENT ON COLUMN report.figures.sessions_imported IS 'Sessions, without cancelled ones.';
COMMENT ON COLUMN report.figures.sessions_failed IS 'Sessions whose run failed, not by their files: reading them was begun as often as is allowed and never came to an end, or another defect of the program.';
COMMENT ON COLUMN report.figures.sessions_refused IS 'Sessions whose files were refused: damaged, of another kind, contradicting each other. The program did what it should.';
COMMENT ON COLUMN report.figures.error_rate IS 'Failed sessions / all sessions, a fraction; null without sessions.';
COMMENT ON COLUMN report.figures.average_processing_time_ms IS 'Average milliseconds of a run.';
COMMENT ON COLUMN report.figures.users_last_7_days IS 'Different users who submitted in the last seven days.';
GRANT SELECT ON report.figures TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
