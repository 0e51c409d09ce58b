-- What other months do leaves a closed month alone; reopened it is judged by what they say then.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/documents.psql
SELECT plan(7);
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null

-- March shows a receipt that April shows, too.
:as_processor
SELECT api.import_activity(jsonb_build_object('ANNROE', tap.entry('{"car_total": 10}', tap.receipt('{"rec_id": "7", "date": "04/02/2025"}')))::text,
    'April') ->> 'session_id' AS april \gset
SELECT api.import_activity(jsonb_build_object('ANNROE', tap.entry('{"car_total": 10}', tap.receipt('{"rec_id": "7"}')),
    'BEAROE', tap.entry('{"employee_id": "1002"}'))::text, 'March') ->> 'session_id' AS march \gset
:as_tester
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'march' \gset
-- Volatile, so that each look sees what the call before it wrote.
CREATE FUNCTION tap.duplicate(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', i.state, i.version) FROM report.validation_issues AS i
    WHERE i.session_id = p_session AND i.issue_type = 'duplicate_across_cycles';
END;
GRANT EXECUTE ON FUNCTION tap.duplicate(uuid) TO PUBLIC;
SELECT is(tap.duplicate(:'march'), 'open 1', 'the second month says so');
SAVEPOINT open_month;
:as_admin
SELECT s.status FROM report.sessions AS o, api.cancel_session(:'april', o.version) AS s WHERE o.session_id = :'april' \gset
SELECT is(tap.duplicate(:'march'), 'auto_closed 2', 'in an open month it ends with the other month');
ROLLBACK TO SAVEPOINT open_month;

:as_admin
SELECT (api.close_past_month(:'month', m.version)).state FROM report.months AS m WHERE m.month_id = :'month' \gset
SELECT s.status FROM report.sessions AS o, api.cancel_session(:'april', o.version) AS s WHERE o.session_id = :'april' \gset
SELECT is(tap.duplicate(:'march'), 'open 1', 'in a closed month it stays');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and the other month is committed');
SET CONSTRAINTS ALL DEFERRED;
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SELECT (api.reopen_month(:'month', m.version, 'Look again')).state FROM report.months AS m WHERE m.month_id = :'month' \gset
SELECT is(tap.duplicate(:'march'), 'auto_closed 2', 'reopened it is asked again');
:as_tester
SELECT is((SELECT v.cause FROM app.issue_events AS v JOIN app.validation_issues AS i ON i.issue_id = v.issue_id
    WHERE i.session_id = :'march' AND i.rule_code = 'duplicate_across_cycles'), 'month ' || :'month', 'and the event names the cause');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
