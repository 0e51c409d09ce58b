-- The figures of a session: refunds lower the sum, cancelled sessions do not count, people are counted once.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(6);

-- Wade was charged 100, Joan got 30 back, nobody knows Ann's card total; Otto handed in receipts and has no card.
:as_processor
SELECT tap.import(jsonb_build_object(
    'WADEWINDFALLOW', tap.entry('{"car_total": 100.00}', tap.receipt('{"amt": "40.00", "attachment": false}'),
        tap.receipt('{"amt": "2.50", "rec_id": "40000002", "attachment": false}')),
    'JOANROW', tap.entry('{"employee_id": "1002", "car_total": -30.00}'),
    'ANNTARN', tap.entry('{"employee_id": "1003", "car_total": null}'),
    'OTTOELM', tap.receipts_only('{}', tap.receipt('{"amt": "5.00", "rec_id": "40000003"}')))) AS session_id \gset
:as_tester
SELECT is((SELECT s.total_amount FROM report.sessions AS s WHERE s.session_id = :'session_id'), 70.00,
    'money that came back lowers the sum of card totals');
SELECT is((SELECT s.receipt_total FROM report.sessions AS s WHERE s.session_id = :'session_id'), 47.50,
    'all readable receipts are summed');
SELECT is((SELECT s.total_employees::integer FROM report.sessions AS s WHERE s.session_id = :'session_id'), 4,
    'four people');
SELECT is((SELECT s.employees_with_issues::integer FROM report.sessions AS s WHERE s.session_id = :'session_id'),
    (SELECT count(DISTINCT i.cardholder_id)::integer FROM report.validation_issues AS i
     WHERE i.session_id = :'session_id' AND i.is_open), 'who has two issues counts once among those with issues');
SELECT cmp_ok((SELECT s.open_issues FROM report.sessions AS s WHERE s.session_id = :'session_id'), '>',
    (SELECT s.employees_with_issues FROM report.sessions AS s WHERE s.session_id = :'session_id'),
    'and here somebody has two');
:as_admin
SELECT s.status FROM report.processing_sessions AS o, api.cancel_session(o.session_id, o.version) AS s WHERE o.session_id = :'session_id' \gset
:as_tester
SELECT is((SELECT f.sessions_imported::integer FROM report.figures AS f), 0, 'a cancelled session is none of the figures');
SELECT * FROM finish();
ROLLBACK;
