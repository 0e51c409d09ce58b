-- Answers to the checks, and the verdict that is made of them.
-- requires: migration/service_finders
--
-- State of a check  means
-- passed            the newest answer is yes, and counts still
-- waived            two people let it pass until a day
-- failed            the newest answer is no
-- expired           the newest answer was yes, and counts no longer
-- missing           nobody and nothing answered; of a daily check, also that days are still to come

BEGIN;

CREATE OR REPLACE VIEW report.cutover_days AS
SELECT d.day_number, d.day, c.check_code, c.question,
    CASE WHEN a.passed AND (NOT c.covers_day OR d.day >= (now() AT TIME ZONE 'UTC')::date
            OR a.answered_at >= (d.day + 1)::timestamp AT TIME ZONE 'UTC') THEN 'green' WHEN d.day > (now() AT TIME ZONE 'UTC')::date THEN 'to_come' ELSE 'red' END AS state,
    a.evidence, a.note, u.user_name AS answered_by_name, a.answered_at
FROM (
    SELECT n.day_number, (s.since AT TIME ZONE 'UTC')::date + n.day_number AS day
    FROM (
        SELECT e.happened_at AS since FROM app.cutover_events AS e WHERE e.to_state = 'live' ORDER BY e.event_number DESC LIMIT 1
    ) AS s
    CROSS JOIN generate_series(1, 7) AS n (day_number)
) AS d
JOIN app.cutover_checks AS c ON c.kind = 'daily'
LEFT JOIN LATERAL (
    SELECT x.* FROM app.cutover_answers AS x WHERE x.check_code = c.check_code AND x.day = d.day ORDER BY x.answer_id DESC LIMIT 1
) AS a ON true
LEFT JOIN app.users AS u ON u.user_id = a.user_id;
COMMENT ON VIEW report.cutover_days IS 'The days 1 to 7 after going live, last time it was done, each with the answer to every daily check. No row before.';
COMMENT ON COLUMN report.cutover_days.day_number IS 'Number of the day, from 1; the day of going live is 0.';
COMMENT ON COLUMN report.cutover_days.day IS 'The day (UTC).';
COMMENT ON COLUMN report.cutover_days.state IS 'green: the newest answer is yes; red: it is no, there is none, or none since the day is over that it covers; to_come: the day has not begun.';
COMMENT ON COLUMN report.cutover_days.answered_by_name IS 'Name of who answered: the worker, or a person.';
SELECT app.describe_columns('report.cutover_days', 'app.cutover_checks');
SELECT app.describe_columns('report.cutover_days', 'app.cutover_answers');

CREATE OR REPLACE VIEW report.cutover AS
SELECT j.check_code, j.place, j.question, j.origin, j.kind, j.required_for, j.max_age_days, j.may_be_waived, j.state,
    j.state IN ('passed', 'waived') AS is_ok, j.evidence, j.note, j.answered_by_name, j.answered_at, j.counts_until, j.waived_until,
    j.waiver_reason, j.waived_by_name, j.waiver_confirmed_by_name
