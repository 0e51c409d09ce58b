-- The lines for accounting: every receipt of a session as its profile writes it, and why a line would stay behind.
-- requires: outputs/profiles
-- requires: validation/tables
-- requires: report/people
--
-- Left out              because
-- duplicate             its receipt id came before; decided false_positive it counts, and goes out
-- correction_conflict   people and the newest source say different things about it, undecided
-- amount_unknown        its amount could not be read
-- out_of_pocket         paid with the person's own money
-- not_coded             it has no whole code
-- no_card               the person has no card
-- card_unknown          the person has several cards, and it covers a charge of none of them, or of two
-- unsafe_text           one of its texts would be a formula in a spreadsheet; that text is left empty
-- person_not_finished   the person is not finished

BEGIN;

CREATE OR REPLACE FUNCTION app.accounting_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(btrim(regexp_replace(p_text, '[\x01-\x1f\x7f\x85\u2028\u2029]+', ' ', 'g')), '');
END;
COMMENT ON FUNCTION app.accounting_text(text) IS 'The text on one line: line ends and other control characters are blanks; empty for null.';

CREATE OR REPLACE FUNCTION app.is_formula(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_text ~ '^[\s"'']*[=+@\uff0b\uff0d\uff1d\uff20-]';
END;
COMMENT ON FUNCTION app.is_formula(text) IS 'True for a text that a spreadsheet would take for a formula: after blanks and quotation marks it begins with =, +, - or @, wide forms included.';

CREATE OR REPLACE FUNCTION app.safe_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN app.is_formula(p_text) THEN '' ELSE app.accounting_text(p_text) END;
END;
COMMENT ON FUNCTION app.safe_text(text) IS 'The text as app.accounting_text has it; empty where app.is_formula.';

CREATE OR REPLACE FUNCTION report.accounting_lines(
    p_session_id uuid, p_profile_name text DEFAULT 'old_program', p_invoice_month date DEFAULT NULL
) RETURNS SETOF report.accounting_line
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH profile AS MATERIALIZED (
        SELECT p.*, date_trunc('month', coalesce(p_invoice_month, (
                SELECT m.period_end FROM app.processing_sessions AS s JOIN app.months AS m ON m.month_id = s.month_id
                WHERE s.session_id = p_session_id), (now() AT TIME ZONE 'UTC')::date)::timestamp)::date AS invoice_month
        FROM app.accounting_profile(p_profile_name) AS p
    ), cards AS MATERIALIZED (
        SELECT k.cardholder_id, count(*) AS cards, min(k.card_number) AS card_number
        FROM app.card_totals AS k WHERE k.session_id = p_session_id GROUP BY k.cardholder_id
    ), people AS MATERIALIZED (
        SELECT e.cardholder_id, e.current_revision_id, e.status, r.employee_name, r.is_in_report, r.car_page_range,
            r.receipt_page_range, coalesce(c.cards, CASE WHEN r.card_number IS NULL THEN 0 ELSE 1 END) AS cards,
            coalesce(c.card_number, r.card_number) AS card_number
        FROM app.session_employees AS e
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
        LEFT JOIN cards AS c ON c.cardholder_id = e.cardholder_id
        WHERE e.session_id = p_session_id AND NOT r.is_nobody
    ), covered AS MATERIALIZED (
        -- The card whose charge the receipt covers.
        SELECT a.transaction_id, count(DISTINCT c.card_id) AS cards, min(k.card_number) AS card_number
        FROM people AS p
        JOIN app.allocations AS a ON a.employee_revision_id = p.current_revision_id
        JOIN app.charges AS c ON c.session_id = p_session_id AND c.cardholder_id = p.cardholder_id AND c.charge_id = a.charge_id
        JOIN app.card_totals AS k ON k.session_id = p_session_id AND k.cardholder_id = p.cardholder_id AND k.card_id = c.card_id
        GROUP BY a.transaction_id
    ), counted AS MATERIALIZED (
        -- A page that repeats a receipt id, and counts all the same, because people said that it is none.
        SELECT i.transaction_id FROM app.validation_issues AS i
        WHERE i.session_id = p_session_id AND i.rule_code = 'duplicate_transaction' AND i.state = 'false_positive'
    ), conflicts AS MATERIALIZED (
        SELECT i.transaction_id FROM app.validation_issues AS i
        WHERE i.session_id = p_session_id AND i.rule_code = 'correction_conflict' AND i.is_open
    ), lines AS (
        SELECT p.*, t.transaction_id, t.position, t.external_transaction_id, t.transaction_date, t.amount, t.is_coded,
            t.coding_type, t.job_number, t.job_phase, t.cost_type, t.gl_account, t.is_out_of_pocket,
            replace(t.purpose, ',', '') AS purpose, t.merchant_name AS merchant,
            t.external_transaction_id IS NOT NULL AND 1 < row_number() OVER (
                PARTITION BY p.current_revision_id, t.external_transaction_id COLLATE "C"
                ORDER BY t.position, t.natural_key COLLATE "C")
                AND t.transaction_id NOT IN (SELECT d.transaction_id FROM counted AS d WHERE d.transaction_id IS NOT NULL)
                AS is_repeat,
            t.transaction_id IN (SELECT x.transaction_id FROM conflicts AS x) AS is_in_conflict,
            CASE WHEN v.cards = 1 OR v.cards IS NULL AND p.cards = 1 THEN coalesce(v.card_number, p.card_number) END AS line_card
        FROM people AS p
        JOIN app.transactions AS t ON t.employee_revision_id = p.current_revision_id
        LEFT JOIN covered AS v ON v.transaction_id = t.transaction_id
    ), judged AS (
        SELECT l.*, EXISTS (SELECT FROM unnest(ARRAY[l.external_transaction_id, l.purpose, l.merchant, l.job_number,
            l.job_phase, l.cost_type, l.gl_account]) AS x (text) WHERE app.is_formula(x.text)) AS is_unsafe
        FROM lines AS l
    )
    SELECT row_number() OVER (ORDER BY NOT j.is_in_report, CASE WHEN j.is_in_report THEN j.car_page_range[1]
                ELSE j.receipt_page_range[1] END, j.employee_name COLLATE "C", j.cardholder_id, j.position),
        j.transaction_id,
        CASE
            WHEN j.is_repeat THEN 'duplicate'
            WHEN j.is_in_conflict THEN 'correction_conflict'
            WHEN j.amount IS NULL THEN 'amount_unknown'
            WHEN j.is_out_of_pocket THEN 'out_of_pocket'
            WHEN NOT j.is_coded THEN 'not_coded'
            WHEN j.cards = 0 THEN 'no_card'
            WHEN j.line_card IS NULL THEN 'card_unknown'
            WHEN j.is_unsafe THEN 'unsafe_text'
            WHEN j.status <> 'finished' THEN 'person_not_finished' END,
        app.safe_text(j.external_transaction_id), coalesce(to_char(j.transaction_date, f.date_format), ''),
        coalesce((CASE WHEN f.is_amount_reversed THEN -j.amount ELSE j.amount END)::text, ''),
        app.safe_text(j.purpose), f.vendor,
        coalesce(right(j.line_card, 4) || ' ' || to_char(f.invoice_month, f.invoice_date_format), ''),
        to_char(f.invoice_month, f.date_format), j.employee_name,
        CASE WHEN j.is_coded AND j.coding_type = 'job_coding' THEN app.safe_text(j.job_number) ELSE '' END,
        CASE WHEN j.is_coded AND j.coding_type = 'job_coding' THEN app.safe_text(j.job_phase) ELSE '' END,
        CASE WHEN j.is_coded AND j.coding_type = 'job_coding' THEN app.safe_text(j.cost_type) ELSE '' END,
        CASE WHEN j.is_coded AND j.coding_type = 'gl_coding' THEN app.safe_text(j.gl_account) ELSE '' END,
        app.safe_text(j.purpose), f.unit_of_measure, f.tax,
        CASE WHEN j.is_coded THEN CASE j.coding_type WHEN 'job_coding' THEN f.job_pay_type ELSE f.gl_pay_type END ELSE '' END,
        j.employee_name, coalesce(j.line_card, ''), app.safe_text(j.merchant)
    FROM judged AS j CROSS JOIN profile AS f
    ORDER BY 1;
END;
COMMENT ON FUNCTION report.accounting_lines(uuid, text, date) IS 'Every receipt of a session as accounting reads it, in the form of a profile: people as in the report, then those with receipts only, pages in order. The invoice month is the given one, else the last month of the session''s period, else the current one. left_out is the first reason for which accounting would not post the line; null: it would. A code that is not whole is none, an unknown amount is empty. Raises NF090.';
GRANT EXECUTE ON FUNCTION report.accounting_lines(uuid, text, date)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
