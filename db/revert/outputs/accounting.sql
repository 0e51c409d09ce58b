-- Removes the receipts for accounting.

BEGIN;

DROP FUNCTION app.accounting_line(app.accounting_row, app.accounting_profiles, date, text);
DROP FUNCTION app.invoice_number(text, app.accounting_profiles, date);
DROP FUNCTION app.invoice_month(uuid, date);
DROP FUNCTION app.accounting_rows(uuid, app.accounting_profiles, uuid[]);
DROP FUNCTION app.safe_text(text);
DROP FUNCTION app.is_formula(text);
DROP FUNCTION app.accounting_text(text);

COMMIT;
