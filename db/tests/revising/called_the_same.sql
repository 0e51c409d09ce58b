-- What a receipt is called stays the same over the month, so nothing that was decided about it is asked again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(9);

-- The findings of a submission that are about receipts, with what they are called and what became of them.
CREATE FUNCTION tap.asked(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', h.name_key, i.rule_code, i.subject_key, i.state), ', ' ORDER BY h.name_key, i.rule_code, i.subject_key)
    FROM app.validation_issues AS i JOIN app.cardholders AS h ON h.cardholder_id = i.cardholder_id
    WHERE i.session_id = p_session AND i.subject_key <> '' AND i.state NOT IN ('auto_closed', 'superseded'));
CREATE FUNCTION tap.explain_all(p_session uuid) RETURNS bigint
LANGUAGE sql
BEGIN ATOMIC
    SELECT count(*) FROM report.validation_issues AS i
    CROSS JOIN LATERAL api.resolve_issue(i.issue_id, i.version, 'explained', 'As told') AS a
    WHERE i.session_id = p_session AND i.is_open AND i.transaction_id IS NOT NULL;
END;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

-- An alias in between: the receipts of another name, one of them under an id that the person has, too, one without id.
\set ann 'tap.entry(''{}'', tap.receipt(''{"rec_id": "11"}''))'
\set anna 'tap.receipts_only(''{}'', tap.receipt(''{"rec_id": "11", "amt": "12.00", "attachment": false}''), tap.receipt(''{"rec_id": "21", "amt": "13.00", "attachment": false}''), tap.receipt(''{"rec_id": null, "amt": "14.00", "attachment": false}''))'
SELECT jsonb_build_object('ANN', :ann, 'ANNA', :anna) AS file \gset
:as_processor
SELECT tap.import(:'file') AS first \gset
SELECT a.moved_receipts AS moved FROM api.approve_alias('ANNA', 'ANN', 'The same person') AS a \gset
SELECT tap.explain_all(:'first') AS explained \gset
:as_tester
SELECT is(tap.asked(:'first'), 'ANN duplicate_transaction 11#2 resolved, ANN missing_receipt 11#2 resolved, ANN missing_receipt 21 resolved, '
    || 'ANN missing_receipt no id: 03/29/2025, 14.00, LANDING SEAFOOD CO resolved', 'decided where the alias has put the receipts');
:as_processor
SELECT api.import_activity(:'file' || ' ', NULL, :'first') ->> 'session_id' AS second \gset
:as_tester
SELECT is(tap.asked(:'second'), tap.asked(:'first'), 'and still decided in the next submission, which has the alias from the start');
SELECT is((SELECT count(DISTINCT l.natural_key) FROM app.receipt_links AS l JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
    WHERE r.session_id = :'second'), 4::bigint, 'where each receipt is called otherwise');

-- One id spelled in two ways is one id, of two receipts; so is none.
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11", "attachment": false}'),
    tap.receipt('{"rec_id": " 11", "attachment": false}'), tap.receipt('{"rec_id": null, "attachment": false}'),
    tap.receipt('{"rec_id": "", "attachment": false}')))) AS spelled \gset
:as_tester
SELECT is(tap.asked(:'spelled'), 'ANN duplicate_transaction 11#2 open, ANN missing_receipt 11 open, ANN missing_receipt 11#2 open, '
    || 'ANN missing_receipt no id: 03/29/2025, 10.00, LANDING SEAFOOD CO open, ANN missing_receipt no id: 03/29/2025, 10.00, LANDING SEAFOOD CO#2 open',
    'each of them is asked about');

-- Copies in another order: what was the receipt is no repeat of the other.
\set one 'tap.receipt(''{"rec_id": "11"}'')'
\set two 'tap.receipt(''{"rec_id": "11", "amt": "30.00"}'')'
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', :one, :two))) AS ordered \gset
SELECT tap.explain_all(:'ordered') AS explained \gset
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', :two, :one))::text, NULL, :'ordered') ->> 'session_id' AS swapped \gset
:as_tester
SELECT is(tap.asked(:'ordered'), 'ANN duplicate_transaction 11#2 resolved', 'the second page repeats the first');
SELECT is(tap.asked(:'swapped'), tap.asked(:'ordered'), 'and is still decided when the next file has them the other way round');
SELECT results_eq(format('SELECT r.receipt_total, r.receipt_total_unique FROM app.employee_revisions AS r WHERE r.session_id = %L', :'swapped'),
    'VALUES (40.00, 10.00)', 'nor does the repeat count instead');
SELECT results_eq(format('SELECT t.amount, t.is_repeat FROM app.session_employees AS e CROSS JOIN LATERAL app.receipt_turns(e.current_revision_id) AS t
        WHERE e.session_id = %L ORDER BY t.amount', :'swapped'),
    'VALUES (10.00, false), (30.00, true)', 'for accounting and matching neither');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
