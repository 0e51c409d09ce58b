-- Steps and waivers take two people, one rolls back, done is final, and each step keeps what the checks said.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/cutover.psql
SELECT no_plan();
\set as_second_admin 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = ''ava'';'
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
:as_tester
CREATE FUNCTION tap.refused(p_step text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM api.propose_cutover_step(p_step, 'x');
    RETURN 'proposed';
EXCEPTION WHEN SQLSTATE 'RL150' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
CREATE FUNCTION tap.propose(p_step text) RETURNS uuid LANGUAGE sql VOLATILE
RETURN (api.propose_cutover_step(p_step, 'as told')).proposal_id;
CREATE FUNCTION tap.now_is(p_state text) RETURNS boolean LANGUAGE sql VOLATILE
RETURN (SELECT v.state = p_state FROM report.cutover_verdict AS v);
CREATE FUNCTION tap.check_is(p_check text) RETURNS text LANGUAGE sql VOLATILE
RETURN (SELECT c.state FROM report.cutover AS c WHERE c.check_code = p_check);

CREATE FUNCTION tap.satisfied(p_days integer) RETURNS text LANGUAGE sql VOLATILE
RETURN (api.sign_cutover_check('user_satisfaction', true, 'Asked', (now() AT TIME ZONE 'UTC')::date,
    jsonb_build_object('share', 91, 'people', 9, 'asked_on', (now() AT TIME ZONE 'UTC')::date - p_days))).state;

-- The trial.
:as_admin
SELECT matches(tap.refused('freeze'), 'history_complete|old file(.|\n)*checks.trial_sealed: (.|\n)*checks.end_to_end: ', 'what keeps a step is named, all of it');
SELECT is((SELECT count(*) FROM report.cutover_proposals AS p), 0::bigint, 'and nothing is proposed');
SELECT throws_ok($$SELECT api.propose_cutover_step('go_live', 'x')$$, 'ST002', NULL, 'no state is left out');
SELECT throws_ok($$SELECT api.propose_cutover_step('roll_back', 'x')$$, 'IV008', NULL, 'rolling back is not proposed');
SELECT throws_ok($$SELECT api.propose_cutover_step(NULL, 'x')$$, 'IV008', NULL, 'a step has a name');
SELECT throws_ok($$SELECT api.propose_cutover_step('freeze', ' ')$$, 'IV008', NULL, 'and a reason');
SELECT throws_ok($$SELECT api.roll_back_cutover('x')$$, 'ST002', NULL, 'a trial has no way back');

-- Waivers.
SELECT throws_ok($$SELECT api.propose_check_waiver('no_card_numbers', 'x', current_date)$$, 'RL151', NULL, 'some checks are never waived');
SELECT throws_ok($$SELECT api.propose_check_waiver('other', 'x', current_date)$$, 'NF150', NULL, 'nor what is no check');
SELECT throws_ok($$SELECT api.propose_check_waiver('end_to_end', 'x', (now() AT TIME ZONE 'UTC')::date - 1)$$, 'IV008', NULL, 'a waiver ends in time');
SELECT throws_ok($$SELECT api.propose_check_waiver('end_to_end', 'x', (now() AT TIME ZONE 'UTC')::date + 367)$$, 'IV008', NULL, 'not too late');
SELECT throws_ok($$SELECT api.propose_check_waiver('end_to_end', 'x', NULL)$$, 'IV008', NULL, 'at all');
SELECT p.proposal_id AS waiver FROM api.propose_check_waiver('end_to_end', 'The suite runs at night', (now() AT TIME ZONE 'UTC')::date, 'w') AS p \gset
SELECT is((api.propose_check_waiver('end_to_end', 'The suite runs at night', (now() AT TIME ZONE 'UTC')::date, 'w')).proposal_id, :'waiver', 'the same request is one proposal');
SELECT is(tap.check_is('end_to_end'), 'missing', 'a proposal lets nothing pass');
SELECT throws_ok(format('SELECT api.confirm_cutover(%L)', :'waiver'), 'PM150', NULL, 'nobody confirms their own');
:as_owner
SELECT throws_ok(format($$INSERT INTO app.cutover_decisions (proposal_id, proposed_by, verdict, decided_by)
    SELECT p.proposal_id, p.proposed_by, 'confirmed', p.proposed_by FROM app.cutover_proposals AS p WHERE p.proposal_id = %L$$, :'waiver'),
    '23514', NULL, 'nor around the calls');
:as_processor
SELECT throws_ok(format('SELECT api.confirm_cutover(%L)', :'waiver'), '42501', NULL, 'a processor confirms nothing');
:as_reviewer
SELECT throws_ok($$SELECT api.propose_check_waiver('end_to_end', 'x', current_date)$$, '42501', NULL, 'a reviewer proposes nothing');
SELECT throws_ok($$SELECT api.confirm_cutover('00000000-0000-7000-8000-00000000000a')$$, 'NF151', NULL, 'what is not proposed is not confirmed');
SELECT is((api.confirm_cutover(:'waiver', 'Seen')).state, 'confirmed', 'a second person confirms');
SELECT results_eq($$SELECT c.state, c.is_ok, c.waiver_reason, c.waived_by_name, c.waiver_confirmed_by_name FROM report.cutover AS c WHERE c.check_code = 'end_to_end'$$,
    $$VALUES ('waived', true, 'The suite runs at night', 'ada', 'rex')$$, 'and it stays visible');
SELECT throws_ok(format('SELECT api.confirm_cutover(%L)', :'waiver'), 'ST002', NULL, 'once');
SELECT is((api.reject_cutover(:'waiver', 'It does not')).state, 'withdrawn', 'one person withdraws it');
SELECT is(tap.check_is('end_to_end'), 'missing', 'then it lets nothing pass any more');
SELECT throws_ok(format('SELECT api.reject_cutover(%L, ''x'')', :'waiver'), 'ST002', NULL, 'what is withdrawn is withdrawn');
SELECT is((api.sign_cutover_check('end_to_end', true, 'All pass', (now() AT TIME ZONE 'UTC')::date)).state, 'passed', 'what passes by itself needs none');

-- Frozen, by what no check stands before; from here the states alone.
:as_owner
SELECT tap.step_to('frozen') \g /dev/null
:as_admin
SELECT tap.propose('unfreeze') AS unfreeze \gset
SELECT throws_ok(format('SELECT api.confirm_cutover(%L)', :'unfreeze'), 'PM150', NULL, 'a freeze is lifted by two');
SELECT is((api.reject_cutover(:'unfreeze', 'Not yet')).state, 'rejected', 'one takes the own proposal back');
SELECT tap.propose('unfreeze') AS unfreeze, tap.propose('unfreeze') AS twice \gset
:as_second_admin
SELECT is((api.confirm_cutover(:'unfreeze')).state, 'confirmed', 'another administrator confirms');
SELECT ok(tap.now_is('trial'), 'and it is a trial again');
SELECT throws_ok(format('SELECT api.confirm_cutover(%L)', :'twice'), 'ST002', NULL, 'what was proposed in another state is overtaken');
SELECT is((SELECT p.state FROM report.cutover_proposals AS p WHERE p.proposal_id = :'twice'), 'overtaken', 'and shown so');
:as_owner
SELECT tap.step_to('frozen') \g /dev/null
:as_admin
SELECT throws_ok($$SELECT api.propose_cutover_step('go_live', 'x')$$, 'RL150', NULL, 'going live needs the verdict');

-- Rolled back by one, returned by two to the state before.
SELECT throws_ok($$SELECT api.roll_back_cutover(' ')$$, 'IV008', NULL, 'rolling back has a reason');
SELECT results_eq($$SELECT v.state, v.reason, v.by_name, v.next_step, v.next_state, v.is_go FROM api.roll_back_cutover('Totals are wrong', 'back') AS v$$,
    $$VALUES ('rolled_back', 'Totals are wrong', 'ada', 'return', 'frozen', true)$$, 'one administrator rolls back');
SELECT is((api.roll_back_cutover('Totals are wrong', 'back')).state, 'rolled_back', 'the same request once');
SELECT throws_ok($$SELECT api.roll_back_cutover('x')$$, 'ST002', NULL, 'it is rolled back');
SELECT throws_ok($$SELECT api.propose_cutover_step('go_live', 'x')$$, 'ST002', NULL, 'there is one way on');
SELECT tap.propose('return') AS back \gset
:as_reviewer
SELECT is((api.confirm_cutover(:'back')).state, 'confirmed', 'a reviewer confirms');
SELECT ok(tap.now_is('frozen'), 'and it is as before');
:as_admin
\set stopped 'SELECT (api.sign_cutover_check(''old_program_stopped'', true, ''Stopped'', (now() AT TIME ZONE ''UTC'')::date)).state'
SELECT results_eq(:'stopped', $$VALUES ('passed')$$, 'the old program has stopped');
SELECT is(tap.satisfied(60), 'passed', 'users may be asked before, as long ago as an answer counts');
SELECT throws_ok('SELECT tap.satisfied(61)', 'IV008', NULL, 'and not longer');
:as_owner
SELECT tap.step_to('live'), tap.step_to('rolled_back') \g /dev/null
:as_admin
SELECT is((SELECT c.state FROM report.cutover AS c WHERE c.check_code = 'old_program_stopped'), 'expired', 'rolled back that says nothing any more');
SELECT is(tap.check_is('user_satisfaction'), 'expired', 'nor what users said of what was not in use yet');
SELECT throws_ok('SELECT tap.satisfied(1)', 'IV008', NULL, 'they are asked since it is');
SELECT matches(tap.refused('return'), 'in the old program any more.*, got expired(.|\n)*Is what the old program did meanwhile here, and compared.*, got failed',
    'back to live it is asked anew, and for the old results');
SELECT results_eq(:'stopped', $$VALUES ('passed')$$, 'it has stopped again');
SELECT is(tap.refused('return'), 'expected yes: Is what the old program did meanwhile here, and compared?, got failed', 'and only the old results are missing');
SELECT p.proposal_id AS waiver FROM api.propose_check_waiver('meantime_compared', 'Nothing was run there', (now() AT TIME ZONE 'UTC')::date) AS p \gset
:as_second_admin
SELECT api.confirm_cutover(:'waiver') \g /dev/null
:as_admin
SELECT tap.propose('return') AS back \gset
:as_second_admin
SELECT api.confirm_cutover(:'back') \g /dev/null
SELECT ok(tap.now_is('live'), 'or two who say that there is nothing');
SELECT is((SELECT e.verdict #>> '{meantime_compared,waiver_reason}' FROM report.cutover_events AS e ORDER BY e.event_number DESC LIMIT 1),
    'Nothing was run there', 'the step keeps what every check said');
-- What was waived on one way back says nothing of the next.
:as_owner
SELECT tap.step_to('rolled_back') \g /dev/null
:as_admin
SELECT matches(tap.refused('return'), 'expected yes: Is what the old program did meanwhile here, and compared\?, got failed',
    'rolled back again nobody said yet that nothing was run there');
:as_owner
SELECT tap.step_to('live') \g /dev/null
:as_admin
SELECT matches(tap.refused('finish'), 'satisfied(.|\n)*checks.daily_health: (.|\n)*checks.daily_feedback: ', 'done needs its days');

:as_tester
SELECT * FROM finish();
ROLLBACK;
