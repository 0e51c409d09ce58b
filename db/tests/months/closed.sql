-- A closed month refuses every call that would change anything of it, and what is written around them.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT no_plan();
\ir ../fixtures/calls.psql
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
:as_tester
SELECT s.month_id AS month, m.programme FROM report.sessions AS s
JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = :'session' \gset

-- Asked before, with a request id.
:as_reviewer
SELECT b.version AS bob_version, b.cardholder_id AS bob FROM report.employee_revisions AS b
WHERE b.session_id = :'session' AND b.employee_name = 'BOBROE' \gset
SELECT (api.hold_employee(:'session', :'bob', :bob_version, 'Wait', 'key 1')).status AS held \gset
SELECT m.version AS month_version FROM report.months AS m WHERE m.month_id = :'month' \gset

-- As history it is closed with everything open.
:as_processor
SELECT throws_ok(format('SELECT api.close_past_month(%L, %s)', :'month', :month_version), '42501', NULL, 'a processor closes nothing');
:as_admin
SELECT throws_ok(format('SELECT api.close_past_month(%L, %s)', :'month', :month_version + 1), 'ST001', NULL, 'nor does who saw another version');
SELECT throws_ok($$SELECT api.close_past_month('00000000-0000-7000-8000-00000000000a', 1)$$, 'NF006', 'there is no such month', 'a month that is not there');
SELECT results_eq(format('SELECT m.state, m.version, m.is_history, m.close_reason, m.closed_by_name, m.seal_number FROM api.close_past_month(%L, %s) AS m',
    :'month', :month_version), format($$VALUES ('closed', %s, true, 'history', 'ada', NULL::bigint)$$, :month_version + 1), 'an administrator closes it as history');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SET CONSTRAINTS ALL DEFERRED;
:as_tester
SELECT is((SELECT count(*) FROM report.work_list AS w WHERE w.session_id = :'session'), 0::bigint, 'its issues leave the work list');
SELECT cmp_ok((SELECT count(*) FROM report.validation_issues AS i WHERE i.session_id = :'session' AND i.is_open), '>', 0::bigint,
    'though they keep their state');
SELECT ok((SELECT e.digest = app.digest_month(:'month') AND e.tick_number > 0 AND e.proof #>> '{submissions,0,people}' = '3'
    FROM app.month_events AS e WHERE e.month_id = :'month'), 'the closing keeps hash, tick and totals');

CREATE TEMP TABLE elsewhere (call_name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO elsewhere VALUES
('begin_upload', 'of a session that is open: none of a closed month is'),
('queue_documents', 'of a session that is open: none of a closed month is'),
('discard_submission', 'of what awaits a decision: nothing of a closed month does'),
('discard_expired_submissions', 'of what awaits a decision: nothing of a closed month does');

-- Every call about people, from the catalog; an alias leaves the month alone.
SELECT set_eq('SELECT c.call_name FROM tap.calls AS c', $$SELECT c.call_name FROM app.month_calls AS c WHERE c.changes = 'people'$$,
    'every call about people is tried');
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SET LOCAL app.reason = 'as told';
SELECT throws_ok(c.statement, 'ST051', NULL, c.call_name || ' refuses a closed month')
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name NOT IN ('approve_alias', 'withdraw_alias') ORDER BY 1 OFFSET 0) AS c;
SELECT is((api.approve_alias('ANNEROE', 'ANNROE', 'x')).moved_receipts, NULL, 'an alias is for the months to come');
SELECT is((api.withdraw_alias('ANNEROE', 1, 'x')).moved_receipts, NULL, 'and taken back it moves nothing');

-- Every call about submissions: refused, or nothing of a closed month.
\set small '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX1193"}, "BOBROE": {"name": "BOBROE", "employee_id": "1002", "car_total": 10.0, "card_no": "999999XXXXXX1194"}}'
SELECT throws_ok(format('SELECT api.create_session(''x'', %L)', :'session'), 'ST051', 'the month is closed', 'create_session');
SELECT throws_ok(format('SELECT api.cancel_session(%L, s.version) FROM report.sessions AS s WHERE s.session_id = %1$L', :'session'), 'ST051', NULL, 'cancel_session');
SELECT is(api.import_activity(:'small', 'x', :'session') ->> 'code', 'month_closed', 'import_activity, as its next submission');
SELECT is(api.import_activity(:'small', 'x', p_programme => m.programme, p_period_start => m.period_start, p_period_end => m.period_end) ->> 'code',
    'month_closed', 'and as a first one of the month') FROM report.months AS m WHERE m.month_id = :'month';
SELECT api.import_activity(:'small', 'April', p_period_start => '2031-04-01') ->> 'session_id' AS april \gset
SELECT isnt(:'april'::text, NULL, 'another month is taken');
SELECT throws_ok(format('SELECT api.restore_session(%L, %L, ''x'')', :'april', :'session'), 'ST051', NULL, 'restore_session');
:as_tester
SELECT is_empty($$SELECT c.call_name FROM app.month_calls AS c WHERE c.changes = 'submission' AND c.call_name NOT IN (
    SELECT e.call_name FROM pg_temp.elsewhere AS e UNION SELECT unnest(ARRAY['create_session', 'cancel_session', 'restore_session',
        'import_activity', 'accept_documents', 'accept_submission']))$$, 'every call about submissions is tried, or cannot be about a closed month');
