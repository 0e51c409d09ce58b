-- Correcting receipts by writing the view: one revision per person and statement.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/small.psql
SELECT plan(29);

CREATE TABLE public.before AS SELECT t.* FROM report.transactions AS t;
GRANT SELECT ON public.before TO PUBLIC;

:as_processor
SET LOCAL app.reason = 'job sheets of March';
SELECT lives_ok($$UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100'
    WHERE NOT is_coded$$, 'a plain UPDATE codes what was not coded');
SELECT is((SELECT count(*) FROM api.current_transactions AS t WHERE NOT t.is_coded), 0::bigint,
    'the caller sees it at once');
:as_tester
SELECT results_eq($$SELECT r.revision_number, r.origin, r.reason, u.user_name, count(*)
        FROM report.employee_revisions_history AS r JOIN report.users AS u ON u.user_id = r.created_by
        WHERE r.revision_number > 1 GROUP BY 1, 2, 3, 4$$,
    $$SELECT 2, 'correction', 'job sheets of March', 'pat', count(DISTINCT b.employee_name)
        FROM public.before AS b WHERE NOT b.is_coded$$,
    'each person has one new revision with author and reason, however many receipts');
SELECT set_eq($$SELECT t.transaction_id FROM report.transactions AS t$$,
    $$SELECT b.transaction_id FROM public.before AS b$$, 'receipts keep their ids');
SELECT set_eq($$SELECT i.state FROM report.validation_issues AS i WHERE i.issue_type = 'missing_coding_info'$$,
    $$VALUES ('auto_closed')$$, 'the rules ran again and closed the issues');
SELECT results_eq($$SELECT v.from_state, v.to_state, v.note FROM report.issue_events AS v GROUP BY 1, 2, 3$$,
    $$VALUES ('open', 'auto_closed', 'not found any more')$$, 'and each closing is an event');
SELECT is((SELECT count(*) FROM report.employee_revisions AS e
    WHERE (e.validation_flags ->> 'missing_coding_info')::boolean), 0::bigint, 'flags follow');
SELECT is_empty('SELECT w.tx FROM app.correction_wishes AS w', 'no wish is left');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'the commit is reconciled');

:as_processor
SELECT lives_ok($$UPDATE api.current_transactions SET gl_account = gl_account$$,
    'writing what is there is allowed, also while the checks are immediate');
SELECT lives_ok($$UPDATE api.current_transactions SET amount = 1 WHERE false$$, 'and so is writing nothing');
:as_tester
SELECT is((SELECT max(r.revision_number) FROM report.employee_revisions_history AS r), 2, 'neither makes a revision');

:as_processor
SELECT lives_ok($$UPDATE api.current_transactions SET amount = -0.01 WHERE external_transaction_id = '40220150'$$,
    'an amount may become a refund, while the checks are immediate');
:as_tester
SELECT results_eq($$SELECT t.amount, t.transaction_type, e.receipt_total, e.amount_difference
        FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.revision_id = t.employee_revision_id
        WHERE t.external_transaction_id = '40220150'$$,
    $$VALUES (-0.01, 'refund', 87.43, 807.46)$$, 'type, totals and difference follow');
SELECT isnt_empty($$SELECT i.issue_id FROM report.validation_issues AS i JOIN report.employee_revisions AS e
        ON e.revision_id = i.employee_revision_id
    WHERE e.employee_name = 'LINUSJUNIPOLD' AND i.issue_type = 'total_mismatch' AND i.is_open$$,
    'the mismatch it makes is an issue');

:as_processor
SELECT lives_ok($$DELETE FROM api.current_transactions WHERE external_transaction_id = '40220150'$$, 'a receipt can go');
SELECT lives_ok($$INSERT INTO api.current_transactions (employee_revision_id, external_transaction_id, amount,
        transaction_date, coding_type, gl_account, has_attachment)
    SELECT t.employee_revision_id, '40220150', 807.45, '2025-03-03', 'gl_coding', '6120.100', true
    FROM api.current_transactions AS t WHERE t.external_transaction_id = '40220383'$$, 'and another can come');
:as_tester
SELECT results_eq($$SELECT e.revision_number, e.receipt_count, e.receipt_total, e.status
        FROM report.employee_revisions AS e WHERE e.employee_name = 'LINUSJUNIPOLD'$$,
    $$VALUES (5, 2, 894.89, 'finished')$$, 'each is a revision, and the person is finished in the end');
SELECT is((SELECT count(*) FROM report.transactions_history AS t WHERE t.external_transaction_id = '40220150'), 4::bigint,
    'what went is still in the revisions that had it');

:as_processor
SELECT throws_ok($$UPDATE api.current_transactions SET is_coded = NOT is_coded$$, 'IV008', 'argument is missing or not allowed',
    'what follows from the codes is not set');
SELECT throws_ok($$UPDATE api.current_transactions SET session_id = app.new_id()$$, '42501', NULL,
    'private functions stay private');
SELECT throws_ok($$UPDATE api.current_transactions AS t SET gl_account = w.account
    FROM (VALUES ('1'), ('2')) AS w (account) WHERE t.external_transaction_id = '40220383'$$, '23505', NULL,
    'a row that a statement would change twice is refused') ;
SELECT throws_ok($$INSERT INTO api.current_transactions (employee_revision_id, amount)
    VALUES ('00000000-0000-7000-8000-000000000000', 1)$$, 'NF005', 'there is no such revision or receipt',
    'a new receipt needs a person''s current revision');
SET LOCAL ROLE ccp_reviewer;
SET LOCAL app.actor = 'rex';
SELECT throws_ok($$DELETE FROM api.current_transactions$$, '42501', NULL, 'a reviewer corrects nothing');
:as_tester
SELECT is((SELECT count(*) FROM report.transactions AS t), (SELECT count(*) FROM public.before AS b),
    'what was refused changed nothing');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
