-- Every write to a person's month passes one door, and what came around it is refused at commit.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT no_plan();

-- A month of Ann (who is the administrator ada), Bob, and a receipt that only names "Anne Roe".
\ir ../fixtures/calls.psql
:as_owner
SELECT api.save_user('ada', p_cardholder_id => :'ann', p_expected_version => 1) \g /dev/null
:as_tester
CREATE FUNCTION tap.detail(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    EXECUTE p_statement;
    RETURN 'done';
EXCEPTION WHEN SQLSTATE 'ST006' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
-- A call that is not in the list fails the first test.
SELECT set_eq('SELECT c.call_name FROM tap.calls AS c',
    $$SELECT c.call_name FROM app.month_calls AS c WHERE c.changes = 'people'$$, 'every call about people is tried');

:as_admin
SET LOCAL app.reason = 'as told';
SELECT throws_ok(c.statement, 'PM003', NULL, c.call_name || ' refuses the own card') FROM (SELECT x.* FROM tap.calls AS x ORDER BY 1 OFFSET 0) AS c;
SELECT throws_ok('SELECT api.approve_alias(''ANNROE'', ''BOBROE'', ''x'')', 'PM003', NULL, 'nor is the own name somebody else''s');
:as_tester
SELECT results_eq(format('SELECT r.revision_id, r.version, r.status FROM report.employee_revisions AS r
        WHERE r.session_id = %L AND r.cardholder_id = %L', :'session', :'ann'),
    format('VALUES (%L::uuid, %s, ''in_progress'')', :'ann_now', :ann_version), 'and nothing was changed');

-- A colleague does what the cardholder may not.
:as_processor
SET LOCAL app.reason = 'as told';
SAVEPOINT colleague;
SELECT lives_ok(c.statement, c.call_name || ' is open to a colleague') 
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name IN ('start_issue', 'current_transactions') ORDER BY 1 DESC OFFSET 0) AS c;
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
ROLLBACK TO SAVEPOINT colleague;

-- A statement on the view is about one session and says why.
SELECT tap.upload('2') \g /dev/null
:as_worker
SELECT j ->> 'job_id' AS job, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
:as_processor
SELECT api.accept_documents(:'job', :'token', :car, :receipts) ->> 'session_id' AS other \gset
SELECT throws_ok('DELETE FROM api.current_transactions', 'RL006', 'a statement touches more than one session',
    'a DELETE without WHERE touches too much');
SELECT throws_ok('UPDATE api.current_transactions SET purpose = ''x''', 'RL006', NULL, 'and so does an UPDATE');
SELECT lives_ok(format('UPDATE api.current_transactions SET purpose = ''x'' WHERE session_id = %L', :'other'),
    'all receipts of one session are another thing');
SET LOCAL app.reason = ' ';
SELECT throws_ok(format('DELETE FROM api.current_transactions WHERE session_id = %L', :'other'), 'IV008',
    'argument is missing or not allowed', 'none is taken out without a reason');
SELECT throws_ok(format('SELECT api.correct_transactions(%L, %L, NULL)', :'session', jsonb_build_array(
    jsonb_build_object('transaction_id', :'receipt', 'employee_revision_id', :'ann_now', 'changes', '{"amount": 1}'::jsonb))),
    'IV008', NULL, 'nor corrected by the call');
SET LOCAL app.reason = 'as told';

-- Nobody hands in their own month, or hides it; with others it is a month like any other.
\set mine '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX1193"}}'
\set ours '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX1193"}, "BOBROE": {"name": "BOBROE", "employee_id": "1002", "car_total": 10.0, "card_no": "999999XXXXXX1194"}}'
:as_admin
SELECT is(tap.import_activity(:'mine', 'mine') ->> 'code', 'own_card', 'the own month alone is refused');
SELECT is(tap.import_activity(:'mine', 'mine', p_dry_run => true) ->> 'code', 'own_card', 'a dry run says so too');
SELECT is(tap.import_activity(:'ours', 'ours') ->> 'outcome', 'accepted', 'the month of several people is accepted');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.upload('3') \g /dev/null
:as_worker
SELECT j ->> 'job_id' AS job, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
:as_admin
SELECT api.accept_documents(:'job', :'token', tap.pdf_report('{}', tap.pdf_card()), tap.pdf_receipts('{}', tap.pdf_receipt(1)))
    AS alone \gset
SELECT is(:'alone'::jsonb ->> 'code', 'own_card', 'two PDFs of nobody else are refused as well');
SELECT is((SELECT j.state FROM report.jobs AS j WHERE j.job_id = :'job'), 'failed', 'and the job says so');
:as_processor
SELECT tap.import_activity(:'mine', 'hers') ->> 'session_id' AS hers \gset
:as_admin
SELECT throws_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'hers'), 'PM003', NULL, 'nor is it hidden by its cardholder');
SAVEPOINT hidden;
:as_owner
SELECT a.outcome FROM app.processing_sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'hers' \g /dev/null
:as_admin
SELECT throws_ok(format('SELECT api.restore_session(%L, NULL, ''x'')', :'hers'), 'PM003', NULL, 'nor brought back');
ROLLBACK TO SAVEPOINT hidden;

