-- What a monitoring system asks again and again: figures of now, in one statement whose cost does not follow the history.
-- requires: documents/duties
-- requires: report/months
-- requires: outputs/mirror
-- requires: outbox/delivery
-- requires: migration/drills

BEGIN;

CREATE OR REPLACE VIEW report.metrics AS
WITH
day_ago AS (SELECT now() - interval '1 day' AS instant),
-- The newest submission of each open month: what people work on.
worked AS MATERIALIZED (
    SELECT m.month_id, n.session_id
    FROM app.months AS m
    CROSS JOIN LATERAL (
        SELECT s.session_id FROM app.processing_sessions AS s
        WHERE s.month_id = m.month_id AND s.status = 'completed'
        ORDER BY s.processing_completed_at DESC, s.session_id DESC LIMIT 1) AS n
    WHERE m.state = 'open'
),
-- Each newest by its key, however many there are.
drill_kinds (kind) AS (
    VALUES ('backup'), ('failover'), ('load'), ('rehearsal'), ('restore'), ('rollback'), ('verify')
),
samples (metric, help, labels, value) AS (
    SELECT 'ccp_months', 'Months, by state.', jsonb_build_object('state', m.state), count(*)::numeric
    FROM app.months AS m GROUP BY m.state
    UNION ALL
    SELECT 'ccp_people', 'People of open months, by status.', jsonb_build_object('status', e.status), count(*)
    FROM worked AS w JOIN app.session_employees AS e ON e.session_id = w.session_id GROUP BY e.status
    UNION ALL
    SELECT 'ccp_open_issues', 'Open issues of open months, by rule and severity.',
        jsonb_build_object('rule', i.rule_code, 'severity', i.severity), count(*)
    FROM worked AS w JOIN app.validation_issues AS i ON i.session_id = w.session_id AND i.is_open
    GROUP BY i.rule_code, i.severity
    UNION ALL
    SELECT 'ccp_people_with_issues_ratio',
        'Share of people with an open issue when a month was first completed: the newest month, and the three before.',
        jsonb_build_object('months', r.months), round(sum(r.with_issues) / nullif(sum(r.people), 0), 4)
    FROM (
        SELECT CASE WHEN row_number() OVER (ORDER BY m.period_start DESC, m.month_id) = 1 THEN 'newest' ELSE 'before' END AS months,
            n.people, n.with_issues
        FROM (SELECT x.month_id, x.period_start FROM app.months AS x
              ORDER BY x.period_start DESC, x.month_id LIMIT 4) AS m
        CROSS JOIN LATERAL (
            SELECT s.session_id FROM app.processing_sessions AS s WHERE s.month_id = m.month_id AND s.status = 'completed'
            ORDER BY s.processing_completed_at, s.session_id LIMIT 1) AS f
        CROSS JOIN LATERAL (
            SELECT count(*) AS people, count(*) FILTER (WHERE EXISTS (
                SELECT FROM app.validation_issues AS i
                WHERE i.session_id = e.session_id AND i.cardholder_id = e.cardholder_id)) AS with_issues
            FROM app.session_employees AS e WHERE e.session_id = f.session_id) AS n
    ) AS r GROUP BY r.months
    UNION ALL
    SELECT 'ccp_issue_steps_last_day', 'Steps of issues in the last 24 hours, by the state they led to and the method.',
        jsonb_build_object('state', v.to_state, 'method', coalesce(v.method, '')), count(*)
    FROM day_ago AS d JOIN app.issue_events AS v ON v.happened_at > d.instant GROUP BY v.to_state, v.method
    UNION ALL
    SELECT 'ccp_runs_last_half_hour', 'Runs of PDFs that ended in the last 30 minutes: well, refused for their files, or failed by a fault of ours.',
        jsonb_build_object('outcome', o.outcome), count(j.job_id)
    FROM (VALUES ('done'), ('refused'), ('failed')) AS o (outcome)
    LEFT JOIN app.jobs AS j ON j.finished_at > now() - interval '30 minutes' AND o.outcome = CASE
        WHEN j.state = 'done' THEN 'done'
        WHEN j.failure_code IN ('gave_up', 'unforeseen_error', 'interrupted', 'time_limit') THEN 'failed'
        ELSE 'refused' END
    GROUP BY o.outcome
    UNION ALL
    SELECT 'ccp_sessions_last_day', 'Submissions of the last 24 hours, by status.',
        jsonb_build_object('status', s.status), count(*)
    FROM day_ago AS d JOIN app.processing_sessions AS s ON s.created_at > d.instant GROUP BY s.status
    UNION ALL
    SELECT 'ccp_run_seconds_last_day', 'Mean duration of the runs of the last 24 hours, in seconds; absent without any.', '{}',
        round(avg(p.processing_time_ms) / 1000, 3)
    FROM day_ago AS d JOIN app.processing_sessions AS s ON s.created_at > d.instant
        JOIN app.processing_metrics AS p ON p.session_id = s.session_id
    UNION ALL
    SELECT 'ccp_pages_last_day', 'Pages of documents handed in in the last 24 hours, by kind of document.',
        jsonb_build_object('kind', f.kind), sum(o.page_count)
    FROM day_ago AS d JOIN app.processing_sessions AS s ON s.created_at > d.instant
        JOIN app.session_documents AS f ON f.session_id = s.session_id
        JOIN app.documents AS o ON o.document_id = f.document_id
    GROUP BY f.kind
    UNION ALL
    SELECT 'ccp_users_last_week', 'Different users who handed something in in the last seven days.', '{}',
        count(DISTINCT s.user_id)
    FROM app.processing_sessions AS s WHERE s.created_at > now() - interval '7 days'
    UNION ALL
    SELECT 'ccp_jobs', 'Jobs that wait or run.', jsonb_build_object('state', t.state), count(j.job_id)
    FROM (VALUES ('queued'), ('running')) AS t (state) LEFT JOIN app.jobs AS j ON j.state = t.state GROUP BY t.state
    UNION ALL
    SELECT 'ccp_job_wait_seconds', 'For how long the oldest waiting job has waited; 0 without one.', '{}',
        coalesce(max(extract(epoch FROM now() - j.queued_at)), 0)
    FROM app.jobs AS j WHERE j.state = 'queued'
    UNION ALL
    SELECT 'ccp_messages_waiting', 'Messages that wait to be sent.', '{}', count(*)
    FROM app.outbox AS o WHERE o.state = 'pending'
    UNION ALL
    -- A worker without a mail server has no such duty, and then nothing is late.
    SELECT 'ccp_message_wait_seconds', 'For how long the oldest of them has waited, 0 without one; absent where no worker of the last day sends mail.', '{}',
        coalesce(max(extract(epoch FROM now() - o.created_at)), 0)
    FROM app.outbox AS o WHERE o.state = 'pending'
    HAVING EXISTS (SELECT FROM app.worker_duties AS d WHERE d.duty = 'mail')
    UNION ALL
    -- The next attempt was put off once more, by six hours at most, when it was given up.
    SELECT 'ccp_messages_failed_last_day', 'Messages given up in the last 24 to 30 hours.', '{}', count(*)
    FROM app.outbox AS o WHERE o.state = 'failed' AND o.next_attempt_at > now() - interval '24 hours'
    UNION ALL
    SELECT 'ccp_duty_sign_seconds', 'Age of the last sign of life of a duty of the workers, that of the liveliest worker.',
        jsonb_build_object('duty', d.duty), extract(epoch FROM now() - max(d.last_sign_at))
    FROM app.worker_duties AS d GROUP BY d.duty
    UNION ALL
    SELECT 'ccp_duty_failures', 'Turns of a duty that failed since the last that did not, summed over workers that live.',
        jsonb_build_object('duty', d.duty), sum(d.failures)
    FROM app.worker_duties AS d WHERE d.last_sign_at > now() - interval '1 minute' GROUP BY d.duty
    UNION ALL
    SELECT 'ccp_workers', 'Workers that gave a sign within a minute.', '{}', count(DISTINCT d.worker_name)
    FROM app.worker_duties AS d WHERE d.last_sign_at > now() - interval '1 minute' AND d.duty <> 'serving'
    UNION ALL
    SELECT 'ccp_seal_lag_seconds', 'Age of the oldest commit that no seal covers; 0 when all is sealed.', '{}',
        extract(epoch FROM s.lag)
    FROM report.seal_status AS s
    UNION ALL
    SELECT 'ccp_mirror_behind_seconds', 'For how long the database has said something that a file of the mirror does not.',
        '{}', max(extract(epoch FROM m.behind_by))
    FROM report.mirror_state AS m WHERE m.state IS NOT NULL
    UNION ALL
    SELECT 'ccp_drill_age_seconds', 'Age of the newest drill that held, by kind; absent while none ever did.',
        jsonb_build_object('kind', k.kind), extract(epoch FROM now() - n.ended_at)
    FROM drill_kinds AS k
    CROSS JOIN LATERAL (
        SELECT d.ended_at FROM app.drills AS d WHERE d.kind = k.kind AND d.passed
        ORDER BY d.ended_at DESC LIMIT 1) AS n
    UNION ALL
    SELECT 'ccp_drill_passed', '1 when the newest drill held, 0 when it did not, by kind; absent without any.',
        jsonb_build_object('kind', k.kind), n.passed::integer
    FROM drill_kinds AS k
    CROSS JOIN LATERAL (
        SELECT d.passed FROM app.drills AS d WHERE d.kind = k.kind
        ORDER BY d.ended_at DESC, d.drill_id DESC LIMIT 1) AS n
    UNION ALL
    SELECT 'ccp_standby_replay_seconds', 'On a standby: age of the newest change it shows, also when the primary is quiet.', '{}',
        extract(epoch FROM now() - pg_last_xact_replay_timestamp())
    WHERE pg_is_in_recovery()
)
SELECT s.metric, s.labels, s.value, s.help FROM samples AS s WHERE s.value IS NOT NULL;
COMMENT ON VIEW report.metrics IS 'Figures of now for a monitoring system, one row each: of open months, of the last day, of what waits and who works. No person, card or session is named. The service gives them at /metrics beside its own.';
COMMENT ON COLUMN report.metrics.metric IS 'Name, as Prometheus writes it, with its unit.';
COMMENT ON COLUMN report.metrics.labels IS 'Names and values that tell samples of one metric apart; of few values each.';
COMMENT ON COLUMN report.metrics.value IS 'The value.';
COMMENT ON COLUMN report.metrics.help IS 'What it counts.';
GRANT SELECT ON report.metrics TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
