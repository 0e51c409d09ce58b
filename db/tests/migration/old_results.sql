-- An old result is explained by the value that was foreseen, and by no other; what nothing explains two people accept.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT no_plan();

-- What the old program makes of it.
CREATE FUNCTION tap.old_month() RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_build_object(
        'ANNROE', tap.entry('{"name": "ANNROE", "car_total": 10.5, "files": ["C:\\a\\ANNROE.pdf", "C:\\b\\ANNROE.pdf"]}',
            tap.receipt('{"merch_name": "GANTRY DOOR COMPANY", "merch_addy": "2000 OLD MILL RD"}')),
        'BOBROE', tap.entry('{"name": "BOBROE", "employee_id": "1002", "car_page_range": [2], "rec_page_range": [2], "car_total": 0.0,
            "rec_total": 70123.0, "card_no": "999999XXXXXX2222", "files": ["BOBROE.pdf", "BOBROE.pdf"],
            "flags": {"missing_coding_info": false, "missing_receipt": true, "missing_all_receipts": false, "total_mismatch": false}}',
            tap.receipt('{"rec_id": "40000002", "merch_name": "GANTRY DOOR COMPANY", "merch_addy": "2000 OLD MILL RD, ,", "amt": "70123",
                "attachment": false, "title": "Meals", "purpose": "Receipts Notes (2):"}')),
        'CYDROE', tap.entry('{"name": "CYDROE", "employee_id": "1003", "car_page_range": [3, 4], "card_no": "999999XXXXXX3333",
            "files": ["CYDROE.pdf"], "flags": {"missing_coding_info": false, "missing_receipt": false, "missing_all_receipts": true,
            "total_mismatch": false}}'),
        'DANROE', tap.entry('{"name": "DANROE", "employee_id": "1004", "car_page_range": [5], "card_no": "999999XXXXXX5555",
            "files": ["DANROE.pdf"], "flags": {"missing_coding_info": false, "missing_receipt": false, "missing_all_receipts": true,
            "total_mismatch": false}}'));
END;
-- Verdict, roots that nothing explains and deviations after this change of it.
CREATE FUNCTION tap.verdict(p_session uuid, p_path text[], p_value jsonb, OUT verdict text, OUT roots text, OUT deviations text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_run uuid;
BEGIN
    SELECT c.run_id, c.verdict INTO v_run, verdict FROM api.compare_old_result(p_session,
        CASE WHEN p_path IS NULL THEN tap.old_month() WHEN p_value IS NULL THEN tap.old_month() #- p_path
            ELSE jsonb_set(tap.old_month(), p_path, p_value) END::text, p_shape_in_use => 'by_code',
            p_same_files => true) AS c;
    SELECT string_agg(concat_ws(' ', d.person, d.receipt, d.field), ', ' ORDER BY d.difference_number) FILTER (WHERE d.is_unexplained),
        string_agg(DISTINCT d.deviation_code, ', ') FILTER (WHERE d.is_root)
    INTO roots, deviations FROM report.parallel_differences AS d WHERE d.run_id = v_run;
END
$$;
-- Ann: a whole card with a discount. Bob: a masked card. Cyd: two whole cards. Dan: a credit. Eve: an odd id, after Dan.
:as_owner
SELECT tap.hand_in('old', tap.pdf_report('{}',
        tap.pdf_card(jsonb_build_object('printed_masked', false, 'totals', jsonb_build_array(tap.pdf_totals('10.50', '0.50', '10.00'))),
            tap.pdf_charge('{}', tap.pdf_line('{"gross": "10.50", "discount": "0.50"}'))),
        tap.pdf_card(jsonb_build_object('employee_id', '1002', 'cardholder_name', 'BOBROE', 'card_number', '999999XXXXXX2222',
            'pages', '[2]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.50', '0.50', '10.00', 2))),
            tap.pdf_charge('{"page": 2}', tap.pdf_line('{"page": 2, "gross": "10.50", "discount": "0.50"}'))),
        tap.pdf_card(jsonb_build_object('employee_id', '1003', 'cardholder_name', 'CYDROE', 'card_number', '999999XXXXXX3333',
            'printed_masked', false, 'pages', '[3]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 3))),
            tap.pdf_charge('{"page": 3}')),
        tap.pdf_card(jsonb_build_object('employee_id', '1003', 'cardholder_name', 'CYDROE', 'card_number', '999999XXXXXX4444',
            'printed_masked', false, 'pages', '[4]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 4))),
            tap.pdf_charge('{"page": 4}')),
        tap.pdf_card(jsonb_build_object('employee_id', '1004', 'cardholder_name', 'DANROE', 'card_number', '999999XXXXXX5555',
            'printed_masked', false, 'pages', '[5]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('-10.00', '0.00', '-10.00', 5))),
            tap.pdf_charge('{"page": 5}', tap.pdf_line('{"gross": "-10.00", "net": "-10.00", "quantity": "-1.00"}'))),
        tap.pdf_card(jsonb_build_object('employee_id', '123', 'cardholder_name', 'EVEROE', 'card_number', '999999XXXXXX6666',
            'printed_masked', false, 'pages', '[6]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 6))),
            tap.pdf_charge('{"page": 6}'))),
    tap.pdf_receipts('{}',
        tap.pdf_receipt(1, '{"printed_address": "918 Foundry Ln", "attachments": ["a.pdf"]}'),
        tap.pdf_receipt(2, jsonb_build_object('employee', 'Bob Roe', 'printed_address', E'918 Foundry Ln\n70123 Port Marlin', 'attachments',
            '["a.pdf", "b.pdf"]'::jsonb, 'title', NULL, 'purpose', NULL, 'notes', 2,
            'printed_merchant_address', E'2000 OLD MILL RD, ,\nKEMPTON BAY', 'merchant_address', '2000 OLD MILL RD, , KEMPTON BAY'))))
    ->> 'session_id' AS session \gset
:as_tester
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

:as_processor
SELECT results_eq(format('SELECT v.* FROM tap.verdict(%L, NULL, NULL) AS v', :'session'),
    $$VALUES ('clean', NULL::text, 'address_as_amount, cut_address, empty_title, gross_not_net, label_as_purpose, last_card, masked_card,'
        ' negative_total, odd_id, other_rules, two_attachments')$$, 'what the old program makes of the month is explained whole');
SELECT results_eq(format('SELECT d.person, d.part, d.deviation_code, d.amount FROM report.parallel_differences AS d
        WHERE d.session_id = %L AND d.ledger = ''report'' ORDER BY d.difference_number', :'session'),
    $$VALUES ('ANNROE', '999999XXXXXX1193', 'gross_not_net', 0.50), ('BOBROE', '999999XXXXXX2222', 'masked_card', -10.00),
        ('CYDROE', '999999XXXXXX3333', 'last_card', -10.00), ('DANROE', '999999XXXXXX5555', 'negative_total', 10.00),
        ('DANROE', '999999XXXXXX6666', 'odd_id', 10.00), ('EVEROE', NULL, 'odd_id', -10.00)$$,
    'wrong card totals are divided over their cards, and each dollar stands once');
SELECT results_eq(format('SELECT r.car_total_old - r.car_total, r.car_total_explained, r.receipt_total_old - r.receipt_total,
        r.receipt_total_explained FROM report.parallel_runs AS r WHERE r.session_id = %L', :'session'),
    'VALUES (-9.50, -9.50, 70113.00, 70113.00)', 'both ledgers add up to the difference of the totals');
-- A cent beside what was foreseen, on either side of it, is explained by nothing.
SELECT results_eq(format('SELECT c.what, v.verdict, v.roots FROM (VALUES
        (1, ''gross and a cent'', ''{ANNROE,car_total}''::text[], ''10.51''::jsonb), (2, ''net is no difference'', ''{ANNROE,car_total}'', ''10.00''),
        (38, ''a card total that is a text'', ''{ANNROE,car_total}'', ''"10.5"''),
        (39, ''a sum that is a text'', ''{ANNROE,rec_total}'', ''"10.00"''),
        (40, ''a text and a cent'', ''{ANNROE,car_total}'', ''"10.51"''),
        (3, ''a masked card with a cent'', ''{BOBROE,car_total}'', ''0.01''), (4, ''both cards'', ''{CYDROE,car_total}'', ''20.00''),
        (5, ''a total of another and a cent'', ''{DANROE,car_total}'', ''10.01''),
        (6, ''another number of the address'', ''{BOBROE,receipts,6120.100,0,amt}'', ''"70124"''),
        (7, ''one note more'', ''{BOBROE,receipts,6120.100,0,purpose}'', ''"Receipts Notes (3):"''),
        (8, ''another address'', ''{BOBROE,receipts,6120.100,0,merch_addy}'', ''"2000 OLD MILL RD, "''),
        (9, ''a lost receipt'', ''{ANNROE,receipts,6120.100}'', NULL), (10, ''a lost person'', ''{CYDROE}'', NULL),
        (11, ''a flag'', ''{ANNROE,flags,missing_receipt}'', ''true''),
        (12, ''an attachment'', ''{ANNROE,receipts,6120.100,0,attachment}'', ''false''),
        (13, ''a field nobody knows'', ''{ANNROE,more}'', ''1''),
        (14, ''an entry that cannot be read'', ''{ANNROE,car_total}'', ''"ten"''),
        (15, ''a field nobody knows of a receipt'', ''{ANNROE,receipts,6120.100,0,tip}'', ''5''),
        (16, ''a flag nobody knows'', ''{ANNROE,flags,more}'', ''false''),
        (17, ''a flag that is never set'', ''{BOBROE,flags,total_mismatch}'', ''true''),
        (18, ''a flag as it is here, that two attachments set there'', ''{BOBROE,flags,missing_receipt}'', ''false''),
        (19, ''a lost receipt that leaves its flag behind'', ''{BOBROE,receipts,6120.100}'', NULL),
        (20, ''an amount that is a number'', ''{ANNROE,receipts,6120.100,0,amt}'', ''10.0''),
        (21, ''a date that is written otherwise'', ''{ANNROE,receipts,6120.100,0,date}'', ''"2025-03-29"''),
        (22, ''a sum of floats'', ''{ANNROE,rec_total}'', ''10.000000000000002''),
        (23, ''nothing that is an empty text'', ''{ANNROE,receipts,6120.100,0,job}'', ''""''),
        (30, ''a page that is written as 1.0'', ''{ANNROE,car_page_range}'', ''[1.0]''),
        (31, ''a flag that is a text'', ''{ANNROE,flags,missing_receipt}'', ''"no"''),
        (32, ''a flag that is nothing'', ''{ANNROE,flags,missing_receipt}'', ''null''),
        (33, ''two flags nobody knows'', ''{ANNROE,flags}'', ''{"missing_coding_info": false, "missing_receipt": false,
            "missing_all_receipts": false, "total_mismatch": false, "z": 1, "a": 2}''),
        (24, ''a masked card that is read, and no other one'', ''{BOBROE,car_total}'', ''10.50''),
        (25, ''no name'', ''{ANNROE,name}'', NULL), (26, ''no files'', ''{ANNROE,files}'', NULL),
        (27, ''a file too many'', ''{CYDROE,files}'', ''["CYDROE.pdf", "CYDROE.pdf"]''),
        (28, ''a file of another name'', ''{CYDROE,files}'', ''["CYDROE.pdf", "C:/a/EVEROE.pdf"]''),
        (34, ''a third decimal place'', ''{ANNROE,car_total}'', ''10.504''), (35, ''one of a sum'', ''{ANNROE,rec_total}'', ''10.001''),
        (36, ''one of an amount'', ''{ANNROE,receipts,6120.100,0,amt}'', ''10.001''),
        (37, ''a flag nobody knows that is set'', ''{ANNROE,flags,more}'', ''true''),
        (29, ''a file of this name on another computer'', ''{CYDROE,files}'', ''["/home/x/CYDROE.pdf"]'')) AS c (number, what, path, value)
        CROSS JOIN LATERAL tap.verdict(%L, c.path, c.value) AS v ORDER BY c.number', :'session'),
    $$VALUES ('gross and a cent', 'unexplained', 'ANNROE car_total'), ('net is no difference', 'clean', NULL),
        ('a masked card with a cent', 'unexplained', 'BOBROE car_total'), ('both cards', 'clean', NULL),
        ('a total of another and a cent', 'unexplained', 'DANROE car_total'),
        ('another number of the address', 'unexplained', 'BOBROE 40000002 amt'), ('one note more', 'unexplained', 'BOBROE 40000002 purpose'),
        ('another address', 'unexplained', 'BOBROE 40000002 merch_addy'), ('a lost receipt', 'unexplained', 'ANNROE 40000001 entry'),
        ('a lost person', 'unexplained', 'CYDROE entry'), ('a flag', 'unexplained', 'ANNROE flags.missing_receipt'),
        ('an attachment', 'unexplained', 'ANNROE 40000001 attachment'), ('a field nobody knows', 'unexplained', 'ANNROE more'),
        ('an entry that cannot be read', 'not_comparable', 'ANNROE entry'),
        ('a field nobody knows of a receipt', 'unexplained', 'ANNROE 40000001 tip'), ('a flag nobody knows', 'unexplained', 'ANNROE flags.more'),
        ('a flag that is never set', 'unexplained', 'BOBROE flags.total_mismatch'),
        ('a flag as it is here, that two attachments set there', 'unexplained', 'BOBROE flags.missing_receipt'),
        ('a lost receipt that leaves its flag behind', 'unexplained', 'BOBROE 40000002 entry'),
        ('an amount that is a number', 'clean', NULL), ('a date that is written otherwise', 'clean', NULL),
        ('a sum of floats', 'clean', NULL), ('nothing that is an empty text', 'clean', NULL),
        ('a masked card that is read, and no other one', 'unexplained', 'BOBROE car_total'), ('no name', 'unexplained', 'ANNROE name'),
        ('no files', 'unexplained', 'ANNROE files'), ('a file too many', 'unexplained', 'CYDROE files'),
        ('a file of another name', 'unexplained', 'CYDROE files'), ('a file of this name on another computer', 'clean', NULL),
        ('a page that is written as 1.0', 'clean', NULL), ('a flag that is a text', 'not_comparable', 'ANNROE entry'),
        ('a flag that is nothing', 'unexplained', 'ANNROE flags.missing_receipt'),
        ('two flags nobody knows', 'unexplained', 'ANNROE flags.a, flags.z'),
        ('a third decimal place', 'unexplained', 'ANNROE car_total'), ('one of a sum', 'unexplained', 'ANNROE rec_total'),
        ('one of an amount', 'unexplained', 'ANNROE 40000001 amt'), ('a flag nobody knows that is set', 'unexplained', 'ANNROE flags.more'),
        ('a card total that is a text', 'clean', NULL), ('a sum that is a text', 'clean', NULL),
        ('a text and a cent', 'unexplained', 'ANNROE car_total')$$,
    'an error is one root, and only what was foreseen explains');
SELECT results_eq($$SELECT DISTINCT d.field, d.old_value FROM report.parallel_differences AS d WHERE d.old_value ~ '^10[.]..[1-9]' ORDER BY 1, 2$$,
    $$VALUES ('amt', '10.001'), ('car_total', '10.504'), ('rec_total', '10.001')$$, 'a third decimal place is told as it stands there');

-- What is only written otherwise is counted so.
SELECT results_eq(format('SELECT c.level, c.differences FROM report.parallel_counts AS c JOIN report.parallel_runs AS r ON r.run_id = c.run_id
        WHERE r.session_id = %L AND c.class = ''representation'' ORDER BY c.run_id DESC LIMIT 4', :'session'),
    $$VALUES ('receipt', 1), ('person', 1), ('receipt', 1), ('receipt', 1)$$, 'a value that is the same, written otherwise');
-- Of other PDFs an error is one of what they were made of.
SELECT is((api.compare_old_result(:'session', (tap.old_month() #- '{CYDROE}')::text, p_shape_in_use => 'by_code',
    p_car_sha256 => repeat('0', 64), p_receipt_sha256 => repeat('0', 64))).verdict, 'source_differs', 'checksums of other PDFs are told');
SELECT results_eq('SELECT DISTINCT d.person, d.class FROM report.parallel_differences AS d
    WHERE d.run_id = (SELECT max(r.run_id::text)::uuid FROM report.parallel_runs AS r) AND d.is_unexplained',
    $$VALUES ('CYDROE', 'timing')$$, 'and what differs without cause is of another time');

-- What is said of people and receipts explains no line of the accounting import.
:as_tester
SELECT is((SELECT string_agg(f.class, ', ') FROM (SELECT app.new_id() AS id) AS p
    CROSS JOIN LATERAL unnest(app.explain_values(
        ARRAY[ROW(NULL, 'csv', 'EVEROE', 'EVEROE', '1', '1', p.id, 1, 'entry', NULL, NULL, '10.00', NULL, false, NULL, NULL, NULL, NULL,
            NULL, false)::app.found_difference],
        ARRAY[ROW('odd_id', 'EVEROE', NULL, 'entry', NULL, NULL, NULL)::app.foreseen,
            ROW('hard_name', 'EVEROE', p.id, 'entry', NULL, NULL, NULL)::app.foreseen])) AS f), NULL, 'a lost line is a lost line');
:as_processor
SELECT is((api.compare_old_result(:'session', tap.old_month()::text, p_shape_in_use => 'by_code')).verdict, 'source_unknown',
    'nobody said which PDFs it was made of');
SELECT is((api.compare_old_result(:'session', tap.old_month()::text, p_same_files => true)).verdict, 'source_unknown',
    'nobody said which shape is in use');
SELECT results_eq(format('SELECT c.shape_in_use, c.is_clean FROM report.clean_months AS c WHERE c.session_id = %L', :'session'),
    $$VALUES ('by_code', false)$$, 'so the month is not clean');

-- An accounting import is one, in whole cells and lines.
:as_tester
CREATE FUNCTION tap.csv(p_line text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN E'Transaction ID,Transaction Date,Transaction Amount,Transaction Name,Vendor,Invoice #,Invoice Date,Header Description,Job,Phase,'
    'Cost Type,GL Account,Item Description,UM,Tax,Pay Type,Card Holder,Credit Card Number,Credit Card Vendor\r\n' || p_line;
CREATE FUNCTION tap.refusal(p_csv text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM app.refuse_csv(p_csv);
    RETURN 'taken';
EXCEPTION WHEN SQLSTATE 'IV008' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
GRANT EXECUTE ON FUNCTION tap.csv(text) TO PUBLIC;
SELECT is(app.is_alike_date(c.old, c.new), c.expected, format('date %s beside %s', c.old, c.new))
FROM (VALUES (NULL, '02/30/2025', true), ('2025-03-29', '03/29/2025', true), (NULL, '03/29/2025', false), ('03/29/2025', '02/30/2025', false),
    ('03/30/2025', '03/29/2025', false), (NULL, NULL, false)) AS c (old, new, expected);
SELECT is(tap.refusal(c.text), c.expected, c.what)
FROM (VALUES
    ('whole cells', tap.csv(E'1,"a ""b"", c\r\nd",,,,,,,,,,,,,,,,,\r\n'), 'taken'),
    ('no line', tap.csv(''), 'taken'),
    ('no line end', tap.csv(repeat(',', 18)), 'taken'),
    ('no header', '1' || repeat(',', 18), 'expected as column 1 of 19 Transaction ID, got 1'),
    ('another separator', replace(tap.csv(''), ',', ';'),
        'expected as column 1 of 19 Transaction ID, got ' || left(replace(tap.csv(''), ',', ';'), 200)),
    ('a column more', replace(tap.csv(''), 'Card Vendor', 'Card Vendor,More'), 'expected as column 20 of 19 none, got More'),
    ('a quote within a cell', tap.csv(E'1,,,,"12",,,,,,,,,,,,,,\r\n2,,,,12"3",,,,,,,,,,,,,,\r\n'),
        'expected quotes around whole cells, and twice within, got others in line 3'),
    ('a quote that stays open', tap.csv('1,,,,"12,,,,,,,,,,,,,,'), 'expected quotes around whole cells, and twice within, got others in line 2'),
    ('a cell too many', tap.csv('1' || repeat(',', 19)), 'expected 19 cells in each line, got 20 in line 2'),
    ('a cell too few', tap.csv(repeat(',', 18) || E'\r\n1' || repeat(',', 17)), 'expected 19 cells in each line, got 18 in line 3'))
    AS c (what, text, expected);
:as_processor
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L, p_csv => ''a;b'')', :'session', tap.old_month()), 'IV008', NULL,
    'what is no accounting import is refused');
SELECT lives_ok(format('SELECT api.compare_old_result(%L, %L, p_csv => %L)', :'session', tap.old_month(), tap.csv(
    E'40000001,,,,,,,ANNROE,,,,,,,,,,9999990000001193,\r\n40000002,,,,,,,BOBROE,,,,,,,,,,"9999990000002222",\r\n')),
    'an accounting import with whole cards is taken');
SELECT isnt_empty($$SELECT FROM report.parallel_differences AS d WHERE d.field = 'Vendor' AND d.class = 'value_difference' AND d.is_unexplained$$,
    'a cell that is empty is a root');
:as_tester
SELECT is_empty($$SELECT o.csv_content FROM app.old_result_texts AS o WHERE o.csv_content ~ '[0-9]{13}'
    UNION ALL SELECT d.old_value FROM app.parallel_differences AS d WHERE concat(d.old_value, d.new_value) ~ '[0-9]{13}'$$,
    'and cut, though no check digit says that they are cards');
:as_processor

-- A person, or a receipt, as a whole is accepted as it stands.
:as_tester
CREATE FUNCTION tap.dora(p_changes jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN tap.old_month() || jsonb_build_object('DORAROE', tap.entry('{"name": "DORAROE", "employee_id": "1009", "car_total": 12.34,
    "card_no": "999999XXXXXX7777", "files": ["DORAROE.pdf"], "car_page_range": [7], "flags": {"missing_coding_info": false,
    "missing_receipt": false, "missing_all_receipts": true, "total_mismatch": false}}') || p_changes);
CREATE FUNCTION tap.whole(p_session uuid, p_old jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_run report.parallel_answer := api.compare_old_result(p_session, p_old::text, p_shape_in_use => 'by_code', p_same_files => true);
BEGIN
    RETURN concat_ws(' ', v_run.verdict, (
        SELECT string_agg(concat_ws(' ', d.person, d.receipt, d.field), ', ' ORDER BY d.difference_number)
        FROM report.parallel_differences AS d WHERE d.run_id = v_run.run_id AND d.is_unexplained));
END
$$;
CREATE FUNCTION tap.propose_last() RETURNS uuid
LANGUAGE sql VOLATILE
RETURN (SELECT (api.propose_difference(d.run_id, d.difference_number, current_date, 'Known')).acceptance_id
    FROM report.parallel_differences AS d WHERE d.is_unexplained AND d.field = 'entry' ORDER BY d.run_id DESC LIMIT 1);
GRANT EXECUTE ON FUNCTION tap.dora(jsonb), tap.whole(uuid, jsonb), tap.propose_last() TO PUBLIC;
:as_processor
SELECT is(tap.whole(:'session', tap.dora('{}')), 'unexplained DORAROE entry', 'a person too many is a root');
SELECT tap.propose_last() AS person \gset
SELECT jsonb_set(jsonb_set(tap.old_month(), '{ANNROE,receipts,6120.100,1}', tap.receipt('{"rec_id": "49", "merch_name": "A"}')),
    '{ANNROE,rec_total}', '20.0') AS more \gset
SELECT is(tap.whole(:'session', :'more'), 'unexplained ANNROE 49 entry', 'so is a receipt');
SELECT tap.propose_last() AS receipt \gset
:as_admin
SELECT api.accept_difference(:'person'), api.accept_difference(:'receipt') \g /dev/null
:as_processor
SELECT is(tap.whole(:'session', tap.dora('{}')), 'clean', 'two people accept a person');
SELECT is(tap.whole(:'session', tap.dora('{"car_total": 98765.43}')), 'unexplained DORAROE entry', 'and not with another total');
SELECT is(tap.whole(:'session', tap.dora('{"card_no": "999999XXXXXX7778"}')), 'unexplained DORAROE entry', 'nor with another card');
SELECT is(tap.whole(:'session', tap.dora(jsonb_build_object('receipts',
    jsonb_build_object('6120.100', jsonb_build_array(tap.receipt('{"rec_id": "50"}')))))), 'unexplained DORAROE entry', 'nor with a receipt');
SELECT is(tap.whole(:'session', :'more'), 'clean', 'a receipt likewise');
SELECT is(tap.whole(:'session', jsonb_set(:'more', '{ANNROE,receipts,6120.100,1,merch_name}', '"B"')), 'unexplained ANNROE 49 entry',
    'and not one of the same amount that says something else');
-- Totals that no single number may be.
SELECT (api.compare_old_result(:'session', jsonb_set(jsonb_set(tap.old_month(), '{ANNROE,car_total}', '999999999999.0'),
    '{CYDROE,car_total}', '999999999999.0')::text, p_shape_in_use => 'by_code', p_same_files => true)).run_id AS run \gset
SELECT results_eq(format('SELECT r.verdict, r.car_total_old FROM report.parallel_runs AS r WHERE r.run_id = %L', :'run'),
    $$VALUES ('unexplained', 2000000000008.00)$$, 'a sum of amounts may be larger than an amount');

-- Two people accept a difference until a day.
SELECT (api.compare_old_result(:'session', jsonb_set(tap.old_month(), '{BOBROE,car_total}', '0.01')::text, p_shape_in_use => 'by_code',
    p_same_files => true)).run_id AS run \gset
SELECT d.difference_number AS number FROM report.parallel_differences AS d WHERE d.run_id = :'run' AND d.is_unexplained \gset
SELECT d.difference_number AS explained FROM report.parallel_differences AS d
WHERE d.run_id = :'run' AND d.class = 'known_deviation' LIMIT 1 \gset
PREPARE propose AS SELECT api.propose_difference($1::uuid, $2, $3, $4);
SELECT throws_ok(format('EXECUTE propose(%L, %s, current_date - 1, %L)', :'run', :number, 'A cent'), 'IV008', NULL, 'not until yesterday');
SELECT throws_ok(format('EXECUTE propose(%L, %s, current_date + 367, %L)', :'run', :number, 'A cent'), 'IV008', NULL, 'not for longer than a year');
SELECT throws_ok(format('EXECUTE propose(%L, %s, current_date, %L)', :'run', :number, ' '), 'IV008', NULL, 'not without a reason');
SELECT throws_ok(format('EXECUTE propose(%L, %s, current_date, %L)', :'run', 9999, 'A cent'), 'NF160', NULL, 'only what there is');
SELECT throws_ok(format('EXECUTE propose(%L, %s, current_date, %L)', :'run', :explained, 'A cent'), 'RL161', NULL, 'only what nothing explains');
SELECT (api.propose_difference(:'run', :number, current_date, 'A cent')).acceptance_id AS proposal \gset
SELECT throws_ok(format('SELECT api.accept_difference(%L)', :'proposal'), '42501', NULL, 'a processor does not accept');
\set again 'SELECT v.verdict FROM tap.verdict(%L, ''{BOBROE,car_total}'', ''0.01'') AS v'
SELECT results_eq(format(:'again', :'session'), $$VALUES ('unexplained')$$, 'a proposal explains nothing');
:as_admin
SELECT (api.propose_difference(:'run', :number, current_date, 'Mine')).acceptance_id AS own \gset
SELECT throws_ok(format('SELECT api.accept_difference(%L)', :'own'), 'PM160', NULL, 'nobody accepts the own proposal');
SELECT throws_ok($$SELECT api.accept_difference(NULL)$$, 'NF161', NULL, 'nor one that is not there');
SAVEPOINT one_person;
:as_owner
SET LOCAL app.reason = 'x';
UPDATE app.users AS u SET cardholder_id = (SELECT min(c.cardholder_id::text)::uuid FROM app.cardholders AS c), is_active = u.user_name = 'ada'
WHERE u.user_name IN ('ada', 'pat');
:as_admin
SELECT throws_ok(format('SELECT api.accept_difference(%L)', :'proposal'), 'PM160', NULL, 'nor that of the same person under another user');
ROLLBACK TO SAVEPOINT one_person;
:as_admin
SELECT is((api.accept_difference(:'proposal')).is_accepted, true, 'another person does');
SELECT throws_ok(format('SELECT api.accept_difference(%L)', :'proposal'), 'ST160', NULL, 'once');
:as_tester
SELECT results_eq(format('SELECT app.is_accepted_difference(a.month_id, a.level, a.path, r.receipt, a.old_value, a.new_value)
        FROM app.accepted_differences AS a CROSS JOIN (VALUES (1, NULL), (2, ''40000002'')) AS r (place, receipt)
        WHERE a.acceptance_id = %L ORDER BY r.place', :'proposal'), 'VALUES (true), (false)', 'and of that receipt only');
:as_admin
SELECT results_eq(format(:'again', :'session'), $$VALUES ('clean')$$, 'a new run counts it as explained');
SELECT is((SELECT r.verdict FROM report.parallel_runs AS r WHERE r.run_id = :'run'), 'unexplained', 'the run in which it was seen stays as it was');
SELECT results_eq(format('SELECT v.verdict FROM tap.verdict(%L, ''{BOBROE,car_total}'', ''0.02'') AS v', :'session'), $$VALUES ('unexplained')$$,
    'another value is another difference');
-- Also where only the end of a long one is another.
\set long '''"'' || repeat(''A'', 1000) || ''B"'''
SELECT (api.compare_old_result(:'session', jsonb_set(tap.old_month(), '{BOBROE,odd}', (:long)::jsonb)::text, p_shape_in_use => 'by_code',
    p_same_files => true)).run_id AS run \gset
SELECT (api.propose_difference(:'run', d.difference_number, current_date, 'A field of ours')).acceptance_id AS proposal
FROM report.parallel_differences AS d WHERE d.run_id = :'run' AND d.is_unexplained \gset
:as_reviewer
SELECT api.accept_difference(:'proposal') \g /dev/null
:as_admin
SELECT results_eq(format('SELECT v.verdict FROM tap.verdict(%L, ''{BOBROE,odd}'', %L) AS v', :'session', :long), $$VALUES ('clean')$$,
    'a long value is accepted whole');
SELECT results_eq(format('SELECT v.verdict FROM tap.verdict(%L, ''{BOBROE,odd}'', %L) AS v', :'session', replace(:long, 'B', 'C')), $$VALUES ('unexplained')$$,
    'so one with another end is another');
:as_owner
UPDATE app.accepted_differences AS a SET valid_until = current_date - 1 WHERE a.accepted_by IS NOT NULL;
:as_admin
SELECT results_eq(format(:'again', :'session'), $$VALUES ('unexplained')$$, 'after its last day it explains nothing');

-- A known deviation explains nothing any more once it has ended.
:as_owner
UPDATE app.known_deviations AS d SET valid_until = current_date - 1 WHERE d.deviation_code = 'masked_card';
:as_processor
SELECT results_eq(format('SELECT v.roots FROM tap.verdict(%L, NULL, NULL) AS v', :'session'), $$VALUES ('BOBROE car_total')$$,
    'nor does a deviation that ended');
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L)', :'session', jsonb_build_object('X', tap.entry('{}',
    tap.receipt('{"rec_id": "1"}'), tap.receipt('{"rec_id": "2"}'), tap.receipt('{}')))), 'RL160', NULL, 'a third of the receipts is another month');
SELECT lives_ok(format('SELECT api.compare_old_result(%L, %L)', :'session', jsonb_build_object('X', tap.entry('{}',
    tap.receipt('{"rec_id": "1"}'), tap.receipt('{}')))), 'a half is this one');
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L, p_shape_in_use => %L)', :'session', tap.old_month(), 'by_name'), 'IV008', NULL,
    'a shape is one of three');
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L)', :'run', tap.old_month()), 'NF001', NULL, 'a session has to be there');
:as_reader
SELECT throws_ok(format('SELECT api.compare_old_result(%L, %L)', :'session', '{}'), '42501', NULL, 'a reader does not compare');
SELECT ok(report.parallel_report(:'run') ~ 'Verdict: unexplained', 'but reads the report');
:as_owner
SELECT is(app.table_line(E'a\r\n# b\u2028c', '<img src=x> ![a](b) | `c` \_d_ *e*', NULL), '| a # b c | \<img src=x\> !\[a\](b) \| \`c\` \\\_d\_ \*e\* |  |',
    'in which a text is a text: no line, link, picture, HTML or emphasis of its own');
:as_reader
SELECT throws_ok('SELECT report.parallel_report(NULL)', 'NF162', NULL, 'of a run that is there');
:as_tester
SET CONSTRAINTS ALL IMMEDIATE;
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
