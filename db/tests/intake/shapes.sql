-- The small month by code, by id and mixed gives the same people, receipts and issues.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/small.psql
SELECT plan(9);

\set by_id `cat tests/data/small/activity_by_id.json`
\set mixed `cat tests/data/hostile/mixed_shapes.json`
:as_processor
SELECT tap.import_activity(:'by_id', 'By id') ->> 'session_id' AS by_id_session \gset
SELECT tap.import_activity(:'mixed', 'Mixed') ->> 'session_id' AS mixed_session \gset
:as_tester
-- What a session holds, but for the key under which the file had a receipt.
CREATE FUNCTION tap.content(p_session_id uuid) RETURNS SETOF text
LANGUAGE sql
BEGIN ATOMIC
    SELECT ROW(e.employee_name, e.employee_id, e.card_number, e.is_in_report, e.car_total, e.receipt_total,
        e.receipt_count, e.status, e.validation_flags, e.car_page_range, e.receipt_page_range)::text
    FROM report.employee_revisions AS e WHERE e.session_id = p_session_id
    UNION ALL
    SELECT ROW(t.employee_name, t.external_transaction_id, t.natural_key, t.transaction_date, t.date_text,
        t.transaction_type, t.amount, t.amount_text, t.expense_type, t.description, t.purpose, t.merchant_name,
        t.merchant_address, t.coding_type, t.job_number, t.job_phase, t.cost_type, t.gl_account, t.gl_description,
        t.has_attachment, t.is_coded, t.source_fields - 'key')::text
    FROM report.transactions AS t WHERE t.session_id = p_session_id
    UNION ALL
    SELECT ROW(i.fingerprint, i.severity, i.blocks, i.description, i.amount_impact, i.evidence)::text
    FROM report.validation_issues AS i
    -- The same receipts in a session of their own are duplicates, as they should.
    WHERE i.session_id = p_session_id AND i.issue_type <> 'duplicate_across_cycles';
END;
SELECT is((SELECT count(*)::integer FROM tap.content(:'session_id')), 40, 'people, receipts and issues');
SELECT bag_eq(format('SELECT * FROM tap.content(%L)', :'by_id_session'),
    format('SELECT * FROM tap.content(%L)', :'session_id'), 'by id they are the same');
SELECT bag_eq(format('SELECT * FROM tap.content(%L)', :'mixed_session'),
    format('SELECT * FROM tap.content(%L)', :'session_id'), 'mixed they are the same');
SELECT set_eq($$SELECT s.session_name, c.receipts_shape FROM app.old_claims AS c
        JOIN app.processing_sessions AS s USING (session_id) WHERE c.receipts_shape IS NOT NULL$$,
    $$VALUES ('March', 'by_code'), ('By id', 'by_id'), ('Mixed', 'by_id'), ('Mixed', 'by_code')$$,
    'which shape it was is kept for the way back');

:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry(jsonb_build_object('employee_id', '7', 'receipts',
    jsonb_build_object('6120.100', jsonb_build_array(tap.receipt(), tap.receipt('{"rec_id": "40000002"}')),
        '40000003', tap.receipt('{"rec_id": "40000003"}')))))) AS session_id \gset
:as_tester
SELECT is((SELECT count(*)::integer FROM report.transactions AS t WHERE t.session_id = :'session_id'), 3,
    'inside one employee it is decided per entry');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