:as_processor
SELECT tap.upload('late') \g /dev/null
:as_worker
SELECT j ->> 'job_id' AS job, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
:as_processor
SELECT is(api.accept_documents(:'job', :'token', :car, :receipts) ->> 'code', 'month_closed', 'accept_documents, and the job fails with it')
WHERE :'programme' = '';
:as_worker
SELECT is(api.expire_waivers(), 0, 'the machine opens nothing of it');

-- What changes nothing of it goes on: old answers, retention of bytes, downloads.
:as_reviewer
SELECT is((api.hold_employee(:'session', :'bob', :bob_version, 'Wait', 'key 1')).status, 'on_hold', 'a repeated request gets its first answer');
SELECT isnt(api.read_chunk(s.document_id, 0), NULL, 'documents are read') FROM report.documents AS s WHERE s.session_id = :'session' AND s.kind = 'car_pdf';
:as_owner
SELECT cmp_ok(app.remove_expired('2100-01-01'), '>', 0, 'their bytes go when their time is over');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which is no change of the month');
SET CONSTRAINTS ALL DEFERRED;

-- Signing off, closing again and reopening by who closed it.
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ada';
SELECT throws_ok(format('SELECT api.sign_off_month(%L, %s)', :'month', :month_version + 1), 'ST051', NULL, 'sign_off_month');
SELECT throws_ok(format('SELECT api.close_month(%L, %s, ''x'')', :'month', :month_version + 1), 'ST051', NULL, 'close_month');
SELECT throws_ok(format('SELECT api.close_past_month(%L, %s)', :'month', :month_version + 1), 'ST051', NULL, 'close_past_month');
SELECT throws_ok(format('SELECT api.reopen_month(%L, %s, ''x'')', :'month', :month_version + 1), 'PM051', 'nobody reopens a month they closed', 'who closed it does not reopen it');

-- Around the calls.
:as_tester
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;
SAVEPOINT around;
:as_owner
UPDATE app.months SET state = 'open' WHERE month_id = :'month';
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'ST051', NULL, 'a state without its event is refused at commit');
ROLLBACK TO SAVEPOINT around;
:as_owner
UPDATE app.months SET version = version + 1 WHERE month_id = :'month';
UPDATE app.validation_issues SET state = 'waiting' WHERE issue_id = (SELECT i.issue_id FROM app.validation_issues AS i
    WHERE i.session_id = :'session' AND i.state = 'open' ORDER BY 1 LIMIT 1);
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'ST051', NULL, 'an issue of it changed by hand as well');
ROLLBACK TO SAVEPOINT around;
:as_owner
SELECT throws_ok(format('INSERT INTO app.month_events (month_id, event_number, kind, reason, user_id, closing_number, closed_by)
    SELECT e.month_id, e.event_number + 1, ''reopened'', ''x'', u.user_id, e.event_number, e.user_id
    FROM app.month_events AS e, app.users AS u WHERE e.month_id = %L AND u.user_name = ''ava''', :'month'),
    '23514', NULL, 'nobody writes an event in the name of another');
INSERT INTO app.month_events (month_id, event_number, kind, reason, closing_number, closed_by)
SELECT e.month_id, e.event_number + 1, 'reopened', 'x', e.event_number, e.user_id
FROM app.month_events AS e WHERE e.month_id = :'month';
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'ST051', NULL, 'an event without its state');
ROLLBACK TO SAVEPOINT around;
:as_owner
SELECT throws_ok(format('INSERT INTO app.month_events (month_id, event_number, kind, reason, user_id, closing_number, closed_by)
    SELECT e.month_id, e.event_number + 1, ''reopened'', ''x'', e.user_id, e.event_number, e.user_id FROM app.month_events AS e WHERE e.month_id = %L', :'month'),
    '23514', NULL, 'and no reopening by who closed it can be written at all');

-- Reopened by another person everything goes on.
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SELECT throws_ok(format('SELECT api.reopen_month(%L, %s, '' '')', :'month', :month_version + 1), 'IV008', NULL, 'not without a reason');
SELECT is((api.reopen_month(:'month', :month_version + 1, 'A receipt came late')).state, 'open', 'another administrator reopens it');
SELECT throws_ok(format('SELECT api.reopen_month(%L, %s, ''x'')', :'month', :month_version + 2), 'ST002', NULL, 'once');
SET LOCAL app.reason = 'as told';
SELECT lives_ok(c.statement, c.call_name || ' works again') FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name = 'current_transactions' OFFSET 0) AS c;
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
:as_tester
SELECT results_eq(format('SELECT e.event_number, e.kind, e.user_name, e.reason, e.closing_number FROM report.month_events AS e WHERE e.month_id = %L ORDER BY 1', :'month'),
    $$VALUES (1, 'closed', 'ada', 'history', NULL::integer), (2, 'reopened', 'ava', 'A receipt came late', 1)$$, 'both are on record');
SELECT * FROM finish();
ROLLBACK;
