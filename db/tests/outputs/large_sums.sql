-- A month of people below the largest amount whose sums are above it is shown, handed over and closed like any other.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(9);
\ir ../fixtures/batches.psql
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

:as_processor
SELECT tap.submit(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 999999999999.99}', tap.receipt('{"amt": "999999999999.99"}')),
    'BOB', tap.entry('{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_total": 999999999999.99}',
        tap.receipt('{"rec_id": "40000002", "amt": "999999999999.99"}')),
    'ANNIE', tap.receipts_only('{}', tap.receipt('{"rec_id": "40000003", "amt": "999999999999.99", "attachment": false}')))) AS session \gset
SELECT is((SELECT s.total_amount || ' ' || s.receipt_total FROM report.sessions AS s WHERE s.session_id = :'session'),
    '1999999999999.98 2999999999999.97', 'its totals');
SELECT is((SELECT m.receipt_total FROM report.months AS m JOIN report.sessions AS s ON s.month_id = m.month_id WHERE s.session_id = :'session'),
    2999999999999.97, 'those of the month');
SELECT is((SELECT x.line_count || ' ' || x.line_total FROM api.export_lines(:'session', p_people => 'all') AS x), '2 1999999999999.98',
    'a look at a batch');
:as_admin
SELECT is((SELECT (api.resolve_issues(NULL, jsonb_build_object('session_id', :'session'), 'explained', 'Known')).done > 0), true,
    'a decision about all of it');
:as_processor
SELECT is((SELECT x.outcome FROM api.export_lines(:'session', p_people => 'all', p_reason => 'All',
    p_expected_sha256 => (SELECT y.sha256 FROM api.export_lines(:'session', p_people => 'all') AS y)) AS x), 'exported', 'a batch');
:as_tester
SELECT is((SELECT b.receipt_total || ' ' || b.line_total FROM report.accounting_batches AS b), '2999999999999.97 1999999999999.98', 'as it is kept');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;
SELECT cmp_ok((SELECT count(*) FROM report.workbook_proof AS w WHERE w.session_id = :'session'), '>', 0::bigint, 'and the workbook');

-- What an alias moves in all months.
CREATE FUNCTION tap.cal() RETURNS jsonb
LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('CAL', tap.entry('{"employee_id": "7", "car_total": 5.00}', tap.receipt('{"rec_id": "8", "amt": "0.00"}')),
    'CALLIE', tap.receipts_only('{}', tap.receipt('{"rec_id": "7", "amt": "999999999999.99"}')));
GRANT EXECUTE ON FUNCTION tap.cal() TO PUBLIC;
:as_processor
SELECT tap.import(tap.cal()) \g /dev/null
SELECT tap.import(tap.cal() || '{"DAN": {"employee_id": "9", "car_total": 1.0}}') \g /dev/null
SELECT is((SELECT a.moved_receipts || ' ' || a.moved_amount FROM api.approve_alias('CALLIE', 'CAL', 'Called so') AS a), '2 1999999999999.98',
    'what an alias moves');
SELECT * FROM finish();
ROLLBACK;
