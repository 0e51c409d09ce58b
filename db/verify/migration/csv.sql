-- Accounting imports are compared.

BEGIN;

SELECT app.expect_objects($$
function app.csv_lines(text)
function app.csv_values(text, app.receipt_pair[], app.compared_person[], app.accounting_row[])
function app.foresee_csv(app.receipt_pair[], app.compared_person[])
function app.refuse_csv(text)
$$);

ROLLBACK;
