-- Removes the lists.

BEGIN;

DROP FUNCTION api.save_prohibited_merchant(text, text, integer, text);
DROP FUNCTION api.load_chart(text, jsonb, integer, text);
DROP FUNCTION app.read_codes(jsonb);
DROP VIEW report.prohibited_merchants;
DROP VIEW report.coding_codes;
DROP VIEW report.coding_charts;
SELECT audit.forget_table('app.prohibited_merchants');
DROP TABLE app.prohibited_merchants;
SELECT audit.forget_table('app.coding_codes');
DROP TABLE app.coding_codes;
SELECT audit.forget_table('app.coding_charts');
DROP TABLE app.coding_charts;

COMMIT;
