-- A version tells that something people could care about is another: who works on another receipt makes nobody start again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
SELECT plan(25);

:as_owner
SELECT tap.hand_in('versions', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(),
        tap.pdf_charge('{"number": "000000002", "line": 40}', tap.pdf_line('{"line": 40, "gross": "23.00", "net": "23.00"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"coding_type": null, "gl_account": null, "coded": false}'),
        tap.pdf_receipt(2, '{"amount": "23.00", "coding_type": null, "gl_account": null, "coded": false}'))) ->> 'session_id' AS session \gset
:as_tester
SELECT t.transaction_id AS first, t.cardholder_id AS ann FROM report.transactions AS t WHERE t.session_id = :'session' AND t.amount = 10 \gset
SELECT t.transaction_id AS second FROM report.transactions AS t WHERE t.session_id = :'session' AND t.amount = 23 \gset
SELECT i.issue_id AS first_issue FROM report.validation_issues AS i WHERE i.transaction_id = :'first' AND i.issue_type = 'missing_coding_info' \gset
SELECT i.issue_id AS second_issue FROM report.validation_issues AS i WHERE i.transaction_id = :'second' AND i.issue_type = 'missing_coding_info' \gset
SELECT c.charge_id AS charge FROM report.charges AS c WHERE c.session_id = :'session' AND c.net_amount = 23 \gset
CREATE FUNCTION tap.version(p_issue uuid) RETURNS integer
LANGUAGE sql STABLE RETURN (SELECT i.version FROM report.validation_issues AS i WHERE i.issue_id = p_issue);
CREATE FUNCTION tap.person_version(p_session uuid) RETURNS integer
LANGUAGE sql STABLE RETURN (SELECT e.version FROM report.employee_revisions AS e WHERE e.session_id = p_session);
SELECT is((tap.version(:'first_issue'), tap.version(:'second_issue'), tap.person_version(:'session'))::text, '(1,1,1)', 'everything begins at 1');

-- Two people look at two receipts of one person; the first is done first.
:as_processor
SET LOCAL app.reason = 'first receipt';
UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100' WHERE transaction_id = :'first';
SET LOCAL app.reason = '';
SELECT is(tap.version(:'first_issue'), 2, 'what became of the issue of the first receipt is news');
SELECT is((SELECT (i.version, i.employee_revision_id = e.current_revision_id)::text FROM report.validation_issues AS i
    JOIN report.employee_revisions AS r ON r.session_id = i.session_id
    CROSS JOIN LATERAL (SELECT r.revision_id AS current_revision_id) AS e WHERE i.issue_id = :'second_issue'), '(1,t)',
    'that the second one stands in a newer revision is none');
SELECT is(tap.person_version(:'session'), 1, 'nor is the coding of a receipt to who decides about the person');
:as_second_reviewer
SELECT lives_ok(format('SELECT api.note_issue(%L, 1, ''asked by phone'')', :'second_issue'), 'so who saw the second one before goes on');
SELECT is(tap.version(:'second_issue'), 2, 'a note is news');
SELECT throws_ok(format('SELECT api.start_issue(%L, 1)', :'second_issue'), 'ST001', NULL, 'and who did not see it starts again');
:as_processor
SELECT lives_ok(format('SELECT api.decide_match(''reject'', ARRAY[%L]::uuid[], ARRAY[%L]::uuid[], 1, ''another trip'')', :'charge', :'second'),
    'who saw the charges before the coding decides about them');
SELECT is(tap.person_version(:'session'), 2, 'which is news of the person');
SELECT throws_ok(format('SELECT api.decide_match(''undo'', ARRAY[%L]::uuid[], ARRAY[%L]::uuid[], 1, ''x'')', :'charge', :'second'),
    'ST001', NULL, 'to everybody who saw them before');
SELECT is(tap.version(:'second_issue'), 2, 'but none of an issue about something else');
SELECT lives_ok(format('SELECT api.hold_employee(%L, %L, 2, ''on leave'')', :'session', :'ann'), 'a hold is');
SELECT is(tap.person_version(:'session'), 3, 'news of the person, too');

-- What an issue is about is another.
SET LOCAL app.reason = 'misread';
UPDATE api.current_transactions SET amount = 24 WHERE transaction_id = :'second';
SET LOCAL app.reason = '';
SELECT is((tap.version(:'second_issue'), tap.person_version(:'session'))::text, '(3,4)', 'another amount is news of both');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 2, ''other'', ''x'')', :'second_issue'), 'ST001', NULL,
    'so nobody decides about an amount they did not see');
:as_owner
UPDATE app.validation_issues AS i SET version = i.version + 7 WHERE i.issue_id = :'second_issue';
SELECT is(tap.version(:'second_issue'), 4, 'a version grows by one, whatever a statement says');
UPDATE app.validation_issues AS i SET version = i.version WHERE i.issue_id = :'second_issue';
SELECT is(tap.version(:'second_issue'), 4, 'and not by a statement that says nothing');

-- The trail tells bookkeeping from what happened.
:as_admin
SELECT results_eq(format('SELECT h.operation, h.is_bookkeeping FROM report.object_history(%L) AS h', :'second_issue'),
    $$VALUES ('insert', false), ('update', true), ('update', false), ('update', true), ('update', false), ('update', false)$$, 'an issue that was only shown again is bookkeeping');
SELECT is_empty(format('SELECT FROM report.object_history(%L) AS h WHERE h.is_bookkeeping AND h.changes ?| ARRAY[''state'', ''evidence'', ''severity'', ''assigned_to'', ''resolved_by'']',
    :'second_issue'), 'nothing that people see is called so');
SELECT results_eq(format('SELECT DISTINCT t.table_name FROM report.audit_trail AS t WHERE t.session_id = %L AND t.is_bookkeeping ORDER BY 1', :'session'),
    $$VALUES ('session_employees'), ('validation_issues')$$, 'rows that are new or gone are none');
SELECT is(report.is_bookkeeping('update', NULL), true, 'a write that changed nothing is') FROM (SELECT 1) AS x;
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
