-- Frozen refuses old files and nothing else; rolled back nothing of a month changes, and what is handed in waits.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT no_plan();

-- A month of Ann and Bob with every call about people as a statement; an old file of another programme that waits.
\ir ../fixtures/calls.psql
\ir ../fixtures/cutover.psql
\set bad '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0}, "BOBROE": {"name": "BOBROE", "car_total": "a lot"}}'
\set old '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0, "card_no": "999999XXXXXX1193"}}'
SELECT s.month_id AS month, m.version AS month_version, s.version AS session_version
FROM report.sessions AS s JOIN report.months AS m USING (month_id) WHERE s.session_id = :'session' \gset

-- Frozen.
:as_owner
SELECT tap.step_to('frozen') \g /dev/null
:as_processor
SET LOCAL app.reason = 'as told';
SELECT is(api.import_activity(:'old', 'old') ->> 'code', 'frozen', 'frozen: an old file is refused');
SELECT is(api.import_activity(:'old', 'old', p_dry_run => true) ->> 'code', 'frozen', 'a dry run says so, too');
SELECT is((SELECT a.outcome FROM report.import_attempts AS a ORDER BY a.attempt_id DESC LIMIT 1), 'refused', 'and leaves its record');
SAVEPOINT frozen;
SELECT lives_ok(c.statement, c.call_name || ' is open while frozen')
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name IN ('start_issue', 'current_transactions') ORDER BY 1 DESC OFFSET 0) AS c;
SELECT is(tap.upload('frozen') ->> 'outcome', 'queued', 'and files are taken');
:as_worker
SELECT is(api.claim_job('tap') ->> 'outcome', 'claimed', 'and read');
ROLLBACK TO SAVEPOINT frozen;

-- A job that is being read when it is rolled back.
:as_processor
SELECT tap.upload('before') ->> 'session_id' AS before \gset
:as_worker
SELECT j ->> 'job_id' AS job, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
:as_owner
SELECT tap.step_to('rolled_back') \g /dev/null

:as_processor
SET LOCAL app.reason = 'as told';
SELECT throws_ok(c.statement, 'ST150', 'the cut-over is rolled back', c.call_name || ' is refused')
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name NOT IN ('approve_waiver', 'reject_waiver') ORDER BY 1 OFFSET 0) AS c;
:as_reviewer
SELECT throws_ok(c.statement, 'ST150', NULL, c.call_name || ' is refused')
FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name IN ('approve_waiver', 'reject_waiver') ORDER BY 1 OFFSET 0) AS c;
SELECT throws_ok(format('SELECT api.sign_off_month(%L, %s)', :'month', :month_version), 'ST150', NULL, 'no month is signed off');
SELECT throws_ok(format('SELECT api.close_month(%L, %s, ''x'')', :'month', :month_version), 'ST150', NULL, 'nor closed');
:as_admin
SELECT throws_ok(format('SELECT api.close_past_month(%L, %s)', :'month', :month_version), 'ST150', NULL, 'nor closed as a past one');
SELECT throws_ok(format('SELECT api.reopen_month(%L, %s, ''x'')', :'month', :month_version), 'ST150', NULL, 'nor opened');
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'session'), 'ST150', NULL, 'no batch is made');
SELECT throws_ok('SELECT api.void_batch(''old_program'', 1, ''x'')', 'ST150', NULL, 'nor void');
SELECT throws_ok(format('SELECT api.restore_session(%L, %L, ''x'')', :'session', :'session'), 'ST150', NULL, 'no submission comes back');
SELECT throws_ok(format('SELECT api.cancel_session(%L, %s)', :'session', :session_version), 'ST150', NULL, 'none that counts is hidden');
SELECT throws_ok(format('SELECT api.accept_submission(%L, 1, ''x'')', :'session'), 'ST150', NULL, 'none that waits is accepted');
SELECT throws_ok(format('SELECT api.discard_submission(%L, 1, ''x'')', :'session'), 'ST150', NULL, 'nor discarded');
SELECT is(api.import_activity(:'old', 'old') ->> 'code', 'rolled_back', 'no old file is taken');
-- Nor around the calls: the tables themselves refuse, but what the machine does while it reads.
:as_owner
SELECT throws_ok(format($$INSERT INTO app.month_events (month_id, event_number, kind, user_id, digest)
    SELECT m.month_id, 99, 'signed_off', app.actor_id(), app.digest_month(m.month_id) FROM app.months AS m WHERE m.month_id = %L$$, :'month'),
    'ST150', NULL, 'no step of a month is written');
SELECT throws_ok('INSERT INTO app.' || t.name || ' DEFAULT VALUES', 'ST150', NULL, t.name || ' take nothing')
FROM (VALUES ('corrections'), ('match_decisions'), ('accounting_batches')) AS t (name);
SELECT throws_ok(format($$INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, user_id, cause)
    SELECT i.issue_id, 99, 'open', 'in_progress', app.actor_id(), NULL FROM app.validation_issues AS i WHERE i.session_id = %L LIMIT 1$$, :'session'),
    'ST150', NULL, 'nothing is done to an issue by hand');
