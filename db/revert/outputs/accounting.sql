-- Removes the lines for accounting.

BEGIN;

DROP FUNCTION report.accounting_lines(uuid, text, date);
DROP FUNCTION app.safe_text(text);
DROP FUNCTION app.is_formula(text);
DROP FUNCTION app.accounting_text(text);

COMMIT;
