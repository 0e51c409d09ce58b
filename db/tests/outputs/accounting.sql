-- Lines for accounting: who is left out and why, in order; codes whole or not at all; profiles as versions.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(29);

:as_processor
SELECT tap.import(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 60.00, "rec_total": 60.00}',
        tap.receipt('{"purpose": "Crew, of\nsix"}'),
        tap.receipt('{"rec_id": "40000002", "code_type": "Job Coding", "job": "19002.", "phase": "410.25", "cost_type": "5", "gl_acct": null, "amt": "20.00"}'),
        tap.receipt('{"rec_id": "40000003", "merch_name": "=1+1", "amt": "30.00"}'),
        tap.receipt('{"rec_id": "40000001", "purpose": "Crew, of\nsix"}')),
    'BOB', tap.entry('{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2]}',
        tap.receipt('{"rec_id": "40000004", "code_type": "Job Coding", "job": "19002.", "cost_type": "5", "gl_acct": null}'),
        tap.receipt('{"rec_id": "40000005"}'),
        tap.receipt('{"rec_id": "40000006", "amt": "12.x"}')),
    'CYD', tap.receipts_only('{"rec_page_range": [3]}', tap.receipt('{"rec_id": "40000007"}')))) AS session \gset

:as_tester
CREATE TEMP TABLE lines AS SELECT l.* FROM report.accounting_lines(:'session', 'old_program', '2025-04-30') AS l;
SELECT results_eq('SELECT l.receipt_id, l.left_out FROM lines AS l ORDER BY l.line_number',
    $$VALUES ('40000001', NULL), ('40000002', NULL), ('40000003', 'unsafe_text'),
        ('40000001', 'duplicate'), ('40000004', 'not_coded'), ('40000005', 'person_not_finished'),
        ('40000006', 'amount_unknown'), ('40000007', 'no_card')$$,
    'every receipt is there, with the first reason against it');
SELECT is((SELECT l.transaction_name FROM lines AS l WHERE l.line_number = 1), 'Crew of six', 'a purpose is one line without commas');
SELECT is((SELECT l.credit_card_vendor FROM lines AS l WHERE l.receipt_id = '40000003'), '', 'a formula is left empty');
SELECT results_eq('SELECT l.job, l.phase, l.cost_type, l.gl_account, l.pay_type FROM lines AS l WHERE l.line_number IN (1, 2, 5) ORDER BY l.line_number',
    $$VALUES ('', '', '', '6120.100', '1'), ('19002.', '410.25', '5', '', '2'), ('', '', '', '', '')$$,
    'pay types follow the codes, half a code is none');
SELECT is((SELECT l.transaction_amount FROM lines AS l WHERE l.receipt_id = '40000006'), '', 'an unknown amount is empty');
SELECT results_eq('SELECT l.invoice_number, l.invoice_date, l.credit_card_number FROM lines AS l WHERE l.line_number IN (1, 8) ORDER BY l.line_number',
    $$VALUES ('1193 040125', '04/01/2025', '999999XXXXXX1193'), ('', '04/01/2025', '')$$, 'the invoice is of the card and the month');
SELECT is((SELECT l.invoice_date FROM report.accounting_lines(:'session') AS l LIMIT 1), '03/01/2025', 'of the period when none is given');
SELECT is(app.is_formula(t.text), t.formula, t.text) FROM (VALUES ('=1', true), (' "+1', true), ('@x', true), ('-1', true),
    (U&'\FF1Dx', true), ('a=1', false), ('7-ELEVEN', false)) AS t (text, formula);


-- The file, record by record.
SELECT results_eq(format('SELECT x.record FROM report.accounting_records(%L, ''old_program'', ''2025-04-30'') AS x WHERE x.line_number IN (0, 1) ORDER BY 1 DESC', :'session'),
    $$VALUES ('Transaction ID,Transaction Date,Transaction Amount,Transaction Name,Vendor,Invoice #,Invoice Date,Header Description,Job,Phase,Cost Type,GL Account,Item Description,UM,Tax,Pay Type,Card Holder,Credit Card Number,Credit Card Vendor'),
        ('40000001,03/29/2025,10.00,Crew of six,12332,1193 040125,04/01/2025,ANN,,,,6120.100,Crew of six,LS,XX,1,ANN,999999XXXXXX1193,LANDING SEAFOOD CO')$$,
    'a heading and the 19 columns');
SELECT is((SELECT count(*) FROM report.accounting_records(:'session')), 8::bigint, 'every receipt but the repeated page');
SELECT is(app.csv_field(t.text, f), t.field, t.field) FROM app.accounting_profile('old_program') AS f CROSS JOIN (VALUES
    ('a "b", c', '"a ""b"", c"'), ('a;b', 'a;b'), ('', '')) AS t (text, field);
SELECT is(app.accounting_csv(:'session', 'old_program', NULL), (SELECT convert_to(string_agg(x.record || E'\n', '' ORDER BY x.line_number), 'UTF8')
    FROM report.accounting_records(:'session') AS x), 'the bytes are the records, each with its line end');

-- Profiles.
:as_processor
SELECT throws_ok($$SELECT api.save_accounting_profile('old_program', '{"vendor": "1"}', 1)$$, '42501', NULL, 'a processor changes none');
:as_admin
SELECT throws_ok(format('SELECT l.vendor FROM report.accounting_lines(%L, ''other'') AS l', :'session'), 'NF090',
    'there is no accounting profile of this name', 'one that is not there');
SELECT results_eq($$SELECT p.profile_version, p.vendor, p.date_format, p.is_current FROM api.save_accounting_profile('other',
    '{"vendor": "77", "date_format": "YYYY-MM-DD", "is_amount_reversed": true, "target": "other"}') AS p$$,
    $$VALUES (1, '77', 'YYYY-MM-DD', true)$$, 'a new one begins as the old program''s');
SELECT throws_ok($$SELECT api.save_accounting_profile('other', '{"vendor": "78"}')$$, 'ST001', NULL, 'it is there now');
SELECT throws_ok($$SELECT api.save_accounting_profile('other', '{"vendor": "=78"}', 1)$$, 'IV008', NULL, 'no formula in it');
SELECT throws_ok($$SELECT api.save_accounting_profile('4x', '{"vendor": "78"}')$$, 'IV008', NULL, 'a name begins with a letter');
SELECT throws_ok($$SELECT api.save_accounting_profile('other', '{"vendors": "78"}', 1)$$, 'IV008', NULL, 'no column of another name');
SELECT is((SELECT p.profile_version FROM api.save_accounting_profile('other', '{"vendor": "78"}', 1) AS p), 2, 'the next version');
SELECT results_eq(format('SELECT l.vendor, l.transaction_date, l.transaction_amount FROM report.accounting_lines(%L, ''other'') AS l LIMIT 1',
    :'session'), $$VALUES ('78', '2025-03-29', '-10.00')$$, 'lines are as their profile says');
:as_tester
SELECT * FROM finish();
ROLLBACK;
