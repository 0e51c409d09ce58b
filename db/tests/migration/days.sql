-- The days 1 to 7 after going live: the worker answers, a day without an answer is red, and all green is what done asks for.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/cutover.psql
SELECT no_plan();
:as_tester
CREATE FUNCTION tap.states_of(p_check text) RETURNS text LANGUAGE sql VOLATILE
RETURN (SELECT string_agg(d.state, ' ' ORDER BY d.day_number) FROM report.cutover_days AS d WHERE d.check_code = p_check);
-- Live, so many days ago.
CREATE FUNCTION tap.live_since(p_days integer) RETURNS void LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.cutover_events (event_number, step, from_state, to_state, proposal_id, reason, verdict, happened_at)
    VALUES (coalesce((SELECT max(e.event_number) FROM app.cutover_events AS e), 0) + 1, 'go_live', 'frozen', 'live',
        app.propose_cutover('go_live', NULL, 'as told', NULL), 'as told', '{}', now() - p_days * interval '1 day');
END;
CREATE FUNCTION tap.asked() RETURNS text LANGUAGE sql VOLATILE
RETURN (SELECT string_agg(DISTINCT x.check_code, ' ' ORDER BY x.check_code) FROM app.cutover_answers AS x WHERE x.answer_id > (
    SELECT a.answer_id FROM app.cutover_answers AS a WHERE a.check_code = 'daily_performance' AND a.evidence -> 'is_over_time' = 'false'
    ORDER BY a.answer_id DESC LIMIT 1));
CREATE FUNCTION tap.answers_before() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (SELECT count(*) FROM app.cutover_answers AS x WHERE x.check_code = 'daily_performance' AND x.day = (now() AT TIME ZONE 'UTC')::date - 2);
GRANT EXECUTE ON FUNCTION tap.live_since(integer), tap.asked(), tap.answers_before() TO ccp_owner;

:as_worker
SELECT is(api.run_cutover_day(), 0, 'before going live there is nothing to answer');
:as_tester
SELECT is_empty('SELECT d.day FROM report.cutover_days AS d', 'and no day');
:as_owner
SELECT tap.live_since(0) \g /dev/null
:as_worker
SELECT is(api.run_cutover_day(), 0, 'the day of going live is day 0');
:as_tester
SELECT is(tap.states_of('daily_health'), 'to_come to_come to_come to_come to_come to_come to_come', 'all seven are to come');

-- The second day: the first is over, and nobody answered.
:as_owner
UPDATE app.settings SET value = maximum WHERE setting_name = 'seal_lag_alarm_minutes';
SELECT tap.live_since(2) \g /dev/null
:as_tester
SELECT is(tap.states_of('daily_health'), 'red red to_come to_come to_come to_come to_come', 'a day without an answer is red, the one that goes on, too');
:as_worker
SELECT api.record_duty('w:1', 'jobs', 0.5, 1, NULL, 0, NULL) \g /dev/null
SELECT is(api.run_cutover_day(), 8, 'the worker answers five checks of today, and three that cover the day before');
:as_tester
SELECT is(tap.states_of('daily_health'), 'red green to_come to_come to_come to_come to_come', 'what is of the moment is not made up for');
SELECT is(tap.states_of('daily_performance'), 'green green to_come to_come to_come to_come to_come', 'what covers a day is');
SELECT is(tap.states_of('daily_uptime'), 'red red to_come to_come to_come to_come to_come', 'a day of which few minutes have a sign is red');
SELECT is(tap.states_of('daily_accuracy'), 'red red to_come to_come to_come to_come to_come', 'without a comparison it is no');
SELECT is(tap.states_of('daily_feedback'), 'red red to_come to_come to_come to_come to_come', 'what a person answers waits for one');
:as_worker
SELECT is(api.run_cutover_day(), 5, 'a day that is over is answered once');
:as_tester
SELECT max(d.day) FILTER (WHERE d.day_number = 1) AS one, max(d.day) FILTER (WHERE d.day_number = 2) AS two,
    max(d.day) FILTER (WHERE d.day_number = 3) AS three FROM report.cutover_days AS d \gset
:as_reviewer
SELECT lives_ok(format('SELECT api.sign_cutover_check(''daily_feedback'', true, ''Two calls, both answered'', p_day => %L)', :'one'), 'a day is signed later, too');
SELECT lives_ok(format('SELECT api.sign_cutover_check(''daily_feedback'', false, ''Nobody asked'', p_day => %L)', :'two'), 'yes or no');
SELECT throws_ok(format('SELECT api.sign_cutover_check(''daily_feedback'', true, ''x'', p_day => %L)', :'three'), 'IV008', NULL, 'a day that has not begun is not');
SELECT throws_ok($$SELECT api.sign_cutover_check('daily_feedback', true, 'x')$$, 'IV008', NULL, 'nor no day');
SELECT throws_ok(format('SELECT api.sign_cutover_check(''daily_feedback'', true, ''x'', %L, p_day => %L)', :'two', :'two'), 'IV008', NULL, 'a day has no end of its own');
SELECT throws_ok(format('SELECT api.sign_cutover_check(''daily_uptime'', true, ''x'', p_day => %L)', :'two'), 'IV008', NULL, 'nobody signs what is computed');
:as_tester
SELECT is(tap.states_of('daily_feedback'), 'green red to_come to_come to_come to_come to_come', 'as was signed');
SELECT results_eq($$SELECT c.state, c.evidence FROM report.cutover AS c WHERE c.check_code = 'daily_feedback'$$,
    $$VALUES ('failed', '{"green": 1, "red": 1, "of": 7}'::jsonb)$$, 'one red day is no');
