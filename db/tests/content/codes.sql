-- What a code may be is said once and holds at every door: calls, the view, imports, PDFs, the chart, the table itself.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT plan(25);

SELECT is(app.is_code(c.text), c.fits, format('%L is %s', left(c.text, 30), CASE WHEN c.fits THEN 'a code' ELSE 'none' END))
FROM (VALUES ('19002.', true), ('410.25', true), ('LAB 7/b-(2)#&_+:', true), (repeat('9', 80), true), ('CLEARED', true),
    (repeat('9', 81), false), ('', false), (' 1', false), ('1 ', false), ('#N/A', false), ('=1', false), ('clear', false),
    ('CLEAR', false), (E'61\n20', false), (E'6120\n', false), (U&'6120\200B.100', false), ('6120,100', false)) AS c (text, fits);
SELECT is((SELECT count(*) FROM regexp_matches((SELECT pg_get_constraintdef(k.oid) FROM pg_constraint AS k
        WHERE k.conname = 'receipt_contents_code_check'), '~ ''([^'']*)''', 'g') AS m (pattern)
    WHERE strpos((SELECT pg_get_functiondef('app.is_code(text)'::regprocedure)), '''' || m.pattern[1] || '''') > 0), 4::bigint,
    'the table says the same of its four columns');

:as_owner
-- An old file: with what is no code the receipt is not coded, which blocks, and the file is given back as it was.
SELECT tap.import(jsonb_build_object('ANNROE', tap.entry('{}', tap.receipt(jsonb_build_object('gl_acct', E'61\n20')),
    tap.receipt('{"rec_id": "40000002"}')))) AS session \gset
SELECT results_eq(format('SELECT t.external_transaction_id, t.gl_account, t.is_coded FROM report.transactions AS t
        WHERE t.session_id = %L ORDER BY 1', :'session'),
    $$VALUES ('40000001', NULL::text, false), ('40000002', '6120.100', true)$$, 'no code is taken that none may be');
SELECT results_eq(format('SELECT t.external_transaction_id, i.blocks FROM report.validation_issues AS i
        JOIN report.transactions AS t ON t.transaction_id = i.transaction_id
        WHERE i.session_id = %L AND i.issue_type = %L', :'session', 'missing_coding_info'),
    $$VALUES ('40000001', true)$$, 'which blocks');
SELECT is(report.activity_json(:'session', 'as_imported')::jsonb #>> '{ANNROE,receipts,6120.100,0,gl_acct}', E'61\n20',
    'the way back has it');
SELECT throws_ok(format('SELECT api.correct_transactions(%L, %L, %L)', :'session', (SELECT jsonb_build_array(jsonb_build_object(
        'transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id,
        'changes', '{"gl_account": "#N/A"}'::jsonb)) FROM report.transactions AS t WHERE t.session_id = :'session' LIMIT 1), 'x'),
    'IV008', NULL, 'a call is refused');
SET LOCAL app.reason = 'x';
SELECT throws_ok(format('UPDATE api.current_transactions SET job_number = %L WHERE session_id = %L', 'clear', :'session'),
    'IV008', NULL, 'so is the view');
SELECT is(app.receipts_fault(tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"gl_account": "6120\n"}'))), 'receipt',
    'and what a worker read');
SELECT throws_ok($$SELECT api.load_chart('job', '[{"code": "#N/A"}]', 1)$$, 'IV008', NULL, 'and the chart has no other codes');
SELECT * FROM finish();
ROLLBACK;
