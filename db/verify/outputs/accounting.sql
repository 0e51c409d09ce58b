-- Lines can be read.

BEGIN;

SELECT app.expect_objects($$
function app.accounting_text(text)
function app.is_formula(text)
function app.safe_text(text)
function report.accounting_lines(uuid, text, date) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
type report.accounting_line (line_number, transaction_id, left_out, receipt_id, transaction_date, transaction_amount,
    transaction_name, vendor, invoice_number, invoice_date, header_description, job, phase, cost_type, gl_account,
    item_description, unit_of_measure, tax, pay_type, card_holder, credit_card_number, credit_card_vendor)
$$);

ROLLBACK;
