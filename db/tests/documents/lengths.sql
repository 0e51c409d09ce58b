-- Texts in the rows of a worker: as long as they may be, longer, empty, of several lines, and of another type.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/pdfs.psql

CREATE FUNCTION pg_temp.fault(p_field text, p_row text, p_value jsonb) RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT CASE p_row
        WHEN 'card' THEN app.report_fault(tap.pdf_report('{}', tap.pdf_card(jsonb_build_object(p_field, p_value))))
        WHEN 'charge' THEN app.report_fault(tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge(),
            tap.pdf_charge(jsonb_build_object(p_field, p_value)))))
        WHEN 'line' THEN app.report_fault(tap.pdf_report('{}', tap.pdf_card('{}', tap.pdf_charge('{}', tap.pdf_line(),
            tap.pdf_line(jsonb_build_object(p_field, p_value))))))
        ELSE app.receipts_fault(tap.pdf_receipts('{}', tap.pdf_receipt(1),
            tap.pdf_receipt(2, jsonb_build_object(p_field, p_value)))) END;
END;

CREATE TEMP TABLE fields (row_kind text, field text, longest integer, is_one_line boolean);
INSERT INTO fields VALUES ('card', 'cardholder_name', 255, false),
('charge', 'merchant', 255, false), ('charge', 'city', 255, false), ('charge', 'state', 255, false),
('charge', 'group', 255, false), ('charge', 'number', 40, true), ('charge', 'level', 20, true),
('line', 'product', 255, false),
('receipt', 'employee', 255, false), ('receipt', 'transaction_id', 200, true), ('receipt', 'job', 80, true),
('receipt', 'phase', 80, true), ('receipt', 'cost_type', 80, true), ('receipt', 'gl_account', 80, true);

SELECT plan(6);
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f
    WHERE pg_temp.fault(f.field, f.row_kind, to_jsonb(repeat(CASE f.longest WHEN 80 THEN '9' ELSE 'é' END, f.longest))) IS NOT NULL$$, 'as long as it may be');
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f
    WHERE pg_temp.fault(f.field, f.row_kind, to_jsonb(repeat(CASE f.longest WHEN 80 THEN '9' ELSE 'é' END, f.longest + 1))) IS DISTINCT FROM f.row_kind$$,
    'one letter longer names the row');
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f
    WHERE pg_temp.fault(f.field, f.row_kind, '""') IS DISTINCT FROM f.row_kind$$, 'and so does an empty one');
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f
    WHERE (pg_temp.fault(f.field, f.row_kind, to_jsonb(E'a\nb'::text)) IS NOT NULL) <> f.is_one_line$$,
    'numbers and codes have one line, texts may have more');
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f WHERE pg_temp.fault(f.field, f.row_kind, '12') IS DISTINCT FROM f.row_kind$$,
    'a number is no text');
SELECT is_empty($$SELECT f.field FROM pg_temp.fields AS f WHERE pg_temp.fault(f.field, f.row_kind, 'null') IS NOT NULL$$,
    'what is not there is left to other rules');
SELECT * FROM finish();
ROLLBACK;
