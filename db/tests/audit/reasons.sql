-- The reason of a call stands in every row it wrote, whichever door it came through, and in no other.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
SELECT plan(30);

:as_owner
SELECT tap.hand_in('reasons', tap.pdf_report('{}', tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"coding_type": null, "gl_account": null, "coded": false}'),
        tap.pdf_receipt(2, '{"employee": "Anne Roe"}'))) ->> 'session_id' AS session \gset
:as_tester
SELECT t.transaction_id AS receipt, t.cardholder_id AS ann FROM report.transactions AS t
WHERE t.session_id = :'session' AND t.employee_name = 'ANNROE' \gset
SELECT c.charge_id AS charge FROM report.charges AS c WHERE c.session_id = :'session' \gset
SELECT i.issue_id AS issue FROM report.validation_issues AS i WHERE i.transaction_id = :'receipt' AND i.issue_type = 'missing_coding_info' \gset
CREATE TABLE tap.seen (audit_seq bigint);
GRANT ALL ON tap.seen TO PUBLIC;
-- The reasons of all rows of histories that were written since it was asked last; none is null.
CREATE FUNCTION tap.reasons() RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
AS $$
DECLARE
    v_before bigint := (SELECT coalesce(max(s.audit_seq), 0) FROM tap.seen AS s);
    v_table record;
    v_found text[] := '{}';
    v_more text[];
    v_last bigint;
    v_newest bigint := v_before;
BEGIN
    FOR v_table IN SELECT g.table_name FROM audit.guarded_tables AS g WHERE g.kind = 'mutable' LOOP
        EXECUTE format('SELECT array_agg(DISTINCT coalesce(h.audit_reason, ''none'')), max(h.audit_seq) FROM audit.%I AS h WHERE h.audit_seq > $1',
            v_table.table_name || '_history') INTO v_more, v_last USING v_before;
        v_found := v_found || coalesce(v_more, '{}');
        v_newest := greatest(v_newest, v_last);
    END LOOP;
    INSERT INTO tap.seen VALUES (v_newest);
    RETURN ARRAY(SELECT DISTINCT f.reason FROM unnest(v_found) AS f (reason) ORDER BY 1);
