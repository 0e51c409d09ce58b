-- The file for accounting, record by record: what import.csv holds, byte for byte.
-- requires: outputs/standing

BEGIN;

CREATE OR REPLACE FUNCTION app.csv_field(p_text text, p_profile app.accounting_profiles) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_profile.quoting = 'all' OR p_text ~ '["\n\r]' OR strpos(p_text, p_profile.delimiter) > 0
        THEN '"' || replace(p_text, '"', '""') || '"' ELSE p_text END;
END;
COMMENT ON FUNCTION app.csv_field(text, app.accounting_profiles) IS 'A text as a field of the file: in quotation marks where the profile wants all in them, or where it holds the delimiter, a quotation mark or a line end; a quotation mark inside is doubled.';

CREATE OR REPLACE FUNCTION app.csv_record(p_fields text[], p_profile app.accounting_profiles) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(app.csv_field(f.text, p_profile), p_profile.delimiter ORDER BY f.place)
    FROM unnest(p_fields) WITH ORDINALITY AS f (text, place);
END;
COMMENT ON FUNCTION app.csv_record(text[], app.accounting_profiles) IS 'Texts as a record of the file, without its line end.';

CREATE OR REPLACE FUNCTION app.accounting_heading(p_profile app.accounting_profiles) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.csv_record(ARRAY['Transaction ID', 'Transaction Date', 'Transaction Amount', 'Transaction Name', 'Vendor',
        'Invoice #', 'Invoice Date', 'Header Description', 'Job', 'Phase', 'Cost Type', 'GL Account', 'Item Description', 'UM',
        'Tax', 'Pay Type', 'Card Holder', 'Credit Card Number', 'Credit Card Vendor'], p_profile);
END;
COMMENT ON FUNCTION app.accounting_heading(app.accounting_profiles) IS 'The first record of a file for accounting: the names of the 19 columns.';

CREATE OR REPLACE FUNCTION app.accounting_record(p_line report.accounting_line, p_profile app.accounting_profiles) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.csv_record(ARRAY[p_line.receipt_id, p_line.transaction_date, p_line.transaction_amount, p_line.transaction_name,
        p_line.vendor, p_line.invoice_number, p_line.invoice_date, p_line.header_description, p_line.job, p_line.phase,
        p_line.cost_type, p_line.gl_account, p_line.item_description, p_line.unit_of_measure, p_line.tax, p_line.pay_type,
        p_line.card_holder, p_line.credit_card_number, p_line.credit_card_vendor], p_profile);
END;
COMMENT ON FUNCTION app.accounting_record(report.accounting_line, app.accounting_profiles) IS 'A line as a record of the file, without its line end.';

CREATE OR REPLACE FUNCTION app.line_end(p_profile app.accounting_profiles) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE p_profile.line_end WHEN 'crlf' THEN E'\r\n' ELSE E'\n' END;
END;
COMMENT ON FUNCTION app.line_end(app.accounting_profiles) IS 'What ends each record of the file.';

CREATE OR REPLACE FUNCTION report.accounting_records(
    p_session_id uuid, p_profile_name text DEFAULT 'old_program', p_invoice_month date DEFAULT NULL
) RETURNS TABLE (line_number bigint, record text, line_end text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT x.line_number, x.record, app.line_end(f)
    FROM app.accounting_profile(p_profile_name) AS f
    CROSS JOIN LATERAL (
        SELECT 0::bigint AS line_number, app.accounting_heading(f) AS record
        UNION ALL
        SELECT l.line_number, app.accounting_record(l, f)
        FROM report.accounting_lines(p_session_id, p_profile_name, p_invoice_month) AS l WHERE l.is_in_file
    ) AS x
    ORDER BY x.line_number;
END;
COMMENT ON FUNCTION report.accounting_records(uuid, text, date) IS 'The file for accounting of a session, record by record, the heading first, each beside the line end that follows it: every line of report.accounting_lines but pages that repeat a receipt id and receipts that were taken out. Raises NF090.';
GRANT EXECUTE ON FUNCTION report.accounting_records(uuid, text, date)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.accounting_csv(p_session_id uuid, p_profile_name text, p_invoice_month date) RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT convert_to(string_agg(r.record || r.line_end, '' ORDER BY r.line_number), 'UTF8')
    FROM report.accounting_records(p_session_id, p_profile_name, p_invoice_month) AS r;
END;
COMMENT ON FUNCTION app.accounting_csv(uuid, text, date) IS 'The bytes of import.csv: the records with the line ends of the profile, in UTF-8. Raises NF090.';

SELECT app.pin_entry_points();

COMMIT;
