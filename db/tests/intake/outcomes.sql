-- The four outcomes of an import, what each leaves behind, and what refuses a whole file.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(53);

-- Everything of an import but the record of attempts, as one number to compare.
CREATE FUNCTION tap.rows_written() RETURNS bigint
LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    SELECT (SELECT count(*) FROM app.processing_sessions) + (SELECT count(*) FROM app.session_employees)
        + (SELECT count(*) FROM app.employee_revisions) + (SELECT count(*) FROM app.transactions)
        + (SELECT count(*) FROM app.validation_issues) + (SELECT count(*) FROM app.issue_events)
        + (SELECT count(*) FROM app.cardholders) + (SELECT count(*) FROM app.cards)
        + (SELECT count(*) FROM app.old_claims) + (SELECT count(*) FROM app.processing_metrics)
        + (SELECT count(*) FROM app.answered_requests);
END;
CREATE FUNCTION tap.refused(p_file text, p_session_name text DEFAULT NULL, p_parent uuid DEFAULT NULL) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', a ->> 'outcome', a ->> 'code', a ->> 'path')
    FROM api.import_activity(p_file, p_session_name, p_parent) AS a;
END;

\set content `cat tests/data/small/activity.json`
:as_processor
SELECT api.import_activity(:'content', ' March ', p_dry_run => true, p_file_name => 'a.json') AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'dry_run', 'a dry run says so');
SELECT is(:'answer'::jsonb -> 'session_id', 'null'::jsonb, 'it has no session');
SELECT is((:'answer'::jsonb #>> '{report,employees}')::integer, 6, 'it reports what would have come');
SELECT is(:'answer'::jsonb #>> '{report,receipt_total}', '28264.92', 'to the cent');
:as_tester
SELECT is(tap.rows_written(), 0::bigint, 'and leaves nothing');
SELECT results_eq('SELECT a.file_name, a.outcome, a.user_name, a.size_bytes FROM report.import_attempts AS a',
    $$VALUES ('a.json', 'dry_run', 'pat', 18211::bigint)$$, 'but the attempt');

:as_processor
SELECT api.import_activity(:'content' || E'\n', ' March ', p_file_name => '/home/x/a.json') AS answer \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'an import is accepted');
SELECT is(:'answer'::jsonb #>> '{report,session_name}', 'March', 'blanks around the name go');
SELECT is(:'answer'::jsonb -> 'rejects', '[]'::jsonb, 'nothing is rejected');
SELECT is((SELECT s.status FROM report.sessions AS s WHERE s.session_id = (:'answer'::jsonb ->> 'session_id')::uuid),
    'completed', 'its session is completed');
:as_tester
SELECT tap.rows_written() AS written \gset
:as_processor
SELECT api.import_activity(:'content' || E'\n', 'Another name', p_file_name => 'b.json') AS again \gset
SELECT is(:'again'::jsonb ->> 'outcome', 'unchanged', 'the same bytes again change nothing');
SELECT is(:'again'::jsonb ->> 'session_id', :'answer'::jsonb ->> 'session_id', 'and name the session they are');
SELECT is(:'again'::jsonb -> 'report', :'answer'::jsonb -> 'report', 'with its report');
SELECT is(api.import_activity(:'content' || E'\n', p_dry_run => true) ->> 'outcome', 'unchanged', 'tried dry too');
:as_tester
SELECT is(tap.rows_written(), :written::bigint, 'no row was written');

:as_processor
SELECT is(tap.refused(:'content' || E'\n', NULL, (:'answer'::jsonb ->> 'session_id')::uuid),
    'refused same_as_parent parent_session_id', 'the same bytes as the parent are refused');
SELECT is(tap.refused('{}'), 'refused no_employees $', 'a file without employees');
SELECT is(tap.refused('[]'), 'refused not_an_object $', 'a list');
SELECT is(tap.refused('null'), 'refused not_an_object $', 'null');
SELECT is(tap.refused('"x"'), 'refused not_an_object $', 'a text');
SELECT is(tap.refused(''), 'refused empty_file file', 'an empty file');
SELECT is(tap.refused(NULL), 'refused empty_file file', 'no file');
SELECT is(tap.refused(U&'\FEFF'), 'refused empty_file file', 'a byte order mark alone');
SELECT is(tap.refused('{"ANN": {"car_total": 1, "car_total": 2}}'), 'refused duplicate_key $."ANN"."car_total"',
    'a key twice, with its path');
SELECT is(tap.refused('{"ANN": []}'), 'refused nothing_accepted $', 'a file without any sound employee');
SELECT is(tap.refused(jsonb_build_object('ANN', tap.entry())::text, repeat('x', 201)),
    'refused invalid_argument session_name', 'a name that is too long');
SELECT is(tap.refused(jsonb_build_object('ANN', tap.entry())::text, ' '),
    'refused invalid_argument session_name', 'a name of blanks');
SELECT is(tap.refused(jsonb_build_object('ANN', tap.entry())::text, NULL, '00000000-0000-7000-8000-000000000000'),
    'refused no_such_session parent_session_id', 'a parent nobody knows');
SELECT is(tap.refused(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"amt": "999999999999.99"}'),
    tap.receipt('{"rec_id": "2", "amt": "0.01"}')))::text), 'refused nothing_accepted $', 'a sum nobody can keep');
