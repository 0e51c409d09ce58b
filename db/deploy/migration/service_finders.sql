-- The functions that answer checks about drills and about the service as it runs, of the moment and of one day.
-- requires: migration/finders
-- requires: documents/duties
-- requires: audit/seals

BEGIN;

CREATE OR REPLACE FUNCTION app.newest_drill(p_kinds text[]) RETURNS report.drills
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- What passed and nobody confirmed says nothing yet, and takes the place of nothing.
    SELECT d.* FROM report.drills AS d WHERE d.kind = ANY (p_kinds)
    ORDER BY d.passed AND d.confirmed_at IS NULL, d.ended_at DESC, d.drill_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.newest_drill(text[]) IS 'The drill of these kinds that ended last of those that are confirmed or failed; else the last one that waits to be confirmed, null when there is none.';

CREATE OR REPLACE FUNCTION app.describe_drill(p_drill report.drills) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN (p_drill).drill_id IS NULL THEN '{"drill": null}' ELSE jsonb_build_object('drill', (p_drill).drill_id,
        'kind', (p_drill).kind, 'passed', (p_drill).passed, 'ended_at', (p_drill).ended_at, 'seconds', (p_drill).seconds,
        'server', (p_drill).server, 'by', (p_drill).user_name, 'confirmed_by', (p_drill).confirmed_by_name, 'figures', (p_drill).figures) END;
END;
COMMENT ON FUNCTION app.describe_drill(report.drills) IS 'A drill as evidence.';

CREATE OR REPLACE FUNCTION app.figure(p_figures jsonb, p_name text) RETURNS numeric
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN jsonb_typeof(p_figures -> p_name) = 'number' THEN (p_figures ->> p_name)::numeric END;
END;
COMMENT ON FUNCTION app.figure(jsonb, text) IS 'A figure that is a number; null for anything else.';

CREATE OR REPLACE FUNCTION app.check_load_drill() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(d.passed AND d.confirmed_at IS NOT NULL AND d.ended_at > clock_timestamp() - interval '90 days'
        AND app.figure(d.figures, 'times_the_volume') >= 10 AND app.figure(d.figures, 'report_seconds') < 120
        AND app.figure(d.figures, 'view_seconds') < 1, false),
        app.describe_drill(d) || '{"wanted": {"times_the_volume": 10, "report_seconds": 120, "view_seconds": 1, "days": 90}}'
    FROM app.newest_drill('{load}') AS d;
END;
COMMENT ON FUNCTION app.check_load_drill() IS 'Whether the newest load drill passed within 90 days, is confirmed by a second person, and has the figures times_the_volume of at least 10, report_seconds below 120 and view_seconds below 1.';

CREATE OR REPLACE FUNCTION app.check_rollback_rehearsed() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(d.passed AND d.confirmed_at IS NOT NULL AND d.ended_at > clock_timestamp() - interval '7 days' AND app.figure(d.figures, 'months') > 0
        AND d.seconds <= app.setting('rollback_minutes') * 60, false),
        app.describe_drill(d) || jsonb_build_object('wanted', jsonb_build_object('days', 7, 'months', 1,
            'seconds', app.setting('rollback_minutes') * 60))
    FROM app.newest_drill('{rehearsal}') AS d;
END;
COMMENT ON FUNCTION app.check_rollback_rehearsed() IS 'Whether the newest rehearsal of the way back passed, is confirmed by a second person, was of a month at least, ended within the last seven days, and took at most rollback_minutes.';

CREATE OR REPLACE FUNCTION app.check_restore_drill() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(d.passed AND d.confirmed_at IS NOT NULL AND d.ended_at > clock_timestamp() - interval '90 days'
        AND app.figure(d.figures, 'backup_bytes') > 0 AND app.figure(d.figures, 'findings') = 0, false),
        app.describe_drill(d) || '{"wanted": {"backup_bytes": 1, "findings": 0, "days": 90}}'
    FROM app.newest_drill('{restore}') AS d;
END;
COMMENT ON FUNCTION app.check_restore_drill() IS 'Whether the newest restore drill passed, is confirmed by a second person, ended within the last 90 days, and has the figures backup_bytes above 0 and findings (of audit.verify() on what was brought back) of 0.';

CREATE OR REPLACE FUNCTION app.check_system_health() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A worker that ended stays silent for a day: each duty needs one that is alive.
    SELECT count(*) FILTER (WHERE w.duty <> 'serving') > 0 AND bool_and(w.is_alive) AND NOT bool_or(r.is_seal_late), jsonb_build_object('duties', count(*),
        'not_done', coalesce(jsonb_agg(w.duty ORDER BY w.duty) FILTER (WHERE NOT w.is_alive), '[]'),
        'is_seal_late', coalesce(bool_or(r.is_seal_late), (SELECT x.is_seal_late FROM report.readiness AS x)))
    FROM (
        SELECT x.duty, bool_or(NOT x.is_silent AND NOT x.is_failing) AS is_alive FROM report.workers AS x GROUP BY x.duty
    ) AS w
    CROSS JOIN report.readiness AS r;