SAVEPOINT machine;
SELECT lives_ok(format($$INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, user_id, cause)
    SELECT i.issue_id, 99, 'open', 'in_progress', app.actor_id(), 'session ' || i.session_id FROM app.validation_issues AS i
    WHERE i.session_id = %L LIMIT 1$$, :'session'), 'by the machine it is');
ROLLBACK TO SAVEPOINT machine;
:as_tester
SELECT set_eq($$SELECT c.call_name FROM app.month_calls AS c WHERE c.is_held AND c.changes <> 'people'$$,
    '{sign_off_month,close_month,close_past_month,reopen_month,accept_unposted,export_lines,void_batch,restore_session,accept_submission,discard_submission}'::text[],
    'these are what is refused besides');
SELECT results_eq(format('SELECT r.revision_id, r.version FROM report.employee_revisions AS r
        WHERE r.session_id = %L AND r.cardholder_id = %L', :'session', :'ann'),
    format('VALUES (%L::uuid, %s)', :'ann_now', :ann_version), 'nothing was changed');

-- What is handed in waits.
:as_processor
SELECT is(tap.upload('first') ->> 'outcome', 'queued', 'files are kept and queued');
SELECT is(tap.upload('second') ->> 'outcome', 'queued', 'and more of them');
SELECT u ->> 'session_id' AS mistaken FROM tap.upload('mistaken') AS u \gset
:as_admin
SELECT lives_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'mistaken'),
    'what waits may be cancelled');
:as_worker
SELECT is(api.claim_job('tap'), NULL, 'no job is begun');
SELECT lives_ok(format('SELECT api.record_progress(%L, %L, ''reading_car'', 1, 2)', :'job', :'token'), 'one that was begun goes on');
:as_owner
SET LOCAL app.reason = 'x';
UPDATE app.settings SET value = 0 WHERE setting_name = 'rollback_drain_seconds';
:as_worker
SELECT throws_ok(format('SELECT api.record_progress(%L, %L, ''reading_car'', 2, 2)', :'job', :'token'), 'ST030', NULL, 'until its time is over');
:as_processor
SELECT throws_ok(format('SELECT api.accept_documents(%L, %L, %L, %L)', :'job', :'token', :car, :receipts), 'ST030', NULL,
    'and what was read comes too late');

-- What the old program made of a month that waits is kept, since its next run overwrites it, and compared when that is read.
:as_processor
SELECT is((api.compare_old_result(:'before', :'old', 'old.json', 'by_code', true)).verdict, 'waiting', 'an old result waits with its submission');
SELECT is((api.compare_old_result(:'before', :'old', 'old.json', 'by_code', true)).verdict, 'waiting', 'handed in again, too');
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L)', :'mistaken', :'old'), 'ST002', NULL, 'with one that is cancelled it does not');
SELECT results_eq('SELECT o.session_id, o.month_id, o.is_waiting FROM report.old_results AS o', format('VALUES (%L::uuid, NULL::uuid, true)', :'before'),
    'it is kept once, of no month yet');
:as_tester
SELECT is((SELECT f.passed FROM app.check_meantime() AS f), false, 'what only waits was not compared with anything: it may be any file');
SELECT is_empty($$SELECT FROM app.removable AS r WHERE r.kind = 'old_result'$$, 'its text does not go while it waits');
SAVEPOINT compared;
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = :'before';
:as_tester
SELECT isnt_empty($$SELECT FROM app.removable AS r WHERE r.kind = 'old_result'$$, 'that of one whose submission is never read does');
ROLLBACK TO SAVEPOINT compared;
:as_owner
WITH result AS (
    INSERT INTO app.old_results AS o (month_id, size_bytes, sha256, shape_in_use, is_same_files)
    VALUES (:'month', 2, sha256('new'), 'by_code', true) RETURNING o.old_result_id
)
INSERT INTO app.parallel_runs (old_result_id, session_id, sources, verdict, roots_explained, roots_unexplained, roots_pending,
    car_total_old, car_total_explained, receipt_total_old, receipt_total, receipt_total_explained, figures, deviations)
SELECT r.old_result_id, :'session', 'same', 'unexplained', 0, 1, 0, 0, 0, 0, 0, 0, '{}', '{}' FROM result AS r;
:as_tester
SELECT is((SELECT f.passed FROM app.check_meantime() AS f), true, 'beside one that was compared it may wait');
ROLLBACK TO SAVEPOINT compared;
-- One that nobody can compare, and one with an entry nobody can read.
:as_processor
SELECT api.compare_old_result(:'before', '{"CYDROE": {"name": "CYDROE", "car_total": 1}}', 'broken.json', 'by_code', true) \g /dev/null
SELECT is((api.compare_old_result(:'before', :'bad', 'bad.json', 'by_code', true)).verdict, 'waiting', 'one with an entry that cannot be read waits, too');
:as_owner
UPDATE app.old_result_texts AS t SET content = '{}' FROM app.old_results AS o WHERE o.old_result_id = t.old_result_id AND o.file_name = 'broken.json';

