-- A request id: repeated it gets the first answer, with other content it is refused, a refusal is not kept.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(24);

:as_processor
SELECT s.session_id AS first_id FROM api.create_session('April', NULL, 'r-1') AS s \gset
SELECT is((SELECT s.session_id FROM api.create_session('April', NULL, 'r-1') AS s), :'first_id'::uuid,
    'the same request gets the same session');
SELECT throws_ok($$SELECT api.create_session('May', NULL, 'r-1')$$, 'ST003',
    'request id was used before with other content', 'other arguments are another request');
SELECT throws_ok($$SELECT api.approve_alias('April', NULL, 'x', p_request_id => 'r-1')$$, 'ST003',
    'request id was used before with other content', 'another call too');
:as_admin
SELECT isnt((SELECT s.session_id FROM api.create_session('April', NULL, 'r-1') AS s), :'first_id'::uuid,
    'the same id of another person is another request: a guessed one tells nothing');
:as_processor
SELECT isnt((SELECT s.session_id FROM api.create_session('April', NULL, 'r-2') AS s), :'first_id'::uuid,
    'another request id makes another session');
SELECT isnt((SELECT s.session_id FROM api.create_session('April') AS s), :'first_id'::uuid,
    'without a request id nothing is repeated');

SELECT lives_ok(format('SELECT api.create_session(NULL, NULL, %L)', repeat('x', 200)), '200 characters are a request id');
SELECT throws_ok(format('SELECT api.create_session(NULL, NULL, %L)', repeat('x', 201)), 'IV008',
    'argument is missing or not allowed', '201 are none');
SELECT throws_ok($$SELECT api.create_session(NULL, NULL, '')$$, 'IV008', 'argument is missing or not allowed',
    'an empty text is none');

SELECT throws_ok($$SELECT api.approve_alias('1', '2', 'x', p_request_id => 'r-3')$$, 'IV013', 'a name key holds no letter', 'a refused call');
SELECT lives_ok($$SELECT api.approve_alias('Jud', 'Judd', 'x', p_request_id => 'r-3')$$, 'may be tried again with its id and other content');
SELECT is((SELECT (a.outcome, a.receipt_key, a.name_key)::text FROM api.approve_alias('Jud', 'Judd', 'x', p_request_id => 'r-3') AS a), '(done,JUD,JUDD)',
    'and is then answered');

SELECT is(api.import_activity('{}', p_request_id => 'r-4') ->> 'code', 'no_employees', 'a refused import');
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt()))::text, p_request_id => 'r-4')
    AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'is not kept, so that its id is free');
SELECT is(api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt()))::text, p_request_id => 'r-4'),
    :'answer'::jsonb, 'an accepted one is answered word for word');
SELECT throws_ok($$SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt()))::text,
    p_dry_run => true, p_request_id => 'r-4')$$, 'ST003', 'request id was used before with other content',
    'a dry run of it is another request');
:as_tester
SELECT set_eq('SELECT request_id FROM app.answered_requests',
    ARRAY['r-1', 'r-2', 'r-3', 'r-4', repeat('x', 200)], 'only accepted requests are kept');

-- The id of a call is not that of the next one in the same transaction.
:as_processor
SELECT api.create_session('With id', NULL, 'r-5') \g /dev/null
SELECT is(current_setting('app.request_id'), 'r-5', 'the id of a call is set for the history');
SELECT s.session_id AS without_id FROM api.create_session('Without id') AS s \gset
:as_tester
SELECT is((SELECT h.audit_request_id FROM audit.processing_sessions_history AS h WHERE h.session_id = :'without_id'), NULL,
    'the next call without id has none');
:as_processor
SET LOCAL app.request_id = 'said by the client';
SELECT s.session_id AS by_client FROM api.create_session('Without id') AS s \gset
:as_tester
SELECT is((SELECT h.audit_request_id FROM audit.processing_sessions_history AS h WHERE h.session_id = :'by_client'),
    'said by the client', 'an id that the client set itself stays');

-- Answers are kept for a while, ids for good.
:as_admin
SELECT is(api.remove_expired_answers(), 0, 'an answer of the last 90 days is kept');
:as_tester
UPDATE app.request_answers SET answered_at = now() - interval '90 days' WHERE request_id <> 'r-5';
UPDATE app.request_answers SET answered_at = now() - interval '90 days 1 microsecond' WHERE request_id = 'r-5';
:as_admin
SELECT is(api.remove_expired_answers(), 1, 'to its last moment, and an older one is removed');
:as_processor
SELECT throws_ok($$SELECT api.create_session('With id', NULL, 'r-5')$$, 'ST011',
    'request was answered and its answer is not kept any more', 'a late repetition is told so, and does nothing');
SELECT throws_ok($$SELECT api.create_session('Other', NULL, 'r-5')$$, 'ST003', NULL, 'and the id is still taken');
:as_tester
SELECT * FROM finish();
ROLLBACK;
