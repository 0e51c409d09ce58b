-- Removes the lists and periods.

BEGIN;

DROP FUNCTION api.save_prohibited_merchant(text, text, integer, text);
DROP FUNCTION api.load_chart(text, jsonb, integer, text);
DROP FUNCTION app.read_codes(jsonb);
DROP VIEW report.session_periods;
DROP VIEW report.prohibited_merchants;
DROP VIEW report.coding_codes;
DROP VIEW report.coding_charts;
DROP FUNCTION app.save_period(uuid, date, date, boolean);
DROP FUNCTION app.periods_of(app.revision_draft[]);
SELECT audit.forget_table('app.session_periods');
DROP TABLE app.session_periods;
SELECT audit.forget_table('app.prohibited_merchants');
DROP TABLE app.prohibited_merchants;
SELECT audit.forget_table('app.coding_codes');
DROP TABLE app.coding_codes;
SELECT audit.forget_table('app.coding_charts');
DROP TABLE app.coding_charts;

COMMIT;
