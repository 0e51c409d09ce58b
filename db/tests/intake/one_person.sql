-- One person may hand in many receipts: nothing is kept or sorted once for each of them.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(3);

-- All receipts of a code beside each of them would be 1.4 GB.
SET LOCAL temp_file_limit = '200MB';
:as_processor
SELECT api.import_activity(jsonb_build_object('WADE, WINDFALLOW', tap.entry('{}', VARIADIC ARRAY(
    SELECT tap.receipt(jsonb_build_object('rec_id', (40000000 + n)::text)) FROM generate_series(1, 2000) AS n)))::text)
    AS answer \gset
:as_tester
SELECT is(:'answer'::jsonb ->> 'outcome', 'accepted', 'two thousand receipts of one person are taken');
SELECT is((SELECT e.receipt_count FROM report.employee_revisions AS e), 2000, 'all of them');
SELECT is((SELECT count(DISTINCT t.natural_key)::integer FROM report.transactions AS t), 2000,
    'each under a name of its own');

SELECT * FROM finish();
ROLLBACK;
