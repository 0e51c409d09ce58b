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
GRANT EXECUTE ON FUNCTION tap.live_since(integer) TO ccp_owner;

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
