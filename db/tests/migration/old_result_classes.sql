-- What was corrected here and what waits for an alias is no error; what is missing as a whole is one root with all its dollars.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT no_plan();

-- Ann and Bob: masked cards with a discount. Ann's page 1 comes once more, coded otherwise; page 4 is of a name that is in no
-- report, which the old program knew as Bob; page 5 has no amount, and an address of two lines.
CREATE FUNCTION tap.said(p_changes jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN tap.receipt('{"merch_name": "GANTRY DOOR COMPANY", "merch_addy": "2000 OLD MILL RD"}'::jsonb || p_changes);
CREATE FUNCTION tap.old_month() RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'ANNROE', jsonb_set(tap.entry('{"name": "ANNROE", "car_total": 0.0, "rec_page_range": [1, 2, 5], "rec_total": 70143.0, "files": ["ANNROE.pdf", "ANNROE.pdf"]}'),
            '{receipts}', jsonb_build_object('6120.100', jsonb_build_array(tap.said('{"rec_id": "40000001"}'),
                    tap.said('{"rec_id": "40000005", "amt": "70123"}')),
                '21456.', jsonb_build_array(tap.said('{"rec_id": "40000001", "purpose": "Bolts", "code_type": "Job Coding", "job": "21456.",
                    "phase": "100", "cost_type": "3", "gl_acct": null, "gl_desc": null}')))),
        'BOBROE', jsonb_set(tap.entry('{"name": "BOBROE", "employee_id": "1002", "car_page_range": [2], "rec_page_range": [3, 4], "car_total": 0.0,
            "rec_total": 20.0, "card_no": "999999XXXXXX2222", "files": ["BOBROE.pdf", "BOBROE.pdf"]}'),
            '{receipts}', jsonb_build_object('6120.100', jsonb_build_array(tap.said('{"rec_id": "40000003"}'), tap.said('{"rec_id": "40000004"}')))));
END;
-- Verdict, and roots that nothing explains.
CREATE FUNCTION tap.verdict(p_session uuid, p_old jsonb, p_csv text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_run report.parallel_answer := api.compare_old_result(p_session, p_old::text, p_shape_in_use => 'by_code', p_same_files => true,
        p_csv => p_csv);
BEGIN
    RETURN concat_ws(' ', v_run.verdict, (
        SELECT string_agg(concat_ws(' ', d.person, d.receipt, d.field, d.amount, d.receipt_amount), ', ' ORDER BY d.difference_number)
        FROM report.parallel_differences AS d WHERE d.run_id = v_run.run_id AND d.is_unexplained));
END
$$;
CREATE FUNCTION tap.lines() RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT 'Transaction ID,Transaction Date,Transaction Amount,Transaction Name,Vendor,Invoice #,Invoice Date,Header Description,Job,Phase,'
        || 'Cost Type,GL Account,Item Description,UM,Tax,Pay Type,Card Holder,Credit Card Number,Credit Card Vendor'
        || E'\n'
        || string_agg(concat_ws(',', r.id, '03/29/2025', r.amount, r.purpose, '12332', r.card || ' 040125', '04/01/2025', r.person, r.code,
            r.purpose, 'LS', 'XX', '2', r.person, '999999XXXXXX' || r.card, 'GANTRY DOOR COMPANY')
            || E'\n', '' ORDER BY r.place)
    FROM (VALUES (1, '40000001', '10.00', 'Crew of six', 'ANNROE', '1193', ',,,6120.100'),
        (2, '40000005', '70123', 'Crew of six', 'ANNROE', '1193', ',,,6120.100'),
        (3, '40000001', '10.00', 'Bolts', 'ANNROE', '1193', '21456.,100,3,'),
        (4, '40000003', '10.00', 'Crew of six', 'BOBROE', '2222', ',,,6120.100'),
        (5, '40000004', '10.00', 'Crew of six', 'BOBROE', '2222', ',,,6120.100')) AS r (place, id, amount, purpose, person, card, code);
END;
:as_owner
SELECT tap.hand_in('classes', tap.pdf_report('{}',
        tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(tap.pdf_totals('10.50', '0.50', '10.00'))),
            tap.pdf_charge('{}', tap.pdf_line('{"gross": "10.50", "discount": "0.50"}'))),
        tap.pdf_card(jsonb_build_object('employee_id', '1002', 'cardholder_name', 'BOBROE', 'card_number', '999999XXXXXX2222',
            'pages', '[2]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.50', '0.50', '10.00', 2))),
            tap.pdf_charge('{"page": 2}', tap.pdf_line('{"page": 2, "gross": "10.50", "discount": "0.50"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1),
        tap.pdf_receipt(2, '{"transaction_id": "40000001", "purpose": "Bolts", "coding_type": "job_coding", "gl_account": null, "gl_description": null,
            "job": "21456.", "phase": "100", "cost_type": "3"}'),
        tap.pdf_receipt(3, '{"employee": "Bob Roe"}'), tap.pdf_receipt(4, '{"employee": "Rob Roe"}'),
        tap.pdf_receipt(5, '{"amount": null, "printed_address": "918 Foundry Ln\n70,123 Port Marlin"}')))
    ->> 'session_id' AS session \gset
:as_tester
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;
SELECT s.status FROM report.processing_sessions AS s WHERE s.session_id = :'session' \gset
SELECT is(:'status'::text, 'completed', 'the month is read');
:as_processor
SELECT is(tap.verdict(:'session', tap.old_month()), 'pending', 'a name that is somebody there waits for an alias');
SELECT results_eq($$SELECT d.person, d.receipt, d.field, d.is_root, d.dollars FROM report.parallel_differences AS d
    WHERE d.class = 'alias_pending' AND d.level IN ('person', 'receipt') AND d.field IN ('entry', 'person') ORDER BY d.difference_number$$,
    $$VALUES ('ROBROE', NULL, 'entry', true, NULL::numeric), ('BOBROE', '40000004', 'person', false, NULL)$$, 'once, without dollars');
SELECT results_eq('SELECT r.roots_pending, r.roots_unexplained, r.receipt_total_old - r.receipt_total, r.receipt_total_explained FROM report.parallel_runs AS r',
    'VALUES (1, 0, 70123.00, 70123.00)', 'and the two halves add up');

-- The accounting import of a file by code has a line for each receipt, in the order of the keys of the file.
SELECT is(tap.verdict(:'session', tap.old_month(), tap.lines()), 'pending', 'lines of one id are told apart by their code');
SELECT is(tap.verdict(:'session', tap.old_month(), replace(tap.lines(), '10.00,Bolts', '10.01,Bolts')),
    'unexplained ANNROE 40000001 Transaction Amount', 'a wrong cell of a repeated id is one');
SELECT is(tap.verdict(:'session', tap.old_month(), regexp_replace(tap.lines(), '40000001[^\n]*\n', '')), 'pending',
    'made of a file by id it has one line for an id');

-- What is foreseen is one value.
SELECT is(tap.verdict(:'session', jsonb_set(jsonb_set(tap.old_month(), '{ANNROE,receipts,6120.100,1,amt}', '0'), '{ANNROE,rec_total}', '20')),
    'unexplained ANNROE 40000005 amt', 'an unknown amount is not 0 where the address has a number');
SELECT is(tap.verdict(:'session', jsonb_set(tap.old_month(), '{ANNROE,car_total}', '10.5')), 'unexplained ANNROE car_total 0.50',
    'a masked card that is read is none where another one is not: one program wrote the file');
SELECT is(tap.verdict(:'session', jsonb_set(jsonb_set(tap.old_month(), '{ANNROE,car_total}', '10.5'), '{BOBROE,car_total}', '10.5')), 'pending',
    'a program that reads all of them, and takes the gross, is foreseen');

-- Bob's totals differ here, with what is Rob's: that the flag says so is right by chance.
SELECT is(tap.verdict(:'session', jsonb_set(tap.old_month(), '{BOBROE,flags,total_mismatch}', 'true')), 'unexplained BOBROE flags.total_mismatch',
    'a flag that is never set is a root where it is right, too');

-- What is Rob's here and Bob's there is compared like all else of Bob's.
SELECT is(tap.verdict(:'session', jsonb_set(jsonb_set(tap.old_month(), '{BOBROE,rec_total}', '20.01'), '{BOBROE,receipts,6120.100,1,amt}', '"10.01"')),
    'unexplained BOBROE 40000004 amt 0.01', 'a cent in what waits for an alias is one root');
SELECT is(tap.verdict(:'session', jsonb_set(jsonb_set(jsonb_set(tap.old_month(), '{BOBROE,rec_total}', '10'), '{BOBROE,rec_page_range}', '[3]'), '{BOBROE,receipts,6120.100}',
    (tap.old_month() #> '{BOBROE,receipts,6120.100}') - 1)), 'unexplained ROBROE entry -10.00', 'a name of which nothing is there is missing');
-- Rob is nobody there, too.
SELECT is(tap.verdict(:'session', tap.old_month() || jsonb_build_object('ROBROE', jsonb_set(tap.receipts_only('{"name": "ROBROE", "rec_page_range": [4], "files": ["ROBROE.pdf"]}',
        tap.said('{"rec_id": "40000004"}')), '{rec_total}', '10')) || jsonb_build_object('BOBROE', jsonb_set(jsonb_set(jsonb_set(tap.old_month() -> 'BOBROE',
        '{receipts,6120.100}', (tap.old_month() #> '{BOBROE,receipts,6120.100}') - 1), '{rec_total}', '10'), '{rec_page_range}', '[3]'))), 'clean',
    'where both know no alias nothing waits');

-- What is missing as a whole.
SELECT is(tap.verdict(:'session', tap.old_month() - 'BOBROE'), 'unexplained BOBROE entry -10.00 -10.00, ROBROE entry -10.00',
    'a person is missing with all dollars, of the report and of the receipts');
SELECT is_empty('SELECT d.difference_number FROM report.parallel_differences AS d WHERE d.dollars IS NOT NULL AND NOT d.is_root', 'consequences have none');
SELECT is_empty('SELECT r.run_id FROM report.parallel_runs AS r WHERE r.car_total_explained <> r.car_total_old - r.car_total
    OR r.receipt_total_explained <> r.receipt_total_old - r.receipt_total', 'and both ledgers tie in each run');

-- A long value that two people accept.
SELECT jsonb_set(tap.old_month(), '{BOBROE,receipts,6120.100,0,purpose}', to_jsonb(repeat('Crew ', 240))) AS long \gset
SELECT is(tap.verdict(:'session', :'long'), 'unexplained BOBROE 40000003 purpose', 'a long text is another one');
SELECT (api.propose_difference(d.run_id, d.difference_number, current_date, 'Known')).acceptance_id AS proposal
FROM report.parallel_differences AS d WHERE d.is_unexplained ORDER BY d.run_id DESC LIMIT 1 \gset
:as_admin
SELECT api.accept_difference(:'proposal') \g /dev/null
:as_processor
SELECT is(tap.verdict(:'session', :'long'), 'pending', 'accepted, it counts as explained, however long it is');

-- What people correct afterwards is no difference of the reading.
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Crew of seven' WHERE transaction_id = (
    SELECT t.transaction_id FROM report.transactions AS t WHERE t.session_id = :'session' AND t.external_transaction_id = '40000003');
SELECT is(tap.verdict(:'session', tap.old_month()), 'pending', 'the month is compared as it was read');
SELECT results_eq($$SELECT d.person, d.receipt, d.field, d.old_value, d.new_value, d.is_root, d.is_unexplained
    FROM report.parallel_differences AS d WHERE d.class = 'corrected_here'$$,
    $$VALUES ('BOBROE', '40000003', 'purpose', 'Crew of six', 'Crew of seven', false, false)$$, 'and what was corrected is told beside it');
SELECT is((SELECT r.figures #>> '{now,corrected_people}' FROM report.parallel_runs AS r ORDER BY r.run_id DESC LIMIT 1), '1', 'with the month as it is now');
SELECT is(tap.verdict(:'session', jsonb_set(tap.old_month(), '{BOBROE,receipts,6120.100,0,purpose}', '"Crew of seven"')),
    'unexplained BOBROE 40000003 purpose', 'a file that says what was corrected here differs');
-- The alias that it waits for is decided.
:as_admin
SELECT api.approve_alias('ROBROE', 'BOBROE', 'Known', p_is_sure => true) \g /dev/null
:as_processor
SELECT is(tap.verdict(:'session', tap.old_month()), 'clean', 'a name that is somebody by now waits no longer');
SELECT results_eq($$SELECT d.person, d.receipt, d.field FROM report.parallel_differences AS d
    WHERE d.run_id = (SELECT max(r.run_id::text)::uuid FROM report.parallel_runs AS r) AND d.class = 'corrected_here'
        AND d.field IN ('entry', 'person') ORDER BY d.difference_number$$,
    $$VALUES ('ROBROE', NULL, 'entry'), ('BOBROE', '40000004', 'person')$$, 'it was corrected here');
-- A receipt is taken out, and another one put in.
SELECT t.transaction_id AS taken, t.employee_revision_id AS seen FROM report.transactions AS t
WHERE t.session_id = :'session' AND t.external_transaction_id = '40000003' \gset
SELECT (api.remove_transaction(:'session', :'taken', :'seen', 'Not ours')).revision_id AS seen \gset
SELECT api.add_transaction(:'session', :'seen', '{"amount": "7.00", "external_transaction_id": "40000007"}', 'By mail') \g /dev/null
SELECT is(tap.verdict(:'session', tap.old_month()), 'clean', 'a receipt taken out or put in afterwards is of no reading');
SELECT results_eq($$SELECT d.receipt, d.old_value IS NULL, d.new_value IS NULL, d.is_unexplained, d.dollars FROM report.parallel_differences AS d
    WHERE d.run_id = (SELECT max(r.run_id::text)::uuid FROM report.parallel_runs AS r) AND d.class = 'corrected_here'
        AND d.level = 'receipt' AND d.field = 'entry' ORDER BY d.receipt$$,
    $$VALUES ('40000003', false, true, false, NULL::numeric), ('40000007', true, false, false, NULL)$$, 'and is told, with what each side has');
:as_tester
SELECT * FROM finish();
ROLLBACK;