-- Back again the queue goes on in its order: first the one whose worker lost it.
:as_owner
UPDATE app.job_progress SET lease_until = clock_timestamp() - interval '1 second' WHERE job_id = :'job';
SELECT tap.step_to('frozen') \g /dev/null
:as_worker
SELECT j ->> 'session_id' AS claimed, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
SELECT is(:'claimed'::text, :'before'::text, 'the job that was lost comes first');
SELECT api.run_cutover_day() \g /dev/null
:as_tester
SELECT is_empty('SELECT FROM app.parallel_runs AS r', 'what is not read is not compared');
:as_worker
SELECT is((SELECT string_agg(c.outcome, ', ' ORDER BY c.n) FROM (
    SELECT n, api.claim_job('tap') ->> 'outcome' AS outcome FROM generate_series(1, 4) AS n) AS c),
    'claimed, claimed, cancelled', 'then the others');
:as_processor
SET LOCAL app.reason = 'as told';
SELECT lives_ok(c.statement, c.call_name || ' is open again') FROM (SELECT x.* FROM tap.calls AS x WHERE x.call_name = 'start_issue' OFFSET 0) AS c;
:as_processor
SELECT api.accept_documents(:'job', :'token', :car, :receipts) \g /dev/null
:as_worker
SELECT is(api.run_cutover_day(), NULL, 'one a turn, and there may be more');
:as_tester
SELECT results_eq('SELECT r.session_id, r.verdict, o.is_waiting, r.month_id = o.month_id FROM report.parallel_runs AS r
        JOIN report.old_results AS o ON o.old_result_id = r.old_result_id', format('VALUES (%L::uuid, ''unexplained'', false, true)', :'before'),
    'the old result that waited is compared when its month is read');
:as_worker
:as_tester
SELECT is((SELECT f.passed FROM app.check_waiting() AS f), false, 'what waits and was not compared is not done with');
:as_worker
SELECT is(api.run_cutover_day(), NULL, 'one that cannot be compared keeps the next one waiting no longer');
SELECT is(api.run_cutover_day(), 0, 'nor what is done after it');
:as_tester
SELECT results_eq($$SELECT o.file_name, r.verdict, (SELECT d.path FROM app.parallel_differences AS d
        WHERE d.run_id = r.run_id AND d.level = 'file' AND d.class = 'not_comparable')
    FROM app.parallel_runs AS r JOIN app.old_results AS o USING (old_result_id) ORDER BY r.run_id$$,
    $$VALUES ('old.json', 'unexplained', NULL), ('bad.json', 'not_comparable', '$."BOBROE".car_total')$$,
    'each is compared once, and what could not be read when it came is told when it is compared');
SELECT results_eq($$SELECT f.passed, f.evidence #>> '{not_compared,0,file}', f.evidence #>> '{not_compared,0,last_error}',
        f.evidence #> '{not_compared,0,failures}', f.evidence -> 'never_read' FROM app.check_waiting() AS f$$,
    $$VALUES (false, 'broken.json', 'ended by IV006 in app.fail', '2'::jsonb, '[]'::jsonb)$$, 'the one that cannot be is named, with what ended it');
:as_owner
CREATE OR REPLACE FUNCTION app.read_old_file(p_file text, OUT entries app.activity_entry[], OUT rejects jsonb, OUT known text[])
LANGUAGE plpgsql STABLE SET search_path = '' AS $$BEGIN RAISE EXCEPTION USING ERRCODE = 'query_canceled'; END$$;
:as_worker
SELECT is(api.run_cutover_day(), NULL, 'what takes longer than the time limit ends the turn, and no more');
SELECT is(api.run_cutover_day(), 0, 'after three times it is left alone');
:as_processor
SELECT results_eq($$SELECT o.failures, o.last_error FROM report.old_results AS o WHERE o.file_name = 'broken.json'$$,
    $$VALUES (3::bigint, 'ended by 57014 in app.read_old_file')$$, 'which is told with it');
:as_tester
SAVEPOINT compared;
:as_owner
UPDATE app.processing_sessions AS s SET status = 'cancelled' WHERE s.session_id = :'before';
:as_tester
SELECT results_eq($$SELECT f.passed, f.evidence -> 'not_compared', f.evidence #>> '{never_read,0,file}' FROM app.check_waiting() AS f$$,
    $$VALUES (true, '[]'::jsonb, 'broken.json')$$, 'one whose submission is never read is told, and keeps nobody waiting');
ROLLBACK TO SAVEPOINT compared;
:as_owner
SELECT tap.step_to('live') \g /dev/null
:as_processor
SELECT is(api.import_activity(:'old', 'old') ->> 'outcome', 'accepted', 'live: an old file is taken as before');
:as_tester
SELECT is_empty('SELECT c.tx, v.* FROM audit.commits AS c CROSS JOIN LATERAL app.door_violations(c.tx) AS v', 'nothing went around the door');
SELECT * FROM finish();
ROLLBACK;
