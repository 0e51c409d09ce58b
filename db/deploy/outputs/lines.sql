-- What a line for accounting is: a receipt as it is judged, and as a profile writes it.
-- requires: outputs/profiles

BEGIN;

CREATE TYPE app.accounting_row AS (
    place bigint,
    cardholder_id uuid,
    employee_name text,
    is_finished boolean,
    transaction_id uuid,
    left_out text,
    counts boolean,
    receipt_id text,
    transaction_date date,
    amount numeric(14, 2),
    purpose text,
    merchant_name text,
    coding_type text,
    job_number text,
    job_phase text,
    cost_type text,
    gl_account text,
    card_number text,
    card_text text
);
COMMENT ON TYPE app.accounting_row IS 'A receipt of a submission as it is judged for accounting, before a profile writes it.';
COMMENT ON COLUMN app.accounting_row.place IS 'Place among all receipts, from 1: people as in the report, then those with receipts only, pages in order.';
COMMENT ON COLUMN app.accounting_row.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.accounting_row.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN app.accounting_row.is_finished IS 'True when the person is finished.';
COMMENT ON COLUMN app.accounting_row.transaction_id IS 'The receipt, the same in all submissions of the month.';
COMMENT ON COLUMN app.accounting_row.left_out IS 'The first reason against posting it; null: none.';
COMMENT ON COLUMN app.accounting_row.counts IS 'False for a receipt that was taken out: it is in no total any more.';
COMMENT ON COLUMN app.accounting_row.receipt_id IS 'Id as printed.';
COMMENT ON COLUMN app.accounting_row.transaction_date IS 'Its date; null when unknown.';
COMMENT ON COLUMN app.accounting_row.amount IS 'Dollars; null when unknown.';
COMMENT ON COLUMN app.accounting_row.purpose IS 'Purpose, without commas.';
COMMENT ON COLUMN app.accounting_row.merchant_name IS 'Merchant as the receipt names it.';
COMMENT ON COLUMN app.accounting_row.coding_type IS 'job_coding or gl_coding when its code is whole, else null, as are the codes.';
COMMENT ON COLUMN app.accounting_row.job_number IS 'Job.';
COMMENT ON COLUMN app.accounting_row.job_phase IS 'Phase.';
COMMENT ON COLUMN app.accounting_row.cost_type IS 'Cost type.';
COMMENT ON COLUMN app.accounting_row.gl_account IS 'Account.';
COMMENT ON COLUMN app.accounting_row.card_number IS 'Card whose charge it covers, else the only one of the person, masked; null when neither.';
COMMENT ON COLUMN app.accounting_row.card_text IS 'What the profile writes for the card of a person without one; null for others.';

CREATE TYPE report.accounting_line AS (
    line_number bigint,
    transaction_id uuid,
    left_out text,
    receipt_id text,
    transaction_date text,
    transaction_amount text,
    transaction_name text,
    vendor text,
    invoice_number text,
    invoice_date text,
    header_description text,
    job text,
    phase text,
    cost_type text,
    gl_account text,
    item_description text,
    unit_of_measure text,
    tax text,
    pay_type text,
    card_holder text,
    credit_card_number text,
    credit_card_vendor text,
    is_in_file boolean
);
COMMENT ON TYPE report.accounting_line IS 'A receipt as accounting reads it.';
COMMENT ON COLUMN report.accounting_line.line_number IS 'Place among all receipts, from 1: people as in the report, then those with receipts only, pages in order.';
COMMENT ON COLUMN report.accounting_line.transaction_id IS 'The receipt.';
COMMENT ON COLUMN report.accounting_line.left_out IS 'The first reason for which accounting would not post the line; null: it would.';
COMMENT ON COLUMN report.accounting_line.receipt_id IS 'Id as printed.';
COMMENT ON COLUMN report.accounting_line.transaction_date IS 'Date of the receipt; empty when unknown.';
COMMENT ON COLUMN report.accounting_line.transaction_amount IS 'Dollars with two decimals; empty when unknown.';
COMMENT ON COLUMN report.accounting_line.transaction_name IS 'Purpose, without commas.';
COMMENT ON COLUMN report.accounting_line.vendor IS 'Number of the vendor that the card company is.';
COMMENT ON COLUMN report.accounting_line.invoice_number IS 'Last four digits of the card, then the first day of the invoice month; empty without card.';
COMMENT ON COLUMN report.accounting_line.invoice_date IS 'First day of the invoice month.';
COMMENT ON COLUMN report.accounting_line.header_description IS 'Name key of the person.';
COMMENT ON COLUMN report.accounting_line.job IS 'Job, of a whole job coding.';
COMMENT ON COLUMN report.accounting_line.phase IS 'Phase, of a whole job coding.';
COMMENT ON COLUMN report.accounting_line.cost_type IS 'Cost type, of a whole job coding.';
COMMENT ON COLUMN report.accounting_line.gl_account IS 'Account, of a GL coding.';
COMMENT ON COLUMN report.accounting_line.item_description IS 'Purpose, without commas.';
COMMENT ON COLUMN report.accounting_line.unit_of_measure IS 'Unit of the profile.';
COMMENT ON COLUMN report.accounting_line.tax IS 'Tax code of the profile.';
COMMENT ON COLUMN report.accounting_line.pay_type IS 'Pay type of the coding; empty without a whole code.';
COMMENT ON COLUMN report.accounting_line.card_holder IS 'Name key of the person.';
COMMENT ON COLUMN report.accounting_line.credit_card_number IS 'Card whose charge the receipt covers, else the persons only one; masked, empty when neither.';
COMMENT ON COLUMN report.accounting_line.credit_card_vendor IS 'Merchant as the receipt names it.';
COMMENT ON COLUMN report.accounting_line.is_in_file IS 'False for what import.csv leaves out: pages that repeat a receipt id and receipts that were taken out.';

CREATE TYPE report.changed_line AS (
    batch_number integer,
    line_number integer,
    transaction_id uuid,
    employee_name text,
    changes text[],
    words text[],
    needs_reversal boolean,
    posted_amount numeric(14, 2),
    current_amount numeric(14, 2),
    posted jsonb,
    now_is jsonb
);
COMMENT ON TYPE report.changed_line IS 'A line of a batch that differs from its receipt as it is by now.';
COMMENT ON COLUMN report.changed_line.batch_number IS 'The batch that has it.';
COMMENT ON COLUMN report.changed_line.line_number IS 'Its number there.';
COMMENT ON COLUMN report.changed_line.transaction_id IS 'The receipt.';
COMMENT ON COLUMN report.changed_line.employee_name IS 'Name key of whose it was.';
COMMENT ON COLUMN report.changed_line.changes IS 'Why it does not stand any more: amount, codes, card, person, duplicate, out_of_pocket, withdrawn, gone.';
COMMENT ON COLUMN report.changed_line.words IS 'What else is another: purpose, merchant, date, receipt_id.';
COMMENT ON COLUMN report.changed_line.needs_reversal IS 'True when it does not stand any more; where only words changed it is reversed when that is asked for.';
COMMENT ON COLUMN report.changed_line.posted_amount IS 'Dollars that were posted.';
COMMENT ON COLUMN report.changed_line.current_amount IS 'Dollars of the receipt by now; null when it is gone, or unknown.';
COMMENT ON COLUMN report.changed_line.posted IS 'What was posted: person, card, codes, words.';
COMMENT ON COLUMN report.changed_line.now_is IS 'The same as it is by now; null when the submission has no such receipt.';

COMMIT;
