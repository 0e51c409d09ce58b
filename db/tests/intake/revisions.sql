-- A later submission: next revision number, compared with its parent person by person and receipt by receipt.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(24);

-- ANN stays, BEA changes, CEM goes, DAN comes. ANN stands elsewhere in the later file, which is no change.
CREATE FUNCTION tap.month(p_is_later boolean) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT (jsonb_build_object('ANN', tap.entry(jsonb_build_object('employee_id', '1',
            'car_page_range', CASE WHEN p_is_later THEN '[9]'::jsonb ELSE '[1]' END), tap.receipt('{"rec_id": "11"}')),
        'BEA', tap.entry('{"employee_id": "2", "car_total": 40.00}',
            tap.receipt(jsonb_build_object('rec_id', '21', 'amt', CASE WHEN p_is_later THEN '11.00' ELSE '10.00' END)),
            tap.receipt(jsonb_build_object('rec_id', CASE WHEN p_is_later THEN '23' ELSE '22' END, 'amt', '20.00')),
            tap.receipt('{"rec_id": "24"}')))
        || CASE WHEN p_is_later THEN jsonb_build_object('DAN', tap.entry('{"employee_id": "4"}', tap.receipt('{"rec_id": "41"}')))
            ELSE jsonb_build_object('CEM', tap.entry('{"employee_id": "3"}', tap.receipt('{"rec_id": "31"}'))) END)::text;
END;

:as_processor
SELECT api.import_activity(tap.month(false), 'April') ->> 'session_id' AS first_id \gset
SELECT api.import_activity(tap.month(true), 'April again', :'first_id') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS second_id \gset
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'a later submission is accepted');
SELECT is((:'answer'::jsonb #>> '{report,revision_number}')::integer, 2, 'it has the next revision number');
SELECT is(:'answer'::jsonb #>> '{report,parent_session_id}', :'first_id', 'and names its parent');
SELECT is(:'answer'::jsonb #> '{report,changes}', $${"people_added": 1, "people_removed": 1, "people_changed": 1,
    "people_unchanged": 1, "receipts_added": 2, "receipts_removed": 2, "receipts_changed": 1}$$::jsonb,
    'it counts what changed');
SELECT results_eq(format('SELECT e.employee_name, e.changed_from_previous, e.compared_with IS NOT NULL,
        e.change_details -> ''transactions'' FROM report.employee_revisions AS e WHERE e.session_id = %L ORDER BY 1', :'second_id'),
    $$VALUES ('ANN', false, true, NULL), ('BEA', true, true, '{"added": 1, "changed": 1, "removed": 1}'::jsonb),
        ('DAN', true, false, NULL)$$, 'and says of each person whether and how');
SELECT is((SELECT e.change_details -> 'receipt_total' FROM report.employee_revisions AS e
    WHERE e.session_id = :'second_id' AND e.employee_name = 'BEA'), '{"old": 40.00, "new": 41.00}'::jsonb,
    'totals with old and new');
SELECT is((SELECT count(*)::integer FROM report.employee_revisions AS e WHERE e.session_id = :'first_id'), 3,
    'the parent stays as it was');
SELECT is((SELECT count(DISTINCT e.cardholder_id)::integer FROM report.employee_revisions AS e
    WHERE e.employee_name IN ('ANN', 'BEA')), 2, 'people are the same people in both');

SELECT is(api.import_activity(tap.month(true), NULL, :'first_id') ->> 'code', 'parent_has_child',
    'a parent has one later submission');
SELECT is(api.import_activity(tap.month(true), NULL, :'second_id') ->> 'code', 'same_as_parent',
    'the bytes of the parent are no later submission');
SELECT is(api.import_activity(tap.month(true)) ->> 'outcome', 'unchanged', 'without a parent they are what is there');
SELECT is(tap.import_activity(tap.month(false)) ->> 'outcome', 'accepted',
    'the bytes of a session that was followed are new, without a parent');
SELECT is(api.import_activity(tap.month(false), 'Back', :'second_id') #>> '{report,revision_number}', '3',
    'or follow as the third submission');
SELECT throws_ok(format('SELECT api.create_session(NULL, %L)', :'second_id'), 'ST005',
    'parent session already has a later submission', 'an empty session cannot fork the chain either');

:as_tester
SELECT throws_ok(format($$INSERT INTO app.processing_sessions (parent_session_id, revision_number, user_id, session_name)
    SELECT %L, 3, u.user_id, 'x' FROM app.users AS u LIMIT 1$$, :'second_id'), '23505', NULL,
    'no DML forks it');
SELECT throws_ok(format($$INSERT INTO app.processing_sessions (parent_session_id, revision_number, user_id, session_name)
    SELECT s.session_id, 3, s.user_id, 'x' FROM app.processing_sessions AS s WHERE s.revision_number = 3$$, :'second_id'),
    '23503', NULL, 'nor leaves a number out');
SELECT throws_ok($$INSERT INTO app.processing_sessions (revision_number, user_id, session_name)
    SELECT 2, u.user_id, 'x' FROM app.users AS u LIMIT 1$$, '23514',
    'new row for relation "processing_sessions" violates check constraint "processing_sessions_revision_number_check"',
    'only a first submission has no parent');

-- A cancelled submission makes room for another.
SELECT s.session_id AS third_id FROM report.sessions AS s WHERE s.session_name = 'Back' \gset
:as_admin
SELECT throws_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'second_id'), 'ST006',
    'a later submission builds on this session', 'a parent with a live child stays');
SELECT lives_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'third_id'), 'the child may be cancelled');
SELECT lives_ok(format('SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = %L', :'second_id'), 'and then the parent');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