END
$$;
CREATE FUNCTION tap.refused(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_column text;
    v_detail text;
BEGIN
    EXECUTE p_statement;
    RETURN 'done';
EXCEPTION
    WHEN SQLSTATE 'IV008' THEN
        GET STACKED DIAGNOSTICS v_column = COLUMN_NAME, v_detail = PG_EXCEPTION_DETAIL;
        RETURN v_column || ': ' || v_detail;
END
$$;
SELECT isnt(tap.reasons(), '{}', 'rows were written before');

:as_processor
SET LOCAL app.reason = 'what the client said';
SELECT api.correct_transactions(:'session', jsonb_build_array(jsonb_build_object('transaction_id', t.transaction_id,
    'employee_revision_id', t.employee_revision_id, 'changes', '{"purpose": "x"}'::jsonb)), ' by call, card 4111111111111111 ', 'r1')
FROM report.transactions AS t WHERE t.transaction_id = :'receipt' \g /dev/null
SELECT is(tap.reasons(), '{"by call, card 411111XXXXXX1111"}', 'a call says why in all its rows, without card numbers');
SELECT is(current_setting('app.reason'), 'what the client said', 'and leaves what the client said');
UPDATE api.current_transactions SET purpose = 'y' WHERE transaction_id = :'receipt';
SELECT is(tap.reasons(), '{"what the client said"}', 'which is what the view takes');
SET LOCAL app.reason = '';
SELECT api.note_issue(:'issue', 1, 'looked at') \g /dev/null
SELECT is(tap.reasons(), '{"looked at"}', 'a note of a step is one');
SELECT throws_ok(format('UPDATE api.current_transactions SET purpose = ''z'' WHERE transaction_id = %L', :'receipt'), 'IV008', NULL,
    'a statement that says nothing does not inherit it');
SELECT api.approve_alias('Anne Roe', 'ANNROE', 'same person', p_dry_run => true) \g /dev/null
SELECT is(tap.reasons(), '{}', 'a dry run leaves no row');
SELECT throws_ok(format('UPDATE api.current_transactions SET purpose = ''z'' WHERE transaction_id = %L', :'receipt'), 'IV008', NULL, 'and no reason');
SELECT api.approve_alias('Anne Roe', 'ANNROE', 'same person', p_request_id => 'r2') \g /dev/null
SELECT is(tap.reasons(), '{"same person"}', 'an alias says why in the rows of both people');
SELECT api.approve_alias('Anne Roe', 'ANNROE', 'same person', p_request_id => 'r2') \g /dev/null
SELECT is(coalesce(current_setting('app.reason', true), ''), '', 'a repeated request leaves none behind');
SELECT api.withdraw_alias('Anne Roe', 1, 'not the same') \g /dev/null
SELECT is(tap.reasons(), '{"not the same"}', 'and so does taking it back');
SELECT api.decide_match('reject', ARRAY[:'charge']::uuid[], ARRAY[:'receipt']::uuid[], e.version, 'another trip')
FROM report.employee_revisions AS e WHERE e.session_id = :'session' AND e.cardholder_id = :'ann' \g /dev/null
SELECT is(tap.reasons(), '{"another trip"}', 'a decision on a match');
SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, 'on leave')
FROM report.employee_revisions AS e WHERE e.session_id = :'session' AND e.cardholder_id = :'ann' \g /dev/null
SELECT is(tap.reasons(), '{"on leave"}', 'a hold');
SELECT api.restore_revision(o.revision_id, e.revision_id, 'as it was') FROM report.employee_revisions AS e
JOIN report.employee_revisions_history AS o ON o.session_id = e.session_id AND o.cardholder_id = e.cardholder_id AND o.revision_number = 1
WHERE e.session_id = :'session' AND e.cardholder_id = :'ann' \g /dev/null
SELECT is(tap.reasons(), '{"as it was"}', 'going back');
SELECT api.resolve_issues(NULL, jsonb_build_object('session_id', :'session'), 'explained', 'all told') \g /dev/null
SELECT is(tap.reasons(), '{"all told"}', 'many issues at once');

-- Where one is needed.
SELECT is(tap.refused(format(c.statement, w.reason)), w.said, c.name || ' needs a reason, ' || w.what)
FROM (VALUES (1, 'correct_transactions', format($$SELECT api.correct_transactions(%L, jsonb_build_array(jsonb_build_object('transaction_id', t.transaction_id,
        'employee_revision_id', t.employee_revision_id, 'changes', '{"purpose": "q"}'::jsonb)), %%s) FROM report.transactions AS t WHERE t.transaction_id = %L$$, :'session', :'receipt')),
    (2, 'decide_match', format($$SELECT api.decide_match('reject', ARRAY[%L]::uuid[], ARRAY[%L]::uuid[], 1, %%s)$$, :'charge', :'receipt')),
    (3, 'approve_alias', $$SELECT api.approve_alias('Anne Roe', 'ANNROE', %s)$$),
    (4, 'restore_session', format('SELECT api.restore_session(%L, %L, %%s)', :'session', :'session'))) AS c (place, name, statement)
CROSS JOIN (VALUES (1, 'none', 'NULL', 'reason: expected 1 to 4000 characters, got 0'), (2, 'no blank', ''' ''', 'reason: expected 1 to 4000 characters, got 1'),
    (3, 'no novel', $$repeat('x', 4001)$$, 'reason: expected 1 to 4000 characters, got 4001')) AS w (place, what, reason, said)
WHERE c.place <> 3 OR w.place <> 2
ORDER BY c.place, w.place;
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
