-- Lines can be read.

BEGIN;

SELECT app.expect_objects($$
function app.accounting_line(app.accounting_row, app.accounting_profiles, date, text)
function app.accounting_rows(uuid, app.accounting_profiles, uuid[])
function app.accounting_text(text)
function app.invoice_month(uuid, date)
function app.invoice_number(text, app.accounting_profiles, date)
function app.is_formula(text)
function app.safe_text(text)
$$);

ROLLBACK;
