-- What rejects one employee beyond wrong types: numbers out of range, pages, lengths, names, a person twice.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(51);

-- Path and code of what is rejected of an employee ANN beside a sound one, as text; null when nothing is.
CREATE FUNCTION tap.rejects(p_entry jsonb, p_key text DEFAULT 'ANN') RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg((r.value ->> 'path') || ' ' || (r.value ->> 'code'), ', ' ORDER BY r.ordinality)
    FROM api.import_activity(jsonb_build_object('ZOE', tap.entry('{"employee_id": "2"}'), p_key, p_entry)::text,
        p_dry_run => true) AS a,
        jsonb_array_elements(a -> 'rejects') WITH ORDINALITY AS r;
END;

-- Path and message of what is rejected of it.
CREATE FUNCTION tap.told(p_entry jsonb) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg((r.value ->> 'path') || ': ' || (r.value ->> 'message'), ', ' ORDER BY r.ordinality)
    FROM api.import_activity(jsonb_build_object('ZOE', tap.entry('{"employee_id": "2"}'), 'ANN', p_entry)::text, p_dry_run => true) AS a,
        jsonb_array_elements(a -> 'rejects') WITH ORDINALITY AS r;
END;

:as_processor
SELECT is(tap.told(tap.entry('{"employee_id": 12345}')), '$."ANN".employee_id: expected string, got number 12345', 'an id as a number is shown');
SELECT is(tap.told(tap.entry('{}', tap.receipt('{"attachment": "true"}'))),
    '$."ANN".receipts."6120.100"[0].attachment: expected boolean, got string "true"', 'so is a text for true');
SELECT is(tap.told(tap.entry('{}', tap.receipt('{"rec_id": 9999991234561193}'))),
    '$."ANN".receipts."6120.100"[0].rec_id: expected string, got number, $."ANN".receipts."6120.100"[0].rec_id: number is out of range',
    'but no number that may be a card''s');
SELECT is(tap.told(tap.entry('{"card_no": 999999123456}')), '$."ANN".card_no: expected string, got number', 'and nothing of the card field');
SELECT is(tap.told(tap.entry('{"car_total": "9999 9912 3456 7893 and more"}')),
    '$."ANN".car_total: expected number, got string "999999XXXXXX7893 and more"', 'of a text without card numbers');
SELECT is(tap.told(tap.entry('{"rec_page_range": [0]}')), '$."ANN".rec_page_range[0]: expected a page number, 1 to 1000000, got 0', 'a page that is none');
SELECT is(tap.rejects(tap.entry('{"car_total": 999999999999.99}')), NULL, 'the largest total');
SELECT is(tap.rejects(tap.entry('{"car_total": 1000000000000}')), '$."ANN".car_total amount_out_of_range', 'one more');
SELECT is(tap.rejects(tap.entry('{"car_total": -1000000000000}')), '$."ANN".car_total amount_out_of_range', 'below zero');
SELECT is(tap.rejects(tap.entry('{"car_total": 1e308}')), '$."ANN".car_total amount_out_of_range', 'with an exponent');
SELECT is(tap.rejects(tap.entry('{"car_total": 1e131071}')), '$."ANN".car_total amount_out_of_range', 'the largest one');
SELECT is(tap.rejects(tap.entry('{"car_total": 1e-21}')), '$."ANN".car_total amount_out_of_range', 'too near to zero');
SELECT is(tap.rejects(tap.entry('{"car_total": 1e-20}')), NULL, 'as near as allowed');
SELECT is(tap.rejects(tap.entry('{"rec_total": 98765432109876543210.12}')), '$."ANN".rec_total amount_out_of_range',
    'in the claimed receipt total');
SELECT is(tap.rejects(tap.entry('{"unheard_of": [{"x": 1e100000}]}')), '$."ANN".unheard_of[0].x amount_out_of_range',
    'in a field nobody knows');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt('{"amt": "999999999999.99"}'))), NULL, 'the largest amount');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt('{"amt": "1000000000000.00"}'))),
    '$."ANN".receipts."6120.100"[0].amt amount_out_of_range', 'one more');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt('{"amt": "-1,000,000,000,000.00"}'))),
    '$."ANN".receipts."6120.100"[0].amt amount_out_of_range', 'with commas, below zero');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt('{"amt": 1e12}'))),
    '$."ANN".receipts."6120.100"[0].amt amount_out_of_range', 'as a number');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt('{"amt": "1e12"}'))), NULL,
    'what cannot be read is no amount and rejects nobody');

