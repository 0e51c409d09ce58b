-- A job is one worker's; it ends done, failed with a reason, or given up.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
\set as_worker 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''worker'';'
SELECT plan(25);

:as_worker
SELECT is(api.claim_job('w1'), NULL, 'nothing waits');
:as_processor
SELECT tap.upload('one') ->> 'session_id' AS one \gset
SELECT tap.upload('two') ->> 'session_id' AS two \gset
SELECT throws_ok($$SELECT api.claim_job('pat')$$, '42501', NULL, 'only a worker claims');
:as_worker
SELECT api.claim_job('w1') AS job \gset
SELECT is(:'job'::jsonb ->> 'session_id', :'one', 'the oldest job comes first');
SELECT is(:'job'::jsonb ->> 'user_name', 'pat', 'to be accepted as who queued it');
SELECT is(jsonb_array_length(:'job'::jsonb -> 'documents'), 2, 'with its two documents');
SELECT api.claim_job('w2') AS other \gset
SELECT is(:'other'::jsonb ->> 'session_id', :'two', 'the next worker gets the next job');
SELECT is(api.claim_job('w3'), NULL, 'and the third gets none');
SELECT is(convert_from(api.read_job_chunk((:'job'::jsonb ->> 'job_id')::uuid, (:'job'::jsonb ->> 'token')::uuid,
    'car_pdf', 0), 'UTF8'), '%PDF-car one', 'a worker reads the bytes of its job');
SELECT throws_ok(format('SELECT api.read_job_chunk(%L, %L, %L, 0)', :'job'::jsonb ->> 'job_id', :'other'::jsonb ->> 'token',
    'car_pdf'), 'ST030', 'job is not this worker''s any more', 'and of no other');
SELECT lives_ok(format('SELECT api.record_progress(%L, %L, %L, 3, 10)', :'job'::jsonb ->> 'job_id',
    :'job'::jsonb ->> 'token', 'reading_car'), 'it tells how far it is');
:as_reader
SELECT results_eq(format('SELECT j.state, j.phase, j.pages_done, j.pages_total FROM report.jobs AS j WHERE j.session_id = %L',
    :'one'), $$VALUES ('running', 'reading_car', 3, 10)$$, 'for everybody to see');

-- The first worker is silent for longer than its lease.
:as_tester
SET LOCAL session_replication_role = replica;
UPDATE app.job_progress SET lease_until = now() - interval '1 second' WHERE job_id = (:'job'::jsonb ->> 'job_id')::uuid;
RESET session_replication_role;
:as_worker
SELECT api.claim_job('w3') AS later \gset
SELECT is(:'later'::jsonb ->> 'job_id', :'job'::jsonb ->> 'job_id', 'the job of a silent worker is taken up');
SELECT is((:'later'::jsonb ->> 'attempt')::integer, 2, 'as the second attempt');
SELECT throws_ok(format('SELECT api.record_progress(%L, %L, %L, 4, 10)', :'job'::jsonb ->> 'job_id',
    :'job'::jsonb ->> 'token', 'reading_car'), 'ST030', 'job is not this worker''s any more', 'the silent one has lost it');
SELECT throws_ok(format('SELECT api.fail_job(%L, %L, %L, %L, NULL, true)', :'job'::jsonb ->> 'job_id',
    :'job'::jsonb ->> 'token', 'gave_up', 'x'), 'ST030', 'job is not this worker''s any more', 'and cannot end it');
SELECT is(api.fail_job((:'later'::jsonb ->> 'job_id')::uuid, (:'later'::jsonb ->> 'token')::uuid, 'gave_up', 'again',
    NULL, true), 'queued', 'a failure that may pass puts it back');
SELECT api.claim_job('w4') AS third \gset
SELECT is(api.fail_job((:'third'::jsonb ->> 'job_id')::uuid, (:'third'::jsonb ->> 'token')::uuid, 'gave_up',
    'Three times.', NULL, true), 'failed', 'but not for ever');
:as_reader
SELECT results_eq(format('SELECT s.status, s.failure_reason FROM report.sessions AS s WHERE s.session_id = %L', :'one'),
    $$VALUES ('failed', 'Three times.')$$, 'the session fails with the reason');

:as_worker
SELECT throws_ok(format('SELECT api.fail_job(%L, %L, %L, %L, NULL, false)', :'other'::jsonb ->> 'job_id',
    :'other'::jsonb ->> 'token', 'own_card', 'x'), 'IV008', 'argument is missing or not allowed', 'a reason is one of a list');
SELECT is(api.fail_job((:'other'::jsonb ->> 'job_id')::uuid, (:'other'::jsonb ->> 'token')::uuid, 'damaged_pdf',
    'Card 4111 1111 1111 1111 is damaged.', 'receipt_pdf', false), 'failed', 'a refusal ends the job at once');
:as_reader
SELECT is((SELECT s.failure_reason FROM report.sessions AS s WHERE s.session_id = :'two'),
    'receipts.pdf: Card 411111XXXXXX1111 is damaged.', 'naming the file, hiding card numbers');
SELECT results_eq($$SELECT a.file_name, a.code FROM report.import_attempts AS a WHERE a.code = 'damaged_pdf'$$,
    $$VALUES ('receipts.pdf', 'damaged_pdf')$$, 'the attempt is recorded for the file it is about');
:as_tester
SELECT is_empty('SELECT FROM app.document_chunks', 'no bytes stay');
SELECT is_empty('SELECT d.document_id FROM app.documents AS d WHERE d.has_bytes OR d.bytes_removed_at IS NULL',
    'what was handed in is still known');

-- Whoever did not queue it does not accept it.
:as_processor
SELECT tap.upload('three') AS queued \gset
:as_worker
SELECT api.claim_job('w5') AS job \gset
:as_admin
SELECT throws_ok(format($$SELECT api.accept_documents(%L, %L, '{}', '{}')$$, :'job'::jsonb ->> 'job_id',
    :'job'::jsonb ->> 'token'), 'PM002', 'acting person has another role', 'nobody accepts for another');
SELECT * FROM finish();
ROLLBACK;
