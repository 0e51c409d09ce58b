-- What is compared of receipts is every column that says something: one that is added and left out would be changed unseen.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(5);

-- A receipt that says something in each column, and one for each column that says something else, or nothing, there.
CREATE VIEW tap.pairs AS
WITH columns AS (
    SELECT a.attname::text AS name, a.attnum, t.typname
    FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = 'app.receipt_contents'::regclass AND a.attnum > 0 AND NOT a.attisdropped
), said AS (
    SELECT c.name, CASE c.typname WHEN 'bool' THEN 'true' WHEN 'date' THEN '"2026-07-01"' WHEN 'int8' THEN '7'
            WHEN 'numeric' THEN '7.00' WHEN 'uuid' THEN to_jsonb(md5(c.name)::uuid) WHEN 'jsonb' THEN '{"a": 1}'
            ELSE to_jsonb('x ' || c.name) END AS one,
        CASE c.typname WHEN 'bool' THEN 'false' WHEN 'date' THEN '"2026-07-02"' WHEN 'int8' THEN '8'
            WHEN 'numeric' THEN '7.01' WHEN 'uuid' THEN to_jsonb(md5(c.name || '2')::uuid) WHEN 'jsonb' THEN '{"a": 2}'
            ELSE to_jsonb('y ' || c.name) END AS other
    FROM columns AS c
), whole AS (
    SELECT jsonb_object_agg(s.name, s.one) AS fields FROM said AS s
)
SELECT s.name, jsonb_populate_record(NULL::app.receipt_contents, w.fields) AS one,
    jsonb_populate_record(NULL::app.receipt_contents, w.fields || jsonb_build_object(s.name, o.value)) AS other
FROM said AS s CROSS JOIN whole AS w CROSS JOIN LATERAL (VALUES (s.other), ('null')) AS o (value);

:as_tester
SELECT is((SELECT count(*) FROM tap.pairs AS p WHERE p.one IS NOT DISTINCT FROM p.other), 0::bigint, 'each pair differs');
SELECT set_eq('SELECT p.name FROM tap.pairs AS p WHERE app.is_same_content(p.one, p.other)', ARRAY['content_id', 'created_tx'],
    'the same content: all but key and transaction');
SELECT set_eq('SELECT p.name FROM tap.pairs AS p WHERE app.says_the_same(p.one, p.other)',
    ARRAY['content_id', 'created_tx', 'source_fields'], 'says the same: and but for the way back');
SELECT set_eq('SELECT p.name FROM tap.pairs AS p WHERE app.hash_said(p.one) = app.hash_said(p.other)',
    ARRAY['content_id', 'created_tx', 'source_fields', 'external_transaction_id'], 'alike: and but for the receipt id');
SELECT ok((SELECT bool_and(app.is_same_content(p.one, p.one) AND app.hash_said(p.one) = app.hash_said(p.one)) FROM tap.pairs AS p),
    'what is the same is the same');
SELECT * FROM finish();
ROLLBACK;
