-- Removes what a line for accounting is.

BEGIN;

DROP TYPE report.changed_line;
DROP TYPE report.accounting_line;
DROP TYPE app.accounting_row;

COMMIT;
