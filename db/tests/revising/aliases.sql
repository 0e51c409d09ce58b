-- An alias moves receipts, tells before what it would do, and is taken back with them.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT no_plan();
CREATE FUNCTION tap.people(p_session_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', e.employee_name, e.receipt_count, e.receipt_total, e.revision_number,
        nullif(array_to_string(e.receipt_page_range, '+'), '')), ', ' ORDER BY e.employee_name)
    FROM report.employee_revisions AS e WHERE e.session_id = p_session_id;
END;

CREATE FUNCTION tap.dee(p_seed text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('DEE', tap.entry('{"employee_id": "4"}', tap.receipt(jsonb_build_object('rec_id', p_seed || '1'))),
        'EVA', tap.entry('{"employee_id": "5"}', tap.receipt(jsonb_build_object('rec_id', p_seed || '2', 'amt', '11.00'))),
        'DEEDEE', tap.receipts_only('{}', tap.receipt(jsonb_build_object('rec_id', p_seed || '3', 'amt', '12.00'))))::text;
END;

-- Ann has charges of 10.00 and 25.00 and one receipt, "Anna B. Roe" the other receipt and one more.
:as_owner
SELECT tap.hand_in('month', tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(),
        tap.pdf_charge('{"number": "000000002", "merchant": "HARBOR INN"}', tap.pdf_line('{"net": "25.00", "gross": "25.00", "ppu": "25.00000"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"employee": "Anna B. Roe", "amount": "25.00", "merchant_name": "HARBOR INN"}'),
        tap.pdf_receipt(3, '{"employee": "Anna B. Roe", "transaction_id": "40000001", "amount": "7.77", "merchant_name": "ELSEWHERE"}'))) ->> 'session_id' AS session_id \gset
:as_reader
SELECT results_eq(format('SELECT u.receipt_key, u.suggested_key, u.has_same_last_name, u.has_same_first_name, u.suggestion_number FROM report.unmatched_names AS u WHERE u.session_id = %L', :'session_id'),
    $$VALUES ('ANNABROE', 'ANNROE', true, false, 1::bigint)$$, 'a reader sees whom the name may mean');
:as_processor
SELECT is(tap.people(:'session_id'), 'ANNABROE 2 32.77 1 2+3, ANNROE 1 10.00 1 1', 'two names before');
SELECT results_eq($$SELECT a.outcome, a.moved_receipts, a.moved_amount, a.fits_people, a.matched_receipts, a.matched_amount, a.revision_id, a.version, a.session_id IS NOT NULL
        FROM api.approve_alias('Anna B. Roe', 'ANNROE', 'Her middle name', p_dry_run => true) AS a$$,
    $$VALUES ('dry_run', 2::bigint, 32.77, 1::bigint, 1::bigint, 25.00, NULL::uuid, NULL::integer, true)$$, 'a dry run tells what would move and what it fits');
SELECT is(tap.people(:'session_id'), 'ANNABROE 2 32.77 1 2+3, ANNROE 1 10.00 1 1', 'and changes nothing');
SELECT is((SELECT count(*)::integer FROM report.name_aliases), 0, 'nothing at all');
SELECT results_eq($$SELECT a.outcome, a.moved_receipts, a.moved_amount, a.fits_people, a.matched_receipts, a.matched_amount, a.revision_id IS NOT NULL, a.version
        FROM api.approve_alias('Anna B. Roe', 'ANNROE', 'Her middle name') AS a$$,
    $$VALUES ('done', 2::bigint, 32.77, 1::bigint, 1::bigint, 25.00, true, 1)$$, 'then it does that');
SELECT is(tap.people(:'session_id'), 'ANNROE 3 42.77 2 1+2+3', 'one name, with all receipts and pages');
SELECT is((SELECT e.reason FROM report.employee_revisions AS e WHERE e.session_id = :'session_id'), 'receipts of ANNABROE belong to ANNROE: Her middle name', 'and the reason');

-- Corrected meanwhile, they still are the receipts of that name.
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions AS t SET amount = 7.78 WHERE t.session_id = :'session_id' AND t.amount = 7.77;
SELECT throws_ok($$SELECT api.withdraw_alias('Anna Roe', 1, 'x')$$, 'NF082', 'there is no alias for this name', 'what is not there is not withdrawn');
SELECT throws_ok($$SELECT api.withdraw_alias('Anna B. Roe', 2, 'x')$$, 'ST001', 'it was changed meanwhile', 'withdrawing needs the version seen');
SELECT throws_ok($$SELECT api.withdraw_alias('Anna B. Roe', 1, ' ')$$, 'IV008', 'argument is missing or not allowed', 'and a reason');
SELECT results_eq($$SELECT a.outcome, a.receipt_key, a.name_key, a.moved_receipts, a.moved_amount, a.matched_receipts FROM api.withdraw_alias('Anna B. Roe', 1, 'Somebody else', p_dry_run => true) AS a$$,
    $$VALUES ('dry_run', 'ANNABROE', 'ANNROE', 2::bigint, 32.78, 0::bigint)$$, 'a dry run tells what would go back');
SELECT is(tap.people(:'session_id'), 'ANNROE 3 42.78 3 1+2+3', 'and changes nothing');
SELECT a.outcome AS withdrawn, a.revision_id FROM api.withdraw_alias('Anna B. Roe', 1, 'Somebody else', p_request_id => 'w1') AS a \gset
SELECT is(tap.people(:'session_id'), 'ANNABROE 2 32.78 3 2+3, ANNROE 1 10.00 4 1', 'withdrawn, the receipts are back under their name, as corrected');
SELECT is((SELECT a.revision_id FROM api.withdraw_alias('Anna B. Roe', 1, 'Somebody else', p_request_id => 'w1') AS a), :'revision_id'::uuid, 'a repeated request gets the first answer');
SELECT is((SELECT string_agg(t.natural_key, ' ' ORDER BY t.natural_key) FROM report.transactions AS t WHERE t.session_id = :'session_id' AND t.employee_name = 'ANNABROE'),
    '40000001 40000002', 'under the keys they had');
SELECT is((SELECT count(*)::integer FROM report.name_aliases), 0, 'the alias is gone');
:as_tester
SELECT is((SELECT h.audit_reason FROM audit.name_aliases_history AS h ORDER BY h.audit_seq DESC LIMIT 1), 'Somebody else', 'its history says why');
:as_processor
SELECT is((SELECT a.moved_receipts FROM api.approve_alias('Anna B. Roe', 'ANNROE', repeat('x', 4000)) AS a), 2::bigint,
    'it may be approved again, with the longest reason there may be');
SELECT lives_ok(format('SELECT api.withdraw_alias(''Anna B. Roe'', %s, repeat(''y'', 4000))', a.version), 'and be withdrawn with another one')
FROM report.name_aliases AS a WHERE a.receipt_key = 'ANNABROE';
SELECT is((SELECT a.moved_receipts FROM api.approve_alias('Anna B. Roe', 'ANNROE', 'After all') AS a), 2::bigint, 'and once more');
SELECT is(tap.people(:'session_id'), 'ANNROE 3 42.78 7 1+2+3', 'and moves them again');

-- Imported under the alias: nobody of the old name was ever in the submission.
SELECT api.import_activity(jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_total": 30}', tap.receipt('{"rec_id": "7"}')),
    'BEATRICE', tap.receipts_only('{}', tap.receipt('{"rec_id": "7", "amt": "20.00"}')))::text, 'First') ->> 'session_id' AS first \gset
