-- Removes the file for accounting.

BEGIN;

DROP FUNCTION app.accounting_csv(uuid, text, date);
DROP FUNCTION report.accounting_records(uuid, text, date);
DROP FUNCTION app.line_end(app.accounting_profiles);
DROP FUNCTION app.accounting_record(report.accounting_line, app.accounting_profiles);
DROP FUNCTION app.accounting_heading(app.accounting_profiles);
DROP FUNCTION app.csv_record(text[], app.accounting_profiles);
DROP FUNCTION app.csv_field(text, app.accounting_profiles);

COMMIT;
