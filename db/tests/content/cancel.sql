-- Cancelling a session hides it and removes nothing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(25);

:as_processor
SELECT throws_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'session_id'), 'PM005',
    'processors cancel only what is their own and empty or failed', 'a processor cancels no work that was accepted');
SELECT s.session_id AS empty FROM api.create_session('Empty') AS s \gset
:as_admin
SELECT s.session_id AS others FROM api.create_session('Not theirs', p_programme => 'Other') AS s \gset
:as_processor
SELECT throws_ok(format('SELECT api.cancel_session(%L, 1)', :'others'), 'PM005', NULL, 'nor what somebody else opened');
SELECT throws_ok(format('SELECT api.cancel_session(%L, 2)', :'empty'), 'ST001', NULL, 'and at the version they saw');
SELECT is((SELECT s.status FROM api.cancel_session(:'empty', 1) AS s), 'cancelled', 'what they opened, while it is empty');
SELECT throws_ok(format('SELECT api.cancel_session(%L, 2)', :'empty'), 'PM005', NULL, 'once');
:as_reviewer
SELECT throws_ok(format('SELECT api.cancel_session(%L, 1)', :'others'), '42501', NULL, 'a reviewer cancels nothing');
:as_processor
SELECT s.session_id AS failed FROM api.create_session('Failed') AS s \gset
:as_owner
UPDATE app.processing_sessions AS s SET status = 'failed', source_type = 'pdf', failure_reason = 'The disk was full',
    processing_started_at = now(), processing_completed_at = now() WHERE s.session_id = :'failed';
:as_processor
SELECT is((SELECT s.status FROM api.cancel_session(:'failed', 2) AS s), 'cancelled', 'or when it failed');
:as_admin
SELECT api.cancel_session(:'others', 1) \g /dev/null
:as_admin
SELECT throws_ok('SELECT api.cancel_session(''00000000-0000-7000-8000-000000000000'', 1)', 'NF001', 'there is no such session',
    'a session nobody knows');
SELECT throws_ok('SELECT api.cancel_session(NULL, 1)', 'NF001', 'there is no such session', 'no session');
SELECT s.version FROM report.processing_sessions AS s WHERE s.session_id = :'session_id' \gset
SELECT throws_ok(format('SELECT api.cancel_session(%L, %s)', :'session_id', :version - 1), 'ST001', 'it was changed meanwhile', 'at an older version');
SELECT throws_ok(format('SELECT api.cancel_session(%L, NULL)', :'session_id'), 'ST001', NULL, 'or at none');
SELECT is((SELECT s.status FROM api.cancel_session(:'session_id', :version, p_request_id => 'c-1') AS s), 'cancelled', 'an administrator cancels');
SELECT is((SELECT s.status FROM api.cancel_session(:'session_id', :version, p_request_id => 'c-1') AS s), 'cancelled', 'the same request gets the same answer');
SELECT throws_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'session_id'), 'ST002', 'state does not allow this step',
    'another request is told');
SELECT is_empty(format('SELECT s.session_id FROM report.sessions AS s WHERE s.session_id = %L', :'session_id'),
    'it is hidden from the list of sessions');
SELECT is((SELECT s.total_employees::integer FROM report.processing_sessions AS s WHERE s.session_id = :'session_id'), 6,
    'and there with all its people');
SELECT is((SELECT f.sessions_imported::integer FROM report.figures AS f), 0, 'the figures do not count it');
SELECT is((SELECT s.version FROM report.processing_sessions AS s WHERE s.session_id = :'session_id'),
    (SELECT max(s.version) FROM report.processing_sessions AS s), 'its version has grown');
:as_processor
SELECT is(api.import_activity(:'content', 'Once more') ->> 'outcome', 'accepted', 'its file may be imported again');
SELECT is(api.import_activity(jsonb_build_object('ANN', '{"car_total": 1}'::jsonb)::text, 'Later', :'session_id') ->> 'code',
    'wrong_state', 'nothing follows a cancelled session');
:as_tester
SELECT is((SELECT count(*)::integer FROM app.transactions), 50, 'no receipt is gone');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
