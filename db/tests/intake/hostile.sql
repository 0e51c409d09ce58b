-- Bad files get the answer they deserve: refused whole and stored nowhere, or taken with their doubts as issues.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/alone.psql
SELECT plan(28);

CREATE FUNCTION tap.refused(p_file text) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', a ->> 'outcome', a ->> 'code', a ->> 'path') FROM tap.import_activity(p_file) AS a;
END;
\set truncated `cat tests/data/hostile/truncated.json`
\set deep `cat tests/data/hostile/deep_nesting.json`
\set nan `cat tests/data/hostile/nan.json`
\set duplicate_keys `cat tests/data/hostile/duplicate_keys.json`
\set empty `cat tests/data/hostile/empty_object.json`
\set control `cat tests/data/hostile/control_characters.json`
\set wrong_types `cat tests/data/hostile/wrong_types.json`
\set huge `cat tests/data/hostile/huge_amount.json`
\set bad_date `cat tests/data/hostile/bad_date.json`
\set negative `cat tests/data/hostile/negative_totals.json`
\set paths `cat tests/data/hostile/paths_and_formulas.json`

:as_processor
SELECT is(tap.import_activity(:'truncated') ->> 'code', 'invalid_json', 'a file cut in the middle');
SELECT matches(tap.import_activity(:'truncated') ->> 'detail', 'line [0-9]+', 'with the line where it ends');
SELECT is(tap.refused(:'deep'), 'refused too_deep file', '100,000 nested lists');
SELECT is(tap.import_activity(:'nan') ->> 'code', 'invalid_json', 'NaN and Infinity');
SELECT is(tap.refused(:'duplicate_keys'), 'refused duplicate_key $."LINUSJUNIPOLD"', 'an employee twice');
SELECT is(tap.refused(:'empty'), 'refused no_employees $', 'no employee');
SELECT is(tap.import_activity(:'control') ->> 'code', 'invalid_text', 'NUL and half of a pair');
SELECT tap.import_activity(:'wrong_types') AS wrong \gset
SELECT is(:'wrong'::jsonb ->> 'code', 'nothing_accepted', 'five employees, all wrong');
SELECT is((SELECT count(DISTINCT split_part(r.value ->> 'path', '"', 2))::integer
    FROM jsonb_array_elements((:'wrong'::jsonb) -> 'rejects') AS r), 5, 'each is named');
SELECT tap.import_activity(:'huge') AS huge \gset
SELECT ok(:'huge'::jsonb ->> 'outcome' = 'refused' AND NOT jsonb_path_exists(:'huge'::jsonb,
    '$.rejects[*] ? (@.code != "amount_out_of_range")'), 'amounts nobody has, naming the fields');
:as_tester
SELECT is_empty('SELECT s.session_id FROM app.processing_sessions AS s', 'none of them left a session');
SELECT is_empty('SELECT c.cardholder_id FROM app.cardholders AS c', 'or a person');
SELECT is((SELECT count(*)::integer FROM report.import_attempts), 9, 'only the record of each attempt');
SELECT is_empty($$SELECT a.* FROM app.import_attempts AS a
    WHERE concat(a.message, a.path) <> app.hide_card_numbers(concat(a.message, a.path))$$, 'which holds no card number');

:as_processor
SELECT tap.import_activity(:'bad_date') ->> 'session_id' AS session_id \gset
:as_tester
SELECT set_eq(format('SELECT t.date_text FROM report.transactions AS t WHERE t.session_id = %L AND t.transaction_date IS NULL',
    :'session_id'), ARRAY['02/30/2025', '13/01/2025', '3/1/25', NULL, '03/01/1925', '03/01/2999'],
    'dates that are none are kept as text');
SELECT is((SELECT count(*)::integer FROM report.transactions AS t WHERE t.session_id = :'session_id'
    AND t.transaction_date = '2025-03-01'), 1, 'the ISO date is read');
SELECT is((SELECT count(*)::integer FROM report.validation_issues AS i
    WHERE i.session_id = :'session_id' AND i.issue_type = 'invalid_date' AND i.blocks), 7, 'one issue each');

:as_processor
SELECT tap.import_activity(:'negative') ->> 'session_id' AS session_id \gset
SELECT results_eq(format('SELECT e.car_total, e.receipt_total, e.status, e.validation_flags ->> ''total_mismatch''
        FROM report.employee_revisions AS e WHERE e.session_id = %L', :'session_id'),
    $$VALUES (-512.25, -512.25, 'finished', 'false')$$, 'totals below zero are totals');
SELECT results_eq(format('SELECT t.amount, t.transaction_type FROM report.transactions AS t
        WHERE t.session_id = %L ORDER BY 1', :'session_id'),
    $$VALUES (-500.00, 'refund'), (-12.25, 'refund')$$, 'and receipts below zero are refunds');

SELECT tap.import_activity(:'paths') AS paths \gset
SELECT is(:'paths'::jsonb ->> 'outcome', 'accepted', 'paths and formulas are texts');
:as_tester
SELECT isnt_empty($$SELECT e.employee_name FROM report.employee_revisions AS e WHERE e.employee_name = 'UP'$$,
    'a key like a path is the name of its letters');
SELECT isnt_empty($$SELECT c.file_paths FROM app.old_claims AS c WHERE c.file_paths ? '../../../../etc/passwd'$$,
    'paths are kept as what the file said');
SELECT isnt_empty($$SELECT t.purpose FROM report.transactions AS t
    WHERE concat_ws(' ', t.purpose, t.description, t.merchant_name) ~ '(^| )[=@+]'$$, 'texts stay as they are');

-- A file that is not even text in this database's encoding never gets here: the service says so.
:as_processor
SELECT is(api.refuse_import('not_utf8.json', 1293, repeat('a', 64), 'invalid_json', 'file is not UTF-8') ->> 'outcome',
    'refused', 'bytes that are no UTF-8');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