SELECT s.session_id AS open_id FROM api.create_session('Empty') AS s \gset
:as_tester
SELECT is(tap.rows_written(), :written::bigint + 1, 'nothing refused left a row');
:as_processor
SELECT is(tap.refused(jsonb_build_object('ANN', tap.entry())::text, NULL, :'open_id'::uuid),
    'refused wrong_state parent_session_id', 'a parent that is not completed');
:as_tester
SELECT is((SELECT count(*)::integer FROM report.import_attempts AS a WHERE a.outcome = 'refused'), 15,
    'each refusal is recorded');
SELECT is_empty($$SELECT a.* FROM report.import_attempts AS a
    WHERE (a.outcome = 'refused') <> (a.code IS NOT NULL AND a.message IS NOT NULL)$$, 'with code and message');
SELECT isnt_empty($$SELECT r.path FROM report.import_attempts AS a JOIN report.import_rejects AS r USING (attempt_id)
    WHERE a.outcome = 'refused' AND a.code = 'nothing_accepted'$$, 'and with the rejects that led to it');

:as_processor
SELECT is(api.import_activity(U&'\FEFF' || jsonb_build_object('ANN', tap.entry())::text) ->> 'outcome', 'accepted',
    'a byte order mark before the document is none of it');
SELECT matches((SELECT s.session_name FROM report.sessions AS s ORDER BY s.session_id DESC LIMIT 1),
    '^Migrated_[0-9]{8}_[0-9]{6}$', 'a session without a name gets one with the time');

SELECT is(api.refuse_import('x.json', 5, repeat('0', 64), 'invalid_json', 'file is not UTF-8') ->> 'sqlstate', 'IV001',
    'a file that is no text is refused by the service');
SELECT is(api.refuse_import('x.json', 5, repeat('0', 64), 'interrupted', 'lost', 'lost-1') ->> 'sqlstate', 'IV021',
    'an import whose connection was lost is recorded');
SELECT is((SELECT a.sqlstate FROM report.import_attempts AS a WHERE a.request_id = 'lost-1'), 'IV021',
    'under its request id');
SELECT is(api.refuse_import('x.json', 5, repeat('0', 64), 'time_limit', 'too long', 'lost-1') ->> 'hint',
    'Split the file, or try when there is less to do.', 'one the time limit ended says what to do');
SELECT is(api.import_activity(jsonb_build_object('BEA', tap.entry('{"employee_id": "2002"}'))::text, p_request_id => 'taken-1') ->> 'outcome',
    'accepted', 'an import is taken');
SELECT is(api.refuse_import('x.json', 5, repeat('0', 64), 'interrupted', 'lost', 'taken-1') ->> 'outcome', 'accepted',
    'and when only its answer was lost, that is told');
SELECT is((SELECT count(*)::integer FROM report.import_attempts AS a WHERE a.request_id = 'taken-1'), 1,
    'and no second attempt recorded');
SELECT throws_ok($$SELECT api.refuse_import('x', 5, repeat('0', 64), 'interrupted', 'x', '4111 1111 1111 1111')$$, 'IV018',
    NULL, 'a request id is no card number');
SELECT throws_ok($$SELECT api.refuse_import('x', 5, repeat('0', 64), 'no_such_code', 'x')$$, 'IV008',
    'argument is missing or not allowed', 'only with a code that exists');
SELECT throws_ok($$SELECT api.refuse_import('x', 5, repeat('0', 64), 'stale_version', 'x')$$, 'IV008',
    'argument is missing or not allowed', 'and is one of invalid input');
SELECT throws_ok($$SELECT api.refuse_import('x', 5, 'abc', 'invalid_json', 'x')$$, 'IV008',
    'argument is missing or not allowed', 'with a whole checksum');
SELECT throws_ok($$SELECT api.refuse_import('x', -1, repeat('0', 64), 'invalid_json', 'x')$$, 'IV008',
    'argument is missing or not allowed', 'and a size');
:as_reviewer
SELECT throws_ok($$SELECT api.import_activity('{}')$$, '42501', 'permission denied for function import_activity',
    'a reviewer imports nothing');
:as_reader
SELECT throws_ok($$SELECT api.import_activity('{}')$$, '42501', 'permission denied for function import_activity',
    'nor does a reader');
:as_processor
SELECT is(tap.refused(:'content' || ' ', E'March\n# forged'), 'refused control_character session_name', 'a session name has one line');
SELECT is(api.import_activity(:'content' || ' ', p_file_name => E'a\nb.json') ->> 'path', 'file_name', 'so has the name of a file');
SELECT is_empty($$SELECT FROM report.import_attempts AS a WHERE a.file_name ~ E'\\n'$$, 'the record leaves it out');
SELECT * FROM finish();
ROLLBACK;