SELECT is((SELECT a.moved_receipts FROM api.approve_alias('BEATRICE', 'BEA', 'Her long name', p_valid_until => (now() AT TIME ZONE 'UTC')::date) AS a), 1::bigint, 'an alias for the day');
SELECT api.import_activity(jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_total": 30}', tap.receipt('{"rec_id": "7"}')),
    'BEATRICE', tap.receipts_only('{}', tap.receipt('{"rec_id": "7", "amt": "20.00", "title": "Dinner"}')))::text, 'Second', :'first') ->> 'session_id' AS second \gset
SELECT is(tap.people(:'second'), 'BEA 2 30.00 1 1', 'the import gives them to her');
SELECT throws_ok($$SELECT api.withdraw_alias('BEATRICE', NULL, 'x')$$, 'ST001', NULL, 'without a version nothing is withdrawn');
SELECT is((SELECT a.session_id FROM api.withdraw_alias('BEATRICE', 1, 'Her mother') AS a), :'second'::uuid, 'withdrawing looks at the newest submission');
SELECT is(tap.people(:'second'), 'BEA 1 10.00 2 1, BEATRICE 1 20.00 2', 'where the receipt stands under its own name for the first time');
SELECT is(tap.people(:'first'), 'BEA 2 30.00 2 1', 'the replaced submission stays as it was');
SELECT is((SELECT string_agg(t.natural_key, ' ') FROM report.transactions AS t WHERE t.session_id = :'second' AND t.employee_name = 'BEATRICE'), '7', 'under its own key');
SELECT is((SELECT count(*)::integer FROM report.validation_issues AS i WHERE i.session_id = :'second' AND i.employee_name = 'BEATRICE' AND i.issue_type = 'orphan_receipts' AND i.is_open), 1, 'and is judged there');