-- Around the door: a superuser who is the administrator writes what the calls write.
:as_owner
INSERT INTO app.login_users (login_name, user_id)
SELECT r.rolname, u.user_id FROM app.users AS u, pg_roles AS r WHERE u.user_name = 'ada' AND r.oid = 10;
:as_tester
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SAVEPOINT around;
SELECT app.rematch_employee(:'session', :'ann', 'by hand') \g /dev/null
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'PM003', NULL, 'own content is refused at commit');
ROLLBACK TO SAVEPOINT around;
UPDATE app.validation_issues SET state = 'resolved', resolved_by = (SELECT user_id FROM api.whoami()),
    resolved_at = clock_timestamp(), resolution_method = 'other' WHERE issue_id = :'issue';
UPDATE app.session_employees SET status = app.derive_status(session_id, cardholder_id, false)
WHERE session_id = :'session' AND cardholder_id = :'ann';
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'PM003', NULL, 'an own decision is refused at commit');
ROLLBACK TO SAVEPOINT around;
INSERT INTO app.match_decisions (session_id, cardholder_id, charge_id, transaction_id, charge_key, receipt_key,
    charge_print, receipt_print, decision, revision_number, decided_by)
SELECT :'session', :'ann', :'charge', :'receipt', 'c', 'r', 'c', 'r', 'reject', 2, w.user_id FROM api.whoami() AS w;
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'PM003', NULL, 'an own match decision is refused at commit');
ROLLBACK TO SAVEPOINT around;
PREPARE say AS
INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, value, reason, said_by)
SELECT s.chain_id, app.new_id(), 'out_of_pocket', 1, s.session_id, :'ann', '{"is_out_of_pocket": true}', 'forged', u.user_id
FROM app.processing_sessions AS s, app.users AS u
WHERE s.session_id = :'session' AND u.user_name = ANY ($1);
SELECT throws_ok('EXECUTE say (''{pat}'')', 'PM006', 'a statement names another author than who acts',
    'nobody says anything under another name');
SELECT throws_ok('EXECUTE say (''{ada,pat}'')', 'PM006', NULL, 'not beside what is said under the own name');
SET LOCAL session_replication_role = replica;
SELECT throws_ok('EXECUTE say (''{pat}'')', 'PM006', NULL, 'nor in replica mode');
SET LOCAL session_replication_role = origin;
SELECT lives_ok('EXECUTE say (''{ada}'')', 'what is said under the own name is written');
ROLLBACK TO SAVEPOINT around;
SELECT app.rematch_employee(:'session', r.cardholder_id, 'by hand') FROM report.employee_revisions AS r
WHERE r.session_id = :'session' AND r.employee_name = 'BOBROE' \g /dev/null
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'what is somebody else''s is proved like everything');
ROLLBACK TO SAVEPOINT around;

-- A later submission takes over; what it does to the cardholder's own issues names its cause and passes.
:as_admin
SELECT tap.import_activity('{"BOBROE": {"employee_id": "1002", "car_total": 1.00}}', 'Later', :'session') ->> 'session_id' AS later \gset
SELECT is((SELECT i.state FROM report.validation_issues AS i WHERE i.issue_id = :'issue'), 'superseded',
    'a later submission takes over the own issue');
SELECT is((SELECT v.cause FROM report.issue_events AS v WHERE v.issue_id = :'issue' AND v.to_state = 'superseded'),
    'session ' || :'later', 'its event names the cause');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SET CONSTRAINTS ALL DEFERRED;

-- The replaced submission is closed at every call; an alias finds the newest one itself.
:as_owner
SELECT api.save_user('ada', p_clear => '{cardholder_id}', p_expected_version => 2) \g /dev/null
:as_admin
SET LOCAL app.reason = 'as told';
SELECT throws_ok(c.statement, 'ST006', NULL, c.call_name || ' refuses a replaced submission') 
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name NOT IN ('approve_alias', 'withdraw_alias') ORDER BY 1 OFFSET 0) AS c;
SELECT alike(tap.detail(c.statement), '%' || :'later' || '%', c.call_name || ' names the newest one')
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name NOT IN ('approve_alias', 'withdraw_alias') ORDER BY 1 OFFSET 0) AS c;
:as_tester
SELECT is_empty(format('SELECT r.revision_id FROM report.employee_revisions_history AS r
    WHERE r.session_id = %L AND r.cardholder_id = %L AND r.revision_number > 2', :'session', :'ann'),
    'nothing was changed there');
\ir ../fixtures/invariants.psql
SELECT is_empty('SELECT c.tx, v.* FROM audit.commits AS c CROSS JOIN LATERAL app.door_violations(c.tx) AS v',
    'nothing went around the door');
SELECT * FROM finish();
ROLLBACK;
