-- What a receipt is called and says is the same over the month, however it is spelled: nothing decided about it is asked again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT plan(18);

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

-- The same in other letters: blanks, accents, a coding type that has no codes, or none.
\set spell 'tap.receipt(''{"rec_id": "31", "attachment": false, "code_type": null, "gl_acct": null, "gl_desc": null, "coded": false, "purpose": null}'') || '
:as_owner
SELECT s.version FROM api.save_rule('missing_purpose', 1, p_enabled => true) AS s \g /dev/null
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', :spell '{"merch_name": "Caf\u00e9 Rio", "exp": "Team meals"}'))) AS plain \gset
SELECT tap.explain_all(:'plain') AS explained \gset
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', :spell
    '{"merch_name": "Cafe\u0301  Rio ", "exp": "Team\u00a0meals", "code_type": "Job Coding"}'))::text, NULL, :'plain') ->> 'session_id' AS other \gset
:as_tester
SELECT is(tap.asked(:'plain'), 'ANN missing_coding_info 31 resolved, ANN missing_purpose 31 resolved, ANN missing_receipt 31 resolved',
    'what a receipt lacks is explained');
SELECT is(tap.asked(:'other'), tap.asked(:'plain'), 'and not asked again of another spelling');

-- What was decided about a charge and a receipt holds, too.
\set report 'tap.pdf_report(''{}'', tap.pdf_card(''{}'', tap.pdf_charge()))'
\set merchant 'tap.pdf_receipts(''{}'', tap.pdf_receipt(1, ''{"amount": "9.00", "merchant_name": "'
:as_owner
SELECT tap.hand_in('pair', :report, :merchant HARBOR INN"}'))) ->> 'session_id' AS pair \gset
SELECT d.match AS rejected FROM report.employee_revisions AS e, report.charges AS c, report.transactions AS t
CROSS JOIN LATERAL (SELECT (api.decide_match('reject', ARRAY[c.charge_id], ARRAY[t.transaction_id], e.version, 'Another one')).version AS match) AS d
WHERE e.session_id = :'pair' AND c.session_id = e.session_id AND t.session_id = e.session_id \gset
SELECT s.session_id AS child FROM api.create_session(p_parent_session_id => :'pair') AS s \gset
SELECT tap.hand_in('pair again', :report, :merchant HARBOR  INN "}')), :'child') ->> 'outcome' AS outcome \gset
:as_tester
SELECT is((SELECT count(*) FROM app.decisions_in_force(app.current_drafts(ARRAY[:'child'::uuid], ARRAY(
        SELECT e.cardholder_id FROM app.session_employees AS e WHERE e.session_id = :'child')))), 1::bigint,
    'a decision about a pair holds where the receipt is spelled otherwise');
-- An id that looks like a copy of another one is no copy.
\set lacking 'tap.receipt(''{"attachment": false, "rec_id": '
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', :lacking "11"}'), :lacking "11"}'), :lacking "11#2"}'), :lacking "11#2"}')))) AS looks \gset
:as_tester
SELECT is(tap.asked(:'looks'), 'ANN duplicate_transaction 11#2 open, ANN duplicate_transaction 11#2#2 open, ANN missing_receipt 11 open, '
    || 'ANN missing_receipt 11#2 open, ANN missing_receipt 11#2#1 open, ANN missing_receipt 11#2#2 open', 'all four are asked about, two as repeats');

-- Of two receipts without id neither is there any more, but another one: it is neither of them.
\set nameless :lacking 'null, "date": "03/28/2025", "amt": "19.00", "purpose": '
\set name 'ANN missing_receipt no id: 03/28/2025, 19.00, LANDING SEAFOOD CO'
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', :nameless "One"}'), :nameless "Two"}')))) AS both \gset
SELECT tap.explain_all(:'both') AS explained \gset
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', :nameless "Three"}')))::text, NULL, :'both') ->> 'session_id' AS neither \gset
:as_tester
SELECT is(tap.asked(:'neither'), :'name' || '#3 open', 'what was decided about others is not taken for it');
:as_processor
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', :nameless "One"}'), :nameless "Three"}')))::text, NULL, :'neither')
    ->> 'session_id' AS one_again \gset
:as_tester
SELECT is(tap.asked(:'one_again'), :'name' || ' resolved, ' || :'name' || '#3 open', 'and it is none of them when they are there again');

-- A copy that was taken out and one that was given to the person since, both in the next file.
\set copy :lacking '"51", "purpose": '
:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{}', :copy "One"}'), :copy "Two"}')),
    'BEA', tap.entry('{"employee_id": "1002"}', :copy "Three"}')))) AS given \gset
SET LOCAL app.reason = 'As told';
DELETE FROM api.current_transactions AS t WHERE t.session_id = :'given' AND t.purpose = 'Two';
UPDATE api.current_transactions AS t SET employee_revision_id = r.revision_id
FROM report.employee_revisions AS r
WHERE t.session_id = :'given' AND t.purpose = 'Three' AND r.session_id = :'given' AND r.employee_name = 'ANN';
SELECT tap.explain_all(:'given') AS explained \gset
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', :copy "One"}'), :copy "Two"}'), :copy "Three"}')))::text, NULL, :'given')
    ->> 'session_id' AS all_three \gset
:as_tester
SELECT is(tap.asked(:'all_three'), 'ANN duplicate_transaction 51#2 resolved, ANN missing_receipt 51 resolved, ANN missing_receipt 51#2 resolved',
    'those that are there are called as before');
SELECT is((SELECT string_agg(l.natural_key || ' ' || c.purpose, ', ' ORDER BY c.purpose) FROM app.employee_revisions AS r
    JOIN app.receipt_links AS l ON l.employee_revision_id = r.revision_id JOIN app.receipt_contents AS c ON c.content_id = l.content_id
    WHERE r.session_id = :'all_three' AND r.revision_number = 1), '51 One, 51#2 Three, 51#3 Two', 'and the source calls no two the same');
SELECT is_empty('SELECT l.natural_key FROM app.receipt_links AS l GROUP BY l.employee_revision_id, l.natural_key HAVING count(*) > 1',
    'each receipt of a revision has a name of its own');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