FROM (
    SELECT c.check_code, c.place, c.question, c.origin, c.kind, c.required_for, c.max_age_days, c.may_be_waived,
        CASE WHEN w.ends_on IS NOT NULL AND NOT b.holds THEN 'waived' WHEN b.holds THEN 'passed'
            WHEN b.is_expired THEN 'expired' WHEN b.is_missing THEN 'missing' ELSE 'failed' END AS state,
        CASE WHEN c.kind = 'daily' THEN jsonb_build_object('green', d.green, 'red', d.red, 'of', 7) ELSE a.evidence END AS evidence,
        a.note, u.user_name AS answered_by_name, a.answered_at, a.counts_until, w.ends_on AS waived_until, w.reason AS waiver_reason,
        p.user_name AS waived_by_name, f.user_name AS waiver_confirmed_by_name
    FROM app.cutover_checks AS c
    LEFT JOIN LATERAL (
        SELECT x.*, least(x.answered_at + c.max_age_days * interval '1 day',
            ((x.valid_until + 1)::timestamp AT TIME ZONE 'UTC'), (
                SELECT min(e.happened_at) FROM app.cutover_events AS e
                WHERE e.happened_at > x.answered_at AND ((c.ends_with_rollback AND e.to_state = 'rolled_back')
                    -- Satisfied with what is in use: who was asked before is asked anew.
                    OR (c.figure_above IS NOT NULL AND e.to_state = 'live')))) AS counts_until
        FROM app.cutover_answers AS x WHERE x.check_code = c.check_code AND c.kind <> 'daily' ORDER BY x.answer_id DESC LIMIT 1
    ) AS a ON true
    LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.state = 'green') AS green, count(*) FILTER (WHERE x.state = 'red') AS red,
            coalesce(max(x.day) < (now() AT TIME ZONE 'UTC')::date, false) AS is_over
        FROM report.cutover_days AS x WHERE x.check_code = c.check_code AND c.kind = 'daily'
    ) AS d ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN c.kind = 'daily' THEN d.green = 7 AND d.is_over ELSE coalesce(a.passed AND statement_timestamp() < coalesce(a.counts_until, 'infinity'), false) END AS holds,
            c.kind <> 'daily' AND a.passed IS TRUE AND statement_timestamp() >= a.counts_until AS is_expired,
            CASE WHEN c.kind = 'daily' THEN d.red = 0 ELSE a.passed IS NULL END AS is_missing
    ) AS b
    LEFT JOIN LATERAL (
        SELECT x.ends_on, x.reason, x.proposed_by, y.decided_by
        FROM app.cutover_proposals AS x JOIN app.cutover_decisions AS y ON y.proposal_id = x.proposal_id AND y.verdict = 'confirmed'
        WHERE x.check_code = c.check_code AND c.may_be_waived AND x.ends_on >= (now() AT TIME ZONE 'UTC')::date
            AND NOT EXISTS (SELECT FROM app.cutover_decisions AS z WHERE z.proposal_id = x.proposal_id AND z.verdict = 'withdrawn')
            -- Of what is asked for on the way to the master: the old program was it again since.
            AND NOT (c.required_for IN ('return', 'live') AND EXISTS (
                SELECT FROM app.cutover_events AS e WHERE e.step = 'roll_back' AND e.event_number > x.event_number))
        ORDER BY x.proposal_id DESC LIMIT 1
    ) AS w ON true
    LEFT JOIN app.users AS u ON u.user_id = a.user_id
    LEFT JOIN app.users AS p ON p.user_id = w.proposed_by
    LEFT JOIN app.users AS f ON f.user_id = w.decided_by
) AS j;
COMMENT ON VIEW report.cutover IS 'The checks of the cut-over with their newest answers: go or no-go, question by question. A waiver stays visible for as long as it counts: until its day, until somebody withdraws it, and, of a check that return or going live asks for, until the next rollback.';
COMMENT ON COLUMN report.cutover.state IS 'passed; waived: two people let it pass; failed; expired: it was yes once; missing: not answered, or days are to come.';
COMMENT ON COLUMN report.cutover.is_ok IS 'Whether it keeps no step from being taken: passed or waived.';
COMMENT ON COLUMN report.cutover.evidence IS 'What the newest answer is built on; of a daily check how many of its days are green and red.';
COMMENT ON COLUMN report.cutover.answered_by_name IS 'Name of who answered, or had it computed.';
COMMENT ON COLUMN report.cutover.counts_until IS 'Until when the newest answer counts; null: without end, or not answered.';
COMMENT ON COLUMN report.cutover.waived_until IS 'The last day (UTC) of the waiver; null: not waived.';
COMMENT ON COLUMN report.cutover.waiver_reason IS 'Why it is waived.';
COMMENT ON COLUMN report.cutover.waived_by_name IS 'Who proposed the waiver.';
COMMENT ON COLUMN report.cutover.waiver_confirmed_by_name IS 'Who confirmed it.';
SELECT app.describe_columns('report.cutover', 'app.cutover_checks');
SELECT app.describe_columns('report.cutover', 'app.cutover_answers');

