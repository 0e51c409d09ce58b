-- The end of a run writes a message, which is delivered once or given up with its reason.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
\ir ../fixtures/alone.psql
SELECT plan(24);
SELECT is((SELECT (kind, recipient_name, state, attempts, summary ->> 'total_employees', summary ->> 'employees_completed',
        summary ->> 'employees_with_issues', summary ->> 'open_issues')::text FROM report.outbox),
    '(session_completed,pat,pending,0,2,0,2,3)', 'a completed session writes its message');
SELECT is_empty($$SELECT FROM report.metrics AS m WHERE m.metric = 'ccp_message_wait_seconds'$$, 'where no worker sends mail nothing is late');
:as_worker
SELECT api.record_duty('w:1', 'mail', 10, 1, NULL, 0, NULL) \g /dev/null
:as_tester
SELECT is((SELECT count(*) FROM report.metrics AS m WHERE m.metric = 'ccp_message_wait_seconds'), 1::bigint, 'where one does it is told');
:as_processor
SELECT tap.import_activity(:'month', 'dry', p_dry_run => true) \g /dev/null
SELECT throws_ok($$SELECT api.claim_messages()$$, '42501', NULL, 'only workers deliver');
:as_worker
SELECT throws_ok($$SELECT api.claim_messages(0)$$, 'IV008', 'argument is missing or not allowed', 'no message is no claim');
SELECT message_id, attempt, recipient_email FROM api.claim_messages(10, 60) \gset
SELECT is(:'recipient_email'::text, 'pat@example.org', 'a dry run wrote none; the one there is goes to who submitted');
SELECT is_empty('SELECT * FROM api.claim_messages()', 'nobody else gets it during the lease');
SELECT is(api.record_delivery(:'message_id', :attempt, 'try later'), 'pending', 'a failed delivery is tried again');
SELECT is_empty('SELECT * FROM api.claim_messages()', 'but not at once');
:as_tester
SELECT ok((SELECT next_attempt_at BETWEEN now() + interval '110 seconds' AND now() + interval '130 seconds' FROM report.outbox), 'two minutes later');
:as_owner
UPDATE app.outbox SET next_attempt_at = now(), created_at = now() - interval '7 days' \g /dev/null
:as_worker
SAVEPOINT late;
SELECT is((SELECT m.recipient_email FROM api.claim_messages() AS m), NULL, 'what waited for a week goes to nobody any more');
ROLLBACK TO late;
:as_owner
UPDATE app.outbox SET created_at = now() - interval '7 days' + interval '1 hour' \g /dev/null
:as_worker
SELECT is((SELECT (m.attempt, m.recipient_email)::text FROM api.claim_messages() AS m), '(2,pat@example.org)', 'then it is the second attempt');
SELECT is(api.record_delivery(:'message_id', 1, 'late news'), 'pending', 'an overtaken attempt''s failure does not count');
:as_tester
SELECT is((SELECT last_error FROM report.outbox), 'try later', 'indeed');
:as_worker
SELECT is(api.record_delivery(:'message_id', 2), 'sent', 'a delivery that is taken is the end of it');
SELECT is(api.record_delivery(:'message_id', 2, 'too late'), 'sent', 'whatever is said afterwards');
SELECT is(api.record_delivery('00000000-0000-7000-8000-000000000000', 1), NULL, 'an unknown message has no state');
:as_owner
SELECT api.save_setting('mail_max_attempts', 1, 1), api.save_user('pat', p_clear => '{email}', p_expected_version => 1) \g /dev/null
:as_processor
SELECT tap.import_activity(replace(:'month', '7.5', '8.5'), 'silent') \g /dev/null
:as_tester
SELECT is((SELECT count(*) FROM report.outbox), 1::bigint, 'a user without address gets no message');
:as_owner
SELECT api.save_user('pat', 'pat@example.org', p_expected_version => 2) \g /dev/null
:as_processor
SELECT tap.import_activity(replace(:'month', '7.5', '9.5'), 'twice') \g /dev/null
SELECT s.session_id AS open_id FROM api.create_session('to fail') AS s \gset
:as_owner
UPDATE app.processing_sessions SET status = 'failed', failure_reason = 'The pages are pictures.' WHERE session_id = :'open_id';
:as_tester
SELECT is((SELECT summary ->> 'failure_reason' FROM report.outbox WHERE kind = 'session_failed'), 'The pages are pictures.', 'a failed session writes one too');
:as_worker
SELECT message_id, attempt FROM api.claim_messages(1) \gset
SELECT is(api.record_delivery(:'message_id', :attempt, 'no'), 'failed', 'after the last attempt it is given up');
SELECT message_id, attempt FROM api.claim_messages(1) \gset
SELECT is(api.record_delivery(:'message_id', :attempt, 'no such box', true), 'failed', 'or when the error is final');
SELECT is_empty('SELECT * FROM api.claim_messages()', 'what is given up is not tried again');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
:as_processor
SELECT api.import_activity(replace(:'month', '7.5', '6.5'), 'again') \g /dev/null
:as_tester
SELECT is((SELECT summary ->> 'reasons' FROM report.outbox WHERE kind = 'session_awaiting_decision'), 'month_exists',
    'a submission that awaits a decision writes one with what asks for it');
SELECT * FROM finish();
ROLLBACK;
