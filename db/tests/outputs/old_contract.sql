-- What the reader of the old program expects of an entry: each field that is not so is named, and nothing else is.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/documents.psql
SELECT no_plan();

SELECT is(app.find_unfit_receipt(tap.receipt(x.change)), NULL, 'fits: ' || x.change::text) FROM (VALUES ('{}'::jsonb), ('{"date": null}'),
    ('{"amt": 0}'), ('{"amt": "-5"}'), ('{"amt": "5.1"}'), ('{"title": null, "purpose": null, "merch_name": null, "merch_addy": null}'),
    ('{"gl_acct": null, "gl_desc": null, "coded": false}'), ('{"gl_desc": null}'), ('{"attachment": false}'), ('{"other": 1}'),
    ('{"code_type": "Job Coding", "gl_acct": null, "gl_desc": null, "job": "1", "phase": "2", "cost_type": "3"}')) AS x (change);
SELECT is(app.find_unfit_receipt(tap.receipt(x.change)), x.place, x.place || ': ' || x.change::text) FROM (VALUES
    ('rec_id', '{"rec_id": null}'::jsonb), ('rec_id', '{"rec_id": ""}'), ('rec_id', '{"rec_id": 1}'), ('exp', '{"exp": null}'),
    ('date', '{"date": "2025-03-29"}'), ('date', '{"date": "3/29/2025"}'), ('date', '{"date": ""}'), ('amt', '{"amt": 5}'), ('amt', '{"amt": null}'),
    ('amt', '{"amt": "5.123"}'), ('amt', '{"amt": "1,234.50"}'), ('title', '{"title": 1}'), ('purpose', '{"purpose": 1}'),
    ('merch_name', '{"merch_name": 1}'), ('merch_addy', '{"merch_addy": 1}'), ('code_type', '{"code_type": null}'), ('code_type', '{"code_type": "job"}'),
    ('job', '{"job": "1"}'), ('job', '{"job": "1", "phase": "2"}'), ('gl_desc', '{"gl_acct": null, "coded": false}'), ('coded', '{"coded": false}'),
    ('coded', '{"gl_acct": null, "gl_desc": null}'), ('attachment', '{"attachment": null}')) AS x (place, change);
SELECT is(app.find_unfit_receipt(tap.receipt() - f.field), 'missing field', 'without ' || f.field) FROM jsonb_object_keys(tap.receipt()) AS f (field);
SELECT is(app.find_unfit_receipt('"text"'), 'receipt', 'a receipt is an object');

-- In the report, in both, and in the receipts only.
\set named '(tap.entry(x.change) || ''{"name": "ANN"}'')'
SELECT is(app.find_unfit('ANN', :named || x.change), x.place, coalesce(x.place, 'fits') || ': ' || x.change::text) FROM (VALUES
    (NULL, '{}'::jsonb), (NULL, '{"employee_id": ""}'), (NULL, '{"files": ["a"], "car_page_range": [1, 2]}'), (NULL, '{"other": null}'),
    ('name', '{"name": "BOB"}'), ('employee_id', '{"employee_id": null}'), ('car_total', '{"car_total": "10.00"}'), ('car_total', '{"car_total": null}'),
    ('card_no', '{"card_no": null}'), ('files', '{"files": null}'), ('files', '{"files": [1]}'), ('car_page_range', '{"car_page_range": null}'),
    ('car_page_range', '{"car_page_range": ["1"]}'), ('receipts', '{"rec_total": 1}'), ('receipts', '{"rec_page_range": [1]}'),
    ('receipts', '{"receipts": {}}'), ('flags', '{"flags": null}'), ('flags', '{"flags": {"missing_receipt": true}}')) AS x (place, change);
SELECT is(app.find_unfit('ANN', :named - x.gone), x.place, x.place || ' without ' || x.gone) FROM (VALUES ('employee_id', 'car_page_range', '{}'::jsonb),
    ('employee_id', 'employee_id', '{}'), ('car_total', 'car_total', '{}'), ('card_no', 'card_no', '{}'), ('files', 'files', '{}'), ('flags', 'flags', '{}'))
    AS x (place, gone, change);
SELECT is(app.find_unfit('ANN', :named || jsonb_build_object('flags', tap.entry() -> 'flags' || x.flags)), 'flags', 'flags: ' || x.flags::text)
FROM (VALUES ('{"missing_receipt": null}'::jsonb, '{}'::jsonb), ('{"another": true}', '{}')) AS x (flags, change);
\set both '(tap.entry(x.change, tap.receipt()) || ''{"name": "ANN"}'' || x.change)'
SELECT is(app.find_unfit('ANN', :both), x.place, coalesce(x.place, 'fits') || ': ' || x.change::text) FROM (VALUES (NULL, '{}'::jsonb),
    (NULL, jsonb_build_object('receipts', jsonb_build_object('40000001', tap.receipt()))), (NULL, '{"receipts": {}}'),
    (NULL, jsonb_build_object('receipts', jsonb_build_object('null', jsonb_build_array(tap.receipt('{"gl_acct": null, "gl_desc": null, "coded": false}'))))),
    ('receipts.6120.100', jsonb_build_object('receipts', jsonb_build_object('6120.100', jsonb_build_array(tap.receipt('{"gl_acct": null, "gl_desc": null, "coded": false}'))))),
    ('rec_total', '{"rec_total": null}'), ('rec_page_range', '{"rec_page_range": ["1"]}'), ('receipts', '{"receipts": null}'),
    ('receipts.6120.100', jsonb_build_object('receipts', jsonb_build_object('6120.100', tap.receipt()))),
    ('receipts.19002.', jsonb_build_object('receipts', jsonb_build_object('19002.', jsonb_build_array(tap.receipt())))),
    ('receipts.6120.100.amt', jsonb_build_object('receipts', jsonb_build_object('6120.100', jsonb_build_array(tap.receipt('{"amt": 1}')))))) AS x (place, change);
\set only '(tap.receipts_only(x.change, tap.receipt()) || ''{"name": "ANN"}'' || x.change)'
SELECT is(app.find_unfit('ANN', :only), x.place, coalesce(x.place, 'fits') || ' of receipts only: ' || x.change::text) FROM (VALUES (NULL, '{}'::jsonb),
    ('card_no', '{"card_no": "999999XXXXXX1193"}'), ('card_no', '{"car_total": 1}')) AS x (place, change);
SELECT is(app.find_unfit('ANN', tap.receipts_only() || '{"name": "ANN"}'), 'receipts', 'who is in neither report is not there');
SELECT is(app.find_unfit('ANN', '[]'), '$', 'an entry is an object');
SELECT * FROM finish();
ROLLBACK;