CREATE OR REPLACE VIEW app.cutover_steps AS
SELECT s.step, s.from_state, s.to_state, s.asks
FROM (
    SELECT x.step, x.from_state, x.to_state, x.asks
    FROM (VALUES ('freeze', 'trial', 'frozen', '{frozen}'::text[]), ('unfreeze', 'frozen', 'trial', '{}'::text[]),
        ('go_live', 'frozen', 'live', '{frozen,live}'::text[]), ('finish', 'live', 'done', '{done}'::text[]))
        AS x (step, from_state, to_state, asks)
    UNION ALL
    -- Back to the state before.
    SELECT 'return', 'rolled_back', e.from_state, CASE WHEN e.from_state = 'live' THEN '{return,old_program_stopped}'::text[] ELSE '{}' END
    FROM (SELECT x.from_state FROM app.cutover_events AS x WHERE x.step = 'roll_back' ORDER BY x.event_number DESC LIMIT 1) AS e
) AS s;
COMMENT ON VIEW app.cutover_steps IS 'The steps that two people take: from which state, to which one, and which checks must hold.';
COMMENT ON COLUMN app.cutover_steps.asks IS 'The checks required for these must hold, or the check itself.';

CREATE OR REPLACE VIEW report.cutover_verdict AS
SELECT n.state, n.since, n.reason, n.by_name, s.step AS next_step, s.to_state AS next_state,
    s.step IS NOT NULL AND v.failing = '{}' AS is_go, coalesce(v.failing, '{}') AS failing,
    ARRAY(SELECT c.check_code FROM report.cutover AS c WHERE c.state = 'waived' ORDER BY c.place) AS waived,
    CASE WHEN n.state = 'live' THEN (now() AT TIME ZONE 'UTC')::date - (n.since AT TIME ZONE 'UTC')::date END AS day_number,
    (SELECT count(*) FROM app.jobs AS j WHERE j.state = 'queued') AS queued_jobs
FROM (
    SELECT coalesce(e.to_state, 'trial') AS state, e.happened_at AS since, e.reason, u.user_name AS by_name
    FROM (SELECT 1) AS one
    LEFT JOIN LATERAL (SELECT x.* FROM app.cutover_events AS x ORDER BY x.event_number DESC LIMIT 1) AS e ON true
    LEFT JOIN app.users AS u ON u.user_id = e.user_id
) AS n
LEFT JOIN app.cutover_steps AS s ON s.from_state = n.state AND s.step <> 'unfreeze'
LEFT JOIN LATERAL (
    SELECT coalesce(array_agg(c.check_code ORDER BY c.place), '{}') AS failing
    FROM report.cutover AS c WHERE s.asks && ARRAY[c.required_for, c.check_code] AND NOT c.is_ok
) AS v ON true;
COMMENT ON VIEW report.cutover_verdict IS 'Go or no-go, one row: the state of the cut-over, its next step, and the required checks that keep it.';
COMMENT ON COLUMN report.cutover_verdict.state IS 'trial, frozen, live, done or rolled_back.';
COMMENT ON COLUMN report.cutover_verdict.since IS 'Since when; null: since ever.';
COMMENT ON COLUMN report.cutover_verdict.reason IS 'Why it is so; null: since ever.';
COMMENT ON COLUMN report.cutover_verdict.by_name IS 'Name of who confirmed the step to it, or rolled back.';
COMMENT ON COLUMN report.cutover_verdict.next_step IS 'The step that leads on: freeze, go_live, finish or return; null when it is done.';
COMMENT ON COLUMN report.cutover_verdict.next_state IS 'The state that it leads to.';
COMMENT ON COLUMN report.cutover_verdict.is_go IS 'Whether nothing keeps that step.';
COMMENT ON COLUMN report.cutover_verdict.failing IS 'The required checks that do, in order.';
COMMENT ON COLUMN report.cutover_verdict.waived IS 'Checks that two people let pass.';
COMMENT ON COLUMN report.cutover_verdict.day_number IS 'Days since going live; null in other states.';
COMMENT ON COLUMN report.cutover_verdict.queued_jobs IS 'Submissions that wait to be processed.';
GRANT SELECT ON report.cutover, report.cutover_days, report.cutover_verdict
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
