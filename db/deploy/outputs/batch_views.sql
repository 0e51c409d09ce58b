-- Batches as people read them: the batches, their lines, what they left out.
-- requires: outputs/batch_tables

BEGIN;

CREATE OR REPLACE VIEW report.accounting_batches AS
SELECT b.target, b.batch_number, b.month_id, m.month_name, b.session_id, s.session_name, b.profile_name, b.profile_version,
    b.invoice_month, b.people, b.reversals, b.reason, b.line_count, b.line_total, b.left_out_count, b.receipt_total,
    length(b.content) AS byte_count, encode(b.sha256, 'hex') AS sha256, b.open_issues, b.created_at,
    u.user_name AS created_by_name, v.batch_number IS NOT NULL AS is_void, v.reason AS void_reason, v.voided_at,
    w.user_name AS voided_by_name
FROM app.accounting_batches AS b
JOIN app.months AS m ON m.month_id = b.month_id
JOIN app.processing_sessions AS s ON s.session_id = b.session_id
JOIN app.users AS u ON u.user_id = b.created_by
LEFT JOIN app.accounting_voids AS v ON v.target = b.target AND v.batch_number = b.batch_number
LEFT JOIN app.users AS w ON w.user_id = v.voided_by;
COMMENT ON VIEW report.accounting_batches IS 'What was handed to accounting: every batch of every target, void ones too.';
COMMENT ON COLUMN report.accounting_batches.byte_count IS 'Size of its file in bytes.';
COMMENT ON COLUMN report.accounting_batches.sha256 IS 'SHA-256 of its file, in hex.';
COMMENT ON COLUMN report.accounting_batches.created_by_name IS 'Name of who made it.';
COMMENT ON COLUMN report.accounting_batches.is_void IS 'True when it was never posted: its lines are free again.';
COMMENT ON COLUMN report.accounting_batches.void_reason IS 'Why it is void.';
COMMENT ON COLUMN report.accounting_batches.voided_by_name IS 'Name of who voided it.';
SELECT app.describe_columns('report.accounting_batches', 'app.accounting_batches');
SELECT app.describe_columns('report.accounting_batches', 'app.accounting_voids');
SELECT app.describe_columns('report.accounting_batches', 'app.months');
SELECT app.describe_columns('report.accounting_batches', 'app.processing_sessions');

CREATE OR REPLACE VIEW report.accounting_batch_lines AS
SELECT l.target, l.batch_number, l.line_number, l.kind, l.transaction_id, l.reversed_batch, l.reversed_line, l.cardholder_id,
    l.amount, l.card_number, l.receipt_id, l.transaction_date, l.transaction_amount, l.transaction_name, l.vendor, l.invoice_number,
    l.invoice_date, l.header_description, l.job, l.phase, l.cost_type, l.gl_account, l.item_description,
    l.unit_of_measure, l.tax, l.pay_type, l.card_holder, l.credit_card_number, l.credit_card_vendor
FROM app.accounting_batch_lines AS l;
COMMENT ON VIEW report.accounting_batch_lines IS 'The lines of all batches, as they stand in the files; those of void batches, too: is_void of report.accounting_batches tells.';
SELECT app.describe_columns('report.accounting_batch_lines', 'app.accounting_batch_lines');

CREATE OR REPLACE VIEW report.accounting_left_out AS
SELECT o.target, o.batch_number, o.transaction_id, o.cardholder_id, h.name_key AS employee_name, o.reason, o.amount, o.receipt_id
FROM app.accounting_left_out AS o JOIN app.cardholders AS h ON h.cardholder_id = o.cardholder_id;
COMMENT ON VIEW report.accounting_left_out IS 'What each batch left out of its submission, with the first reason. With the lines of all batches of the month up to it that are not void, less those that did not stand, they are the receipt total.';
COMMENT ON COLUMN report.accounting_left_out.employee_name IS 'Name key of the person.';
SELECT app.describe_columns('report.accounting_left_out', 'app.accounting_left_out');

CREATE OR REPLACE FUNCTION report.batch_content(p_target text, p_batch_number integer) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT b.content FROM app.accounting_batches AS b WHERE b.target = p_target AND b.batch_number = p_batch_number;
END;
COMMENT ON FUNCTION report.batch_content(text, integer) IS 'The bytes of the file of a batch, the same for ever; null when there is no such batch.';

GRANT SELECT ON report.accounting_batches, report.accounting_batch_lines, report.accounting_left_out
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION report.batch_content(text, integer)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
