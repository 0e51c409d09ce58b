-- Opening an empty session.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(16);

:as_processor
SELECT results_eq($$SELECT s.session_name, s.status, s.revision_number, s.parent_session_id, s.user_name, s.total_employees,
        s.total_amount FROM api.create_session(' Test Session ') AS s$$,
    $$VALUES ('Test Session', 'open', 1, NULL::uuid, 'pat', 0::bigint, 0.00)$$, 'an empty session is open');
SELECT matches((SELECT s.session_name FROM api.create_session() AS s), '^Migrated_[0-9]{8}_[0-9]{6}$',
    'without a name it is called after the time');
SELECT lives_ok($$SELECT api.create_session('x')$$, 'a name of one character');
SELECT lives_ok($$SELECT api.create_session(repeat('x', 200))$$, 'of 200');
SELECT throws_ok($$SELECT api.create_session(repeat('x', 201))$$, 'IV008', 'argument is missing or not allowed', 'of 201');
SELECT throws_ok($$SELECT api.create_session('')$$, 'IV008', 'argument is missing or not allowed', 'of none');
SELECT throws_ok($$SELECT api.create_session('  ')$$, 'IV008', 'argument is missing or not allowed', 'of blanks');
SELECT throws_ok($$SELECT api.create_session(E'=1+1\n# forged')$$, 'IV071', 'name holds a control character',
    'of two lines, which would print a heading of its own');
SELECT throws_ok($$SELECT api.create_session(E'x\u202ey')$$, 'IV071', 'name holds a control character', 'of turned letters');
SELECT throws_ok($$SELECT api.create_session('x', '00000000-0000-7000-8000-000000000000')$$, 'NF001',
    'there is no such session', 'a parent nobody knows');
SELECT throws_ok($$SELECT api.create_session('x', s.session_id) FROM report.sessions AS s WHERE s.session_name = 'Test Session'$$,
    'ST002', 'state does not allow this step', 'a parent without content');
:as_admin
SELECT lives_ok($$SELECT api.create_session('Of the administrator')$$, 'an administrator opens sessions too');
:as_reviewer
SELECT throws_ok($$SELECT api.create_session('x')$$, '42501', 'permission denied for function create_session', 'a reviewer does not');
:as_reader
SELECT throws_ok($$SELECT api.create_session('x')$$, '42501', 'permission denied for function create_session', 'nor a reader');
:as_tester
SELECT is((SELECT count(*)::integer FROM app.processing_sessions), 5, 'what was refused left nothing');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'everything can be committed');
SELECT * FROM finish();
ROLLBACK;