-- The name the report prints goes before an alias.
SELECT api.approve_alias('CAL', 'BEA', 'Uses her card', p_is_sure => true) \g /dev/null
SELECT tap.import(jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_total": 30}', tap.receipt('{"rec_id": "8"}')),
    'CAL', tap.receipts_only('{}', tap.receipt('{"rec_id": "9"}')))) AS session_id \gset
SELECT is(tap.people(:'session_id'), 'BEA 2 20.00 1 1', 'an alias is used where the report does not print the name');
SELECT tap.import(jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_total": 30}', tap.receipt('{"rec_id": "8"}')),
    'CAL', tap.entry('{"employee_id": "3"}'), 'Cal', tap.receipts_only('{}', tap.receipt('{"rec_id": "9"}')))) AS session_id \gset
SELECT is(tap.people(:'session_id'), 'BEA 1 10.00 1 1, CAL 1 10.00 1 1', 'where it does, the cardholder keeps the receipts');
:as_owner
SELECT tap.hand_in('printed', tap.pdf_report('{}', tap.pdf_card('{"cardholder_name": "BEA", "employee_id": "2", "card_number": "999999XXXXXX1194"}'),
        tap.pdf_card('{"cardholder_name": "CAL", "employee_id": "3", "card_number": "999999XXXXXX1195", "pages": [2]}', tap.pdf_charge('{"page": 2, "number": "000000009"}', tap.pdf_line('{"page": 2}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Cal"}'))) ->> 'session_id' AS session_id \gset
:as_processor
SELECT is(tap.people(:'session_id'), 'BEA 0 0.00 1, CAL 1 10.00 1 1', 'also of two PDFs');

-- In the newest submission of every open month, also where a next one was only opened; and back in each.
SELECT api.import_activity(tap.dee('8'), 'One', p_programme => 'One') ->> 'session_id' AS one \gset
SELECT api.import_activity(tap.dee('9'), 'Two', p_programme => 'Two') ->> 'session_id' AS two \gset
SELECT (api.create_session('Begun', :'two')).status AS begun \gset
SELECT (api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id, e.revision_id, 'Hers')).employee_name
FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.session_id = t.session_id AND e.employee_name = 'DEEDEE'
WHERE t.session_id = :'one' AND t.external_transaction_id = '82' \g /dev/null
SELECT is((SELECT a.moved_receipts || ' ' || a.moved_amount FROM api.approve_alias('DEEDEE', 'DEE', 'Called so') AS a), '3 35.00', 'an alias moves in all open months');
SELECT is(tap.people(:'one') || '; ' || tap.people(:'two'), 'DEE 3 33.00 2 1, EVA 0 0.00 2; DEE 2 22.00 2 1, EVA 1 11.00 1 1', 'in each');
SELECT is((SELECT a.moved_receipts FROM api.withdraw_alias('DEEDEE', 1, 'Somebody else') AS a), 2::bigint, 'and back');
SELECT is(tap.people(:'one') || '; ' || tap.people(:'two'),
    'DEE 2 21.00 3 1, DEEDEE 1 12.00 4 1, EVA 0 0.00 2; DEE 1 10.00 3 1, DEEDEE 1 12.00 3 1, EVA 1 11.00 1 1', 'from each');
-- What was given to a name waits when the name comes under its alias, and is there again when that is withdrawn.
SELECT api.import_activity((tap.dee('7')::jsonb - 'DEE')::text, 'Three', p_programme => 'Three') ->> 'session_id' AS three \gset
SELECT (api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id, e.revision_id, 'Hers')).employee_name
FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.session_id = t.session_id AND e.employee_name = 'DEEDEE'
WHERE t.session_id = :'three' AND t.external_transaction_id = '72' \g /dev/null
SELECT (api.approve_alias('DEEDEE', 'DEE', 'Called so', p_is_sure => true)).version AS sure \gset
SELECT api.import_activity(tap.dee('7'), 'Three again', :'three') ->> 'session_id' AS again \gset
SELECT is(tap.people(:'again'), 'DEE 2 22.00 1 1, EVA 1 11.00 1 1', 'by the alias the name is not there, so that what was given to it waits');
SELECT (api.withdraw_alias('DEEDEE', 1, 'Somebody else')).outcome \g /dev/null
SELECT is(tap.people(:'again'), 'DEE 1 10.00 2 1, DEEDEE 2 23.00 2 1, EVA 0 0.00 2', 'and goes to it when it is there again');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which can be committed');
SET CONSTRAINTS ALL DEFERRED;
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
