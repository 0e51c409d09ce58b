-- Going back to an old revision and to an old session.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(19);

SELECT e.revision_id AS first_id, e.content_hash AS first_hash
FROM report.employee_revisions AS e WHERE e.employee_name = 'LINUSJUNIPOLD' \gset
:as_processor
SET LOCAL app.reason = 'coded by mail';
UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100', amount = 90.00
WHERE external_transaction_id = '40220383';
:as_tester
SELECT e.revision_id AS second_id FROM report.employee_revisions AS e WHERE e.employee_name = 'LINUSJUNIPOLD' \gset

SELECT results_eq(format('SELECT d.kind, d.change, d.field, d.old_value, d.new_value, d.difference
        FROM report.compare_revisions(%L, %L) AS d WHERE d.kind = ''transaction''', :'first_id', :'second_id'),
    $$VALUES ('transaction', 'changed', 'amount', '87.44', '90.00', 2.56),
        ('transaction', 'changed', 'coding_type', 'job_coding', 'gl_coding', NULL),
        ('transaction', 'changed', 'gl_account', NULL, '6120.100', NULL)$$,
    'two revisions are compared field by field, to the cent');

:as_processor
SELECT results_eq(format('SELECT r.revision_number, r.origin, r.reason, r.receipt_total, r.status
        FROM api.restore_revision(%L, %L, ''wrong person'', ''back'') AS r', :'first_id', :'second_id'),
    $$VALUES (3, 'restore', 'wrong person', 894.89, 'unfinished')$$, 'an old revision comes back as a new one');
SELECT results_eq(format('SELECT r.revision_number FROM api.restore_revision(%L, %L, ''wrong person'', ''back'') AS r',
    :'first_id', :'second_id'), 'VALUES (3)', 'the same request gets the same answer');
SELECT throws_ok(format('SELECT api.restore_revision(%L, %L, ''x'')', :'first_id', :'second_id'), 'ST001',
    'it was changed meanwhile', 'somebody who saw an older state is told');
SELECT throws_ok(format('SELECT api.restore_revision(%L, %L, ''x'')', :'first_id', :'first_id'), 'ST002',
    'state does not allow this step', 'the revision seen cannot be restored over itself');
SELECT throws_ok(format('SELECT api.restore_revision(%L, %L, ''x'')', '00000000-0000-7000-8000-000000000000', :'second_id'),
    'NF005', 'there is no such revision or receipt', 'an unknown revision is no such one');
:as_tester
SELECT is_empty(format('SELECT d.kind FROM report.compare_revisions(%L, (SELECT e.revision_id
    FROM report.employee_revisions AS e WHERE e.employee_name = ''LINUSJUNIPOLD'')) AS d
    WHERE d.kind = ''transaction''', :'first_id'), 'its receipts are those of the old one');
SELECT set_eq($$SELECT i.state FROM report.validation_issues AS i WHERE i.employee_name = 'LINUSJUNIPOLD'
    AND i.issue_type = 'missing_coding_info'$$, $$VALUES ('open')$$, 'what it lacked is open again');

-- A later submission, and back to the first.
:as_processor
SELECT api.import_activity(replace(pg_catalog.jsonb_build_object('LINUSJUNIPOLD', '{"name": "LINUSJUNIPOLD",
    "employee_id": "56552", "car_total": 1.00, "card_no": "9999992616473075"}'::jsonb)::text, ' ', ''),
    p_parent_session_id => :'session_id') ->> 'session_id' AS child_id \gset
SELECT throws_ok(format('SELECT api.restore_session(%L, %L, ''x'')', :'session_id', :'session_id'), 'ST004',
    'files are the same as those of the parent session', 'a session is not restored over itself');
SELECT results_eq(format('SELECT s.revision_number, s.status, s.total_employees, s.total_amount, s.receipt_total
        FROM api.restore_session(%L, %L, ''sent too early'', ''March again'') AS s', :'session_id', :'child_id'),
    format('SELECT 3, ''completed'', s.total_employees, s.total_amount, s.receipt_total
        FROM report.sessions AS s WHERE s.session_id = %L', :'session_id'),
    'an old session comes back as the next revision');
SELECT throws_ok(format('SELECT api.restore_session(%L, %L, ''x'')', :'session_id', :'child_id'), 'ST005',
    'parent session already has a later submission', 'the chain does not fork');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it is reconciled');
SELECT is((SELECT count(*) FROM report.compare_sessions(:'session_id', (SELECT s.session_id FROM report.sessions AS s
        WHERE s.revision_number = 3)) AS d WHERE d.kind = 'transaction'), 0::bigint,
    'no receipt differs between the first and the restored session');
SELECT results_eq(format('SELECT d.change, count(DISTINCT d.cardholder_id) FROM report.compare_sessions(%L, %L) AS d
        WHERE d.kind = ''person'' GROUP BY 1 ORDER BY 1', :'session_id', :'child_id'),
    $$VALUES ('changed', 1::bigint), ('removed', 5)$$, 'people on one side only are in the comparison');
SELECT is((SELECT d.difference FROM report.compare_sessions(:'session_id', :'child_id') AS d
        WHERE d.kind = 'summary' AND d.field = 'car_total'), 1.00 - 29962.18, 'the summary is to the cent');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