SELECT is(tap.rejects(tap.entry('{}'), E'AN\u2028N'), E'$."AN\u2028N" control_character', 'a key of two lines');
SELECT is(tap.rejects(tap.entry('{"name": "ANN\n# forged"}')), '$."ANN".name control_character', 'a name of two lines');
SELECT is(tap.rejects(tap.entry('{"name": "Ann O\u2019Hara"}')), NULL, 'other characters are printed');
SELECT is(tap.rejects(tap.entry('{"car_page_range": [1, 1000000]}')), NULL, 'pages from 1 to 1,000,000');
SELECT is(tap.rejects(tap.entry('{"car_page_range": [1, 0]}')), '$."ANN".car_page_range[1] wrong_type', 'page 0');
SELECT is(tap.rejects(tap.entry('{"car_page_range": [1000001]}')), '$."ANN".car_page_range[0] wrong_type', 'one too many');
SELECT is(tap.rejects(tap.entry('{"rec_page_range": [1.5]}')), '$."ANN".rec_page_range[0] wrong_type', 'half a page');
SELECT is(tap.rejects(tap.entry('{"rec_page_range": ["1"]}')), '$."ANN".rec_page_range[0] wrong_type', 'a text');
SELECT is(tap.rejects(tap.entry('{"rec_page_range": [null]}')), '$."ANN".rec_page_range[0] wrong_type', 'null');
SELECT is(tap.rejects(tap.entry('{"rec_page_range": [[1]]}')), '$."ANN".rec_page_range[0] wrong_type', 'a list');

SELECT is(tap.rejects(tap.entry(jsonb_build_object('employee_id', repeat('1', 40)))), NULL, 'an id of 40 characters');
SELECT is(tap.rejects(tap.entry(jsonb_build_object('employee_id', repeat('1', 41)))),
    '$."ANN".employee_id text_too_long', 'of 41');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt(jsonb_build_object('rec_id', repeat('4', 200))))), NULL,
    'a receipt id of 200 characters');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt(jsonb_build_object('rec_id', repeat('4', 201))))),
    '$."ANN".receipts."6120.100"[0].rec_id text_too_long', 'of 201');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt(jsonb_build_object('merch_addy', repeat('x', 10000))))), NULL,
    'an address may be long');
SELECT is(tap.rejects(tap.entry('{}', tap.receipt(jsonb_build_object('merch_addy', repeat('x', 10001))))),
    '$."ANN".receipts."6120.100"[0].merch_addy text_too_long', 'but not as long as a book');

SELECT is(tap.rejects(tap.entry(), '123'), '$."123" no_name', 'a key without letters');
SELECT is(tap.rejects(tap.entry(), ''), '$."" no_name', 'an empty key');
SELECT is(tap.rejects(tap.entry(), repeat('A', 200)), NULL, 'a key of 200 letters');
SELECT is(tap.rejects(tap.entry(), repeat('A', 201)), '$."' || repeat('A', 201) || '" no_name', 'of 201');
SELECT is(tap.rejects('[]'), '$."ANN" wrong_type', 'a list for an employee');
SELECT is(tap.rejects('null'), '$."ANN" wrong_type', 'nothing for an employee');
SELECT is(tap.rejects(tap.entry('{"receipts": {"null": "x"}}')), '$."ANN".receipts.null wrong_type', 'a text for receipts');
SELECT is(tap.rejects(tap.entry('{"receipts": {"null": ["x", {}, null]}}')),
    '$."ANN".receipts.null[0] wrong_type, $."ANN".receipts.null[2] wrong_type', 'texts and null in a list of receipts');
SELECT is(tap.rejects(tap.entry('{"receipts": {"null": [[{}]]}}')), '$."ANN".receipts.null[0] wrong_type', 'a list in a list');
SELECT is(tap.rejects(tap.entry('{"car_total": "12.50", "card_no": 1, "flags": []}')),
    '$."ANN".car_total wrong_type, $."ANN".card_no wrong_type, $."ANN".flags wrong_type', 'every fault is named');
SELECT is(tap.rejects(tap.entry('{"employee_id": "2"}'), 'Zoë'), '$."Zoë" duplicate_person',
    'two keys that fold to one name, with one employee id');
SELECT is(tap.rejects(tap.entry('{"employee_id": " 2"}'), 'Zoë'), '$."Zoë" duplicate_person', 'blanks do not tell ids apart');
SELECT is(tap.rejects(tap.entry('{"employee_id": "3"}'), 'Zoë'), NULL, 'with another id it is another person');
SELECT is(tap.rejects(tap.entry('{"employee_id": null}'), 'Zoë'), '$."Zoë" duplicate_person',
    'without id, but in the report, it is not: its card total would be lost');
:as_tester
SELECT is_empty('SELECT s.session_id FROM app.processing_sessions AS s', 'trying dry left no session');
SELECT * FROM finish();
ROLLBACK;
