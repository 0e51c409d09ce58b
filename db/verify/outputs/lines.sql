-- Lines for accounting are there as types.

BEGIN;

SELECT app.expect_objects($$
type app.accounting_row (place, cardholder_id, employee_name, is_finished, transaction_id, left_out, counts,
    receipt_id, transaction_date, amount, purpose, merchant_name, coding_type, job_number, job_phase, cost_type,
    gl_account, card_number, card_text)
type report.accounting_line (line_number, transaction_id, left_out, receipt_id, transaction_date, transaction_amount,
    transaction_name, vendor, invoice_number, invoice_date, header_description, job, phase, cost_type, gl_account,
    item_description, unit_of_measure, tax, pay_type, card_holder, credit_card_number, credit_card_vendor, is_in_file)
type report.changed_line (batch_number, line_number, transaction_id, employee_name, changes, words, needs_reversal,
    posted_amount, current_amount, posted, now_is)
$$);

ROLLBACK;
