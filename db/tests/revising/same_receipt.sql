-- A receipt handed in again under another id is the same one where nothing else could be meant; of several none is picked.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(6);

-- A file of one person with receipts of these ids and amounts, all of one merchant and day.
CREATE FUNCTION tap.file(VARIADIC p_receipts text[]) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT jsonb_build_object('ANN', tap.entry('{}', VARIADIC (
        SELECT array_agg(tap.receipt(jsonb_build_object('rec_id', split_part(r, ' ', 1), 'amt', split_part(r, ' ', 2))) ORDER BY r)
        FROM unnest(p_receipts) AS r)))::text;
END;
-- Ids of the second submission, each with what it was called in the first.
CREATE FUNCTION tap.pairs(p_first uuid, p_second uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' is ', s.external_transaction_id, coalesce(f.external_transaction_id, 'new')), ', '
        ORDER BY s.external_transaction_id)
    FROM report.transactions AS s
    LEFT JOIN report.transactions AS f ON f.session_id = p_first AND f.transaction_id = s.transaction_id
    WHERE s.session_id = p_second);

:as_processor
SET LOCAL app.reason = 'as told by mail';
SELECT api.import_activity(tap.file('11 10.00', '12 20.00', '13 20.00', '14 30.00'), 'First') ->> 'session_id' AS first \gset
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, a.amount, '2025-03-29', 'As told'
FROM report.employee_revisions AS e, (VALUES (40.00), (50.00), (50.00)) AS a (amount) WHERE e.session_id = :'first';
SELECT t.transaction_id AS forty FROM report.transactions AS t WHERE t.session_id = :'first' AND t.amount = 40 \gset
SELECT api.import_activity(tap.file('21 10.00', '22 20.00', '23 30.00', '24 30.00', '25 40.00', '26 50.00'), 'Second', :'first')
    ->> 'session_id' AS second \gset
:as_tester
SELECT matches(tap.pairs(:'first', :'second'), '^21 is 11, 22 is new, 23 is new, 24 is new, ',
    'the only one is the same, one of two is not, nor are two of one');
SELECT is((SELECT t.external_transaction_id FROM report.transactions AS t WHERE t.session_id = :'second' AND t.transaction_id = :'forty'),
    '25', 'so is the only one that people made');
SELECT is((SELECT count(*) FROM report.transactions AS t WHERE t.session_id = :'second' AND t.amount = 50), 3::bigint,
    'and of two that people made neither');
SELECT alike(report.import_report(:'second'), E'%\n* ANN: receipt 21 was 11 before\n%', 'the report says what was handed in anew');
SELECT unalike(report.import_report(:'first'), '%another id%', 'and nothing where nothing was');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