END;
COMMENT ON FUNCTION app.check_system_health() IS 'Whether each duty of the workers is done by one that gave a sign within a minute and does not fail, and sealing is in time. Without a worker it is not, whatever serves.';

CREATE OR REPLACE FUNCTION app.find_runs(p_from timestamptz, p_to timestamptz, p_number integer) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(max(m.processing_time_ms) < 120000, false), jsonb_build_object('runs', count(*),
        'longest_seconds', round(max(m.processing_time_ms) / 1000.0, 1), 'wanted_below', 120)
    FROM (
        SELECT x.processing_time_ms FROM app.processing_metrics AS x
        WHERE x.measured_at >= p_from AND x.measured_at < p_to
        ORDER BY x.measured_at DESC LIMIT p_number
    ) AS m;
END;
COMMENT ON FUNCTION app.find_runs(timestamptz, timestamptz, integer) IS 'Whether the newest runs measured in a time, so many at most, took less than two minutes each; without a run not.';

CREATE OR REPLACE FUNCTION app.check_processing_time() RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.passed, f.evidence FROM app.find_runs('-infinity', 'infinity', 20) AS f;
END;
COMMENT ON FUNCTION app.check_processing_time() IS 'Whether the newest 20 runs took less than two minutes each; without a run not.';

CREATE OR REPLACE FUNCTION app.check_day_health(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Of the moment in which it is asked; the sum over the day is the uptime.
    SELECT f.passed, f.evidence || jsonb_build_object('from', p_from, 'to', p_to)
    FROM app.check_system_health() AS f;
END;
COMMENT ON FUNCTION app.check_day_health(timestamptz, timestamptz) IS 'app.check_system_health, asked on that day.';

CREATE OR REPLACE FUNCTION app.check_day_performance(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A day without a run was not slow.
    SELECT f.passed OR f.evidence -> 'runs' = '0', f.evidence
    FROM app.find_runs(p_from, p_to, 100000) AS f;
END;
COMMENT ON FUNCTION app.check_day_performance(timestamptz, timestamptz) IS 'Whether every run of the day took less than two minutes; a day without a run passes.';

CREATE OR REPLACE FUNCTION app.check_day_uptime(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Whole minutes only: the one that goes on has time left for its sign.
    SELECT coalesce(m.minutes > 0 AND m.with_both > m.minutes * 0.999, false), jsonb_build_object('minutes', m.minutes,
        'with_a_sign_of_both', m.with_both, 'of_the_service', m.of_service, 'of_a_worker', m.of_worker,
        'percent', round(100 * m.with_both / nullif(m.minutes, 0), 3), 'wanted_above', 99.9)
    FROM (
        SELECT t.minutes::numeric AS minutes, s.*
        FROM (SELECT x.last, floor(extract(epoch FROM x.last - date_trunc('minute', p_from)) / 60) AS minutes
              FROM (SELECT date_trunc('minute', least(p_to, clock_timestamp())) AS last) AS x) AS t
        CROSS JOIN LATERAL (
            SELECT count(*) - count(DISTINCT g.minute) AS with_both, count(*) FILTER (WHERE g.part = 'service') AS of_service,
                count(*) FILTER (WHERE g.part = 'worker') AS of_worker
            FROM app.sign_minutes AS g WHERE g.minute >= date_trunc('minute', p_from) AND g.minute < t.last
        ) AS s
    ) AS m;
END;
COMMENT ON FUNCTION app.check_day_uptime(timestamptz, timestamptz) IS 'Whether more than 99.9 % of the whole minutes of the day so far have a sign of life of both the service and a worker.';

CREATE OR REPLACE FUNCTION app.check_day_errors(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Files that were refused are not failures of the program, as in report.figures; a day on which nothing ended passes.
    SELECT e.failed < greatest(e.ended, 1) * 0.001, jsonb_build_object('ended', e.ended, 'failed', e.failed, 'refused', e.refused,
        'percent', round(100.0 * e.failed / nullif(e.ended, 0), 3), 'wanted_below', 0.1)
    FROM (
        SELECT count(*) AS ended, count(*) FILTER (WHERE j.state = 'failed' AND j.failure_code IN
                ('gave_up', 'unforeseen_error', 'interrupted', 'time_limit')) AS failed,
            count(*) FILTER (WHERE j.state = 'failed' AND j.failure_code NOT IN
                ('gave_up', 'unforeseen_error', 'interrupted', 'time_limit', 'wrong_state')) AS refused
        FROM app.jobs AS j WHERE j.finished_at >= p_from AND j.finished_at < p_to
    ) AS e;
END;
COMMENT ON FUNCTION app.check_day_errors(timestamptz, timestamptz) IS 'Whether less than 0.1 % of the runs that ended on the day failed by a fault of the program.';

CREATE OR REPLACE FUNCTION app.check_day_accuracy(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.passed, f.evidence || jsonb_build_object('from', p_from, 'to', p_to)
    FROM app.check_accuracy() AS f;
END;
COMMENT ON FUNCTION app.check_day_accuracy(timestamptz, timestamptz) IS 'app.check_accuracy, asked on that day.';

COMMIT;