SELECT is((SELECT c.state FROM report.cutover AS c WHERE c.check_code = 'daily_performance'), 'missing', 'green ones and days to come are not yet yes');

-- A check that fails, and one that takes longer than the time limit, keep no other from being asked.
SAVEPOINT sound;
:as_owner
CREATE OR REPLACE FUNCTION app.check_day_performance(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE plpgsql STABLE SET search_path = '' AS 'BEGIN PERFORM 1 / 0; END';
:as_worker
SELECT is(api.run_cutover_day(), 5, 'one that fails is answered like the others');
:as_tester
SELECT results_eq($$SELECT d.state, d.evidence FROM report.cutover_days AS d WHERE d.check_code = 'daily_performance' AND d.day_number = 2$$,
    $$VALUES ('red', '{"error": "ended by 22012 in app.check_day_performance", "is_over_time": false}'::jsonb)$$, 'it says no, and what ended it');
SELECT is(tap.states_of('daily_health'), 'red green to_come to_come to_come to_come to_come', 'the others say what they find');
:as_owner
CREATE OR REPLACE FUNCTION app.check_day_performance(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE plpgsql STABLE SET search_path = '' AS $$BEGIN RAISE EXCEPTION USING ERRCODE = 'query_canceled'; END$$;
:as_worker
SELECT api.run_cutover_day() AS first \gset
:as_worker
SELECT api.run_cutover_day() AS second \gset
:as_owner
SELECT ok((:first, :second) = (2, 5), 'one that takes too long ends the turn');
SELECT is(tap.asked(), 'daily_accuracy daily_error_rate daily_health daily_performance daily_uptime', 'the next turn begins with those that were not asked');
-- Of a day that is over.
SELECT tap.live_since(3) \g /dev/null
CREATE OR REPLACE FUNCTION app.check_day_performance(p_from timestamptz, p_to timestamptz) RETURNS app.cutover_finding
LANGUAGE plpgsql STABLE SET search_path = '' AS 'BEGIN PERFORM 1 / 0; END';
SELECT tap.answers_before() AS before \gset
:as_worker
SELECT count(*) FROM (SELECT api.run_cutover_day() FROM generate_series(1, 5)) AS turns \g /dev/null
:as_owner
SELECT is(tap.answers_before() - :before, 3::bigint, 'one that fails is asked three times, and not without end');
:as_tester
ROLLBACK TO SAVEPOINT sound;

-- Seven green days.
:as_owner
SELECT tap.live_since(7) \g /dev/null
INSERT INTO app.cutover_answers (check_code, day, passed)
SELECT d.check_code, d.day, true FROM report.cutover_days AS d WHERE d.check_code = 'daily_incidents';
INSERT INTO app.cutover_answers (check_code, day, passed, answered_at)
SELECT d.check_code, d.day, true, (d.day::timestamp + interval '12 hours') AT TIME ZONE 'UTC'
FROM report.cutover_days AS d WHERE d.check_code = 'daily_performance' AND d.day_number < 6;
:as_tester
SELECT is(tap.states_of('daily_performance'), 'red red red red red green green', 'what covers a day is answered when that is over; the seventh goes on');
SELECT is((SELECT c.state FROM report.cutover AS c WHERE c.check_code = 'daily_incidents'), 'missing', 'and is not over');
:as_owner
SELECT tap.live_since(8) \g /dev/null
INSERT INTO app.cutover_answers (check_code, day, passed)
SELECT d.check_code, d.day, true FROM report.cutover_days AS d WHERE d.check_code IN ('daily_health', 'daily_incidents');
:as_tester
SELECT is((SELECT c.state FROM report.cutover AS c WHERE c.check_code = 'daily_health'), 'passed', 'seven green days are yes');
SELECT is((SELECT v.day_number FROM report.cutover_verdict AS v), 8, 'on the eighth day');
:as_worker
SELECT is(api.run_cutover_day(), 18, 'of seven days that are over those that cover a day are answered, but what was answered before');
:as_owner
SELECT tap.step_to('rolled_back') \g /dev/null
:as_worker
SELECT is(api.run_cutover_day(), 0, 'rolled back nothing is answered');
:as_tester
SELECT * FROM finish();
ROLLBACK;
