-- Where a receipt stands in its file is a number that sorts as the file does, and that nothing takes for a card number.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(3);

-- Sixty people, twenty receipts each.
CREATE FUNCTION tap.many() RETURNS jsonb
LANGUAGE sql
RETURN (SELECT jsonb_object_agg('P' || translate(p::text, '0123456789', 'ABCDEFGHIJ'), tap.entry(jsonb_build_object(
        'employee_id', (1000 + p)::text, 'receipts', jsonb_build_object('null', (
            SELECT jsonb_agg(tap.receipt(jsonb_build_object('rec_id', p || '-' || r)) ORDER BY r) FROM generate_series(1, 20) AS r)))))
    FROM generate_series(1, 60) AS p);

:as_processor
SELECT tap.import(tap.many()) AS session \gset
:as_tester
SELECT is(count(*), 1200::bigint, 'all are there') FROM report.transactions AS t WHERE t.session_id = :'session';
SELECT is_empty(format('SELECT t.position FROM report.transactions AS t
    WHERE t.session_id = %L AND app.json_holds_card_number(to_jsonb(t.position))', :'session'), 'none is taken for a card number');
SELECT is_empty(format('SELECT FROM (SELECT split_part(t.external_transaction_id, ''-'', 2)::integer AS number,
        row_number() OVER (PARTITION BY t.cardholder_id ORDER BY t.position) AS place
        FROM report.transactions AS t WHERE t.session_id = %L) AS x WHERE x.number <> x.place', :'session'), 'and they sort as the file');
SELECT * FROM finish();
ROLLBACK;
