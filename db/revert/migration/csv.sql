-- Removes the comparison of accounting imports.

BEGIN;

DROP FUNCTION app.csv_values(text, app.receipt_pair[], app.compared_person[], app.accounting_row[]);
DROP FUNCTION app.foresee_csv(app.receipt_pair[], app.compared_person[]);
DROP FUNCTION app.refuse_csv(text);
DROP FUNCTION app.csv_lines(text);

COMMIT;
