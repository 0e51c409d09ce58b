-- What is not matched again: a revision in which nothing changed that matching looks at refers to the matching before.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/pdfs.psql
SELECT plan(26);

-- Whether the newest revision was matched itself.
CREATE FUNCTION tap.is_matched_anew(p_statement text) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    v_before integer := (SELECT max(r.revision_number) FROM app.employee_revisions AS r);
BEGIN
    EXECUTE p_statement;
    RETURN (SELECT m.matching_id = m.employee_revision_id FROM app.employee_revisions AS r
        JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
        WHERE r.revision_number = v_before + 1);
END
$$;
CREATE FUNCTION tap.sets(p_column text, p_value text) RETURNS text
LANGUAGE sql
RETURN format('UPDATE api.current_transactions SET %I = %L WHERE external_transaction_id = %L', p_column, p_value, '40000001');

:as_owner
SELECT tap.hand_in('month', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(), tap.pdf_charge('{}', tap.pdf_line('{"net": "7.00"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"amount": "3.00", "merchant_name": "ELSEWHERE"}')))
    ->> 'session_id' AS session \gset

SELECT results_eq($$SELECT a.pass, a.first_pass FROM app.allocations AS a$$, $$VALUES ('identical', 'identical')$$,
    'the first revision is matched');
:as_tester
CREATE TEMP TABLE shown AS
SELECT a.charge_id, a.transaction_id, a.amount, a.score, a.first_pass, a.runner_up_score FROM app.allocations AS a;
CREATE TEMP TABLE left_open AS
SELECT o.side, o.item_id, o.open_amount, o.failed_gate, o.score FROM app.open_items AS o;
GRANT SELECT ON shown, left_open TO PUBLIC;
:as_owner
SET LOCAL app.reason = 'tried';

-- Words and codes are nothing to matching.
SELECT is(tap.is_matched_anew(tap.sets(c.column_name, c.value)), false, c.column_name || ' matches nothing anew')
FROM (VALUES ('purpose', 'x'), ('description', 'x'), ('merchant_address', 'x'), ('coding_type', 'job_coding'),
    ('job_number', '19002.'), ('job_phase', 'x'), ('cost_type', 'x'), ('gl_account', '1'), ('gl_description', 'x'),
    ('has_attachment', 'false'), ('attachment_name', 'x')) AS c (column_name, value);
SELECT is((SELECT count(DISTINCT m.matching_id)::integer FROM app.matchings AS m), 1, 'all revisions so far refer to one matching');
SELECT results_eq($$SELECT m.charge_id, m.transaction_id, m.amount, m.score, m.first_pass, m.runner_up_score, m.pass
        FROM report.matches AS m$$, $$SELECT s.*, 'pinned' FROM shown AS s$$, 'and show its edges as taken over');
SELECT set_eq($$SELECT o.side, o.item_id, o.open_amount, o.failed_gate, o.score FROM app.open_items AS o
        JOIN app.session_employees AS e ON e.current_revision_id = o.employee_revision_id$$, 'SELECT * FROM left_open',
    'and its open rows');

-- What matching looks at.
SELECT is(tap.is_matched_anew(tap.sets(c.column_name, c.value)), true, c.column_name || ' does')
FROM (VALUES ('amount', '10.01'), ('transaction_date', '2025-03-28'), ('merchant_name', 'x'), ('expense_type', 'Lodging'),
    ('is_out_of_pocket', 'true'), ('external_transaction_id', '40000003')) AS c (column_name, value);
SELECT is(tap.is_matched_anew($$DELETE FROM api.current_transactions WHERE external_transaction_id = '40000002'$$), true,
    'so does a receipt less');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
