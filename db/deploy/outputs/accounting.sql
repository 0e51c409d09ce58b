-- Receipts for accounting: every one of a session, why it would stay behind, and how a profile writes it.
-- requires: outputs/lines
-- requires: validation/tables
-- requires: report/people
--
-- Left out              because
-- duplicate             its receipt id came before; decided false_positive it counts, and goes out
-- withdrawn             people took it out of the month; it is in no total
-- correction_conflict   people and the newest source say different things about it, undecided
-- amount_unknown        its amount could not be read
-- out_of_pocket         paid with the person's own money
-- not_coded             it has no whole code
-- no_card               the person has no card, and the profile no text for that
-- card_unknown          the person has several cards, and it covers a charge of none of them, or of two
-- unsafe_text           one of its texts would be a formula in a spreadsheet; that text is left empty
-- person_not_finished   the person is not finished

BEGIN;

CREATE OR REPLACE FUNCTION app.accounting_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(btrim(regexp_replace(p_text, '[\u0001-\u001f\u007f-\u009f\u2028\u2029]+', ' ', 'g')), '');
END;
COMMENT ON FUNCTION app.accounting_text(text) IS 'The text on one line: line ends and other control characters are blanks; empty for null.';

CREATE OR REPLACE FUNCTION app.is_formula(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- As it is written; then what nobody sees: spaces of all widths, signs without width, byte order marks. Nearly all texts
    -- begin with a letter or digit and are looked at no further.
    SELECT p_text !~ '^[A-Za-z0-9]' AND app.accounting_text(p_text) ~ '^[\s"''\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u180b-\u180e\u2000-\u200f\u202a-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb]*[=+@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20-]';
END;
COMMENT ON FUNCTION app.is_formula(text) IS 'True for a text that a spreadsheet would take for a formula: written on one line it begins, after blanks, quotation marks and what has no width, with =, +, - or @, wide and small forms included.';

CREATE OR REPLACE FUNCTION app.safe_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN app.is_formula(p_text) THEN '' ELSE app.accounting_text(p_text) END;
END;
COMMENT ON FUNCTION app.safe_text(text) IS 'The text as app.accounting_text has it; empty where app.is_formula.';

CREATE OR REPLACE FUNCTION app.accounting_rows(p_session_id uuid, p_profile app.accounting_profiles, p_people uuid[])
RETURNS SETOF app.accounting_row
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET work_mem = '32MB'
BEGIN ATOMIC
    WITH cards AS MATERIALIZED (
        SELECT k.cardholder_id, count(*) AS cards, min(k.card_number) AS card_number
        FROM app.card_totals AS k WHERE k.session_id = p_session_id GROUP BY k.cardholder_id
    ), people AS MATERIALIZED (
        SELECT e.cardholder_id, e.current_revision_id, e.status, r.employee_name, r.is_in_report, r.car_page_range,
            r.receipt_page_range, coalesce(c.cards, CASE WHEN r.card_number IS NULL THEN 0 ELSE 1 END) AS cards,
            coalesce(c.card_number, r.card_number) AS card_number
        FROM app.session_employees AS e
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
        LEFT JOIN cards AS c ON c.cardholder_id = e.cardholder_id
        WHERE e.session_id = p_session_id AND NOT r.is_nobody AND (p_people IS NULL OR e.cardholder_id = ANY (p_people))
    ), covered AS MATERIALIZED (
        -- The card whose charge the receipt covers.
        SELECT a.transaction_id, count(DISTINCT c.card_id) AS cards, min(k.card_number) AS card_number
        FROM people AS p
        JOIN app.allocations AS a ON a.employee_revision_id = p.current_revision_id
        JOIN app.charges AS c ON c.session_id = p_session_id AND c.cardholder_id = p.cardholder_id AND c.charge_id = a.charge_id
        JOIN app.card_totals AS k ON k.session_id = p_session_id AND k.cardholder_id = p.cardholder_id AND k.card_id = c.card_id
        GROUP BY a.transaction_id
    ), repeats AS MATERIALIZED (
        SELECT t.transaction_id
        -- Only of those who show an id twice.
        FROM (
            SELECT s.current_revision_id FROM (
                SELECT x.current_revision_id FROM people AS x
                JOIN app.transactions AS y ON y.employee_revision_id = x.current_revision_id
                WHERE y.external_transaction_id IS NOT NULL
                GROUP BY x.current_revision_id, y.external_transaction_id COLLATE "C" HAVING count(*) > 1
            ) AS s
            GROUP BY s.current_revision_id
        ) AS p
        CROSS JOIN LATERAL app.receipt_turns(p.current_revision_id) AS t WHERE t.is_repeat
        EXCEPT
        -- Counts all the same, because people said that it repeats nothing.
        SELECT i.transaction_id FROM app.validation_issues AS i
        WHERE i.session_id = p_session_id AND i.rule_code = 'duplicate_transaction' AND i.state = 'false_positive'
    ), conflicts AS MATERIALIZED (
        SELECT i.transaction_id FROM app.validation_issues AS i
        WHERE i.session_id = p_session_id AND i.rule_code = 'correction_conflict' AND i.is_open
    ), receipts AS (
        SELECT p.*, true AS counts, t.*
        FROM people AS p JOIN app.transactions AS t ON t.employee_revision_id = p.current_revision_id
        UNION ALL
        SELECT p.*, false, t.*
        FROM app.processing_sessions AS s
        JOIN app.newest_corrections AS n ON n.chain_id = s.chain_id AND n.field_group = 'presence' AND n.value = 'false'
        JOIN app.employee_revisions AS r ON r.session_id = s.session_id AND r.revision_number = 1
        JOIN app.transactions AS t ON t.employee_revision_id = r.revision_id AND t.transaction_id = n.transaction_id
        JOIN people AS p ON p.cardholder_id = r.cardholder_id
        -- What the report says otherwise by now is shown until somebody decides, and is there already.
        WHERE s.session_id = p_session_id AND NOT EXISTS (
            SELECT FROM app.receipt_links AS l JOIN app.session_employees AS e ON e.current_revision_id = l.employee_revision_id
            WHERE l.transaction_id = n.transaction_id AND e.session_id = p_session_id)
    ), lines AS (
        SELECT r.*, replace(r.purpose, ',', '') AS said,
            r.transaction_id IN (SELECT d.transaction_id FROM repeats AS d WHERE d.transaction_id IS NOT NULL) AS is_repeat,
            r.transaction_id IN (SELECT x.transaction_id FROM conflicts AS x) AS is_in_conflict,
            CASE WHEN v.cards = 1 OR v.cards IS NULL AND r.cards = 1 THEN coalesce(v.card_number, r.card_number) END AS line_card,
            CASE WHEN v.cards IS NULL AND r.cards = 0 THEN nullif(p_profile.card_text, '') END AS card_text
        FROM receipts AS r
        LEFT JOIN covered AS v ON v.transaction_id = r.transaction_id
    )
    SELECT row_number() OVER (ORDER BY NOT l.is_in_report, CASE WHEN l.is_in_report THEN l.car_page_range[1]
                ELSE l.receipt_page_range[1] END, l.employee_name COLLATE "C", l.cardholder_id, l.position, l.transaction_id),
        l.cardholder_id, l.employee_name, l.status = 'finished', l.transaction_id,
        CASE
            WHEN l.counts AND l.is_repeat THEN 'duplicate'
            WHEN NOT l.counts THEN 'withdrawn'
            WHEN l.is_in_conflict THEN 'correction_conflict'
            WHEN l.amount IS NULL THEN 'amount_unknown'
            WHEN l.is_out_of_pocket THEN 'out_of_pocket'
            WHEN NOT l.is_coded THEN 'not_coded'
            WHEN coalesce(l.line_card, l.card_text) IS NULL THEN CASE l.cards WHEN 0 THEN 'no_card' ELSE 'card_unknown' END
            WHEN app.is_formula(l.external_transaction_id) OR app.is_formula(l.said) OR app.is_formula(l.merchant_name)
                OR app.is_formula(l.job_number) OR app.is_formula(l.job_phase) OR app.is_formula(l.cost_type)
                OR app.is_formula(l.gl_account) THEN 'unsafe_text'
            WHEN l.status <> 'finished' THEN 'person_not_finished' END,
        l.counts, l.external_transaction_id, l.transaction_date, l.amount, l.said, l.merchant_name,
        CASE WHEN l.is_coded THEN l.coding_type END,
        CASE WHEN l.is_coded AND l.coding_type = 'job_coding' THEN l.job_number END,
        CASE WHEN l.is_coded AND l.coding_type = 'job_coding' THEN l.job_phase END,
        CASE WHEN l.is_coded AND l.coding_type = 'job_coding' THEN l.cost_type END,
        CASE WHEN l.is_coded AND l.coding_type = 'gl_coding' THEN l.gl_account END,
        l.line_card, l.card_text
    FROM lines AS l;
END;
COMMENT ON FUNCTION app.accounting_rows(uuid, app.accounting_profiles, uuid[]) IS 'Every receipt of a session, or of some of its people, once, with the first reason against posting it: those its people have by now, and those of its source that people took out.';

CREATE OR REPLACE FUNCTION app.invoice_month(p_session_id uuid, p_invoice_month date) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT date_trunc('month', coalesce(p_invoice_month, (
        SELECT m.period_end FROM app.processing_sessions AS s JOIN app.months AS m ON m.month_id = s.month_id
        WHERE s.session_id = p_session_id), (now() AT TIME ZONE 'UTC')::date)::timestamp)::date;
END;
COMMENT ON FUNCTION app.invoice_month(uuid, date) IS 'First day of the month an invoice is of: of the given day, else of the last day of the session''s period, else of today.';

CREATE OR REPLACE FUNCTION app.invoice_number(p_card text, p_profile app.accounting_profiles, p_invoice_month date) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(right(nullif(p_card, ''), 4) || ' ' || to_char(p_invoice_month, p_profile.invoice_date_format), '');
END;
COMMENT ON FUNCTION app.invoice_number(text, app.accounting_profiles, date) IS 'Number of the invoice of a card for a month: its last four characters, then the month in the form of the profile; empty without card.';

CREATE OR REPLACE FUNCTION app.accounting_line(
    p_row app.accounting_row, p_profile app.accounting_profiles, p_invoice_month date, p_left_out text
) RETURNS report.accounting_line
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT ROW(p_row.place, p_row.transaction_id, p_left_out, app.safe_text(p_row.receipt_id),
        coalesce(to_char(p_row.transaction_date, p_profile.date_format), ''),
        coalesce((CASE WHEN p_profile.is_amount_reversed THEN -p_row.amount ELSE p_row.amount END)::text, ''),
        app.safe_text(p_row.purpose), p_profile.vendor,
        app.invoice_number(coalesce(p_row.card_number, p_row.card_text), p_profile, p_invoice_month),
        to_char(p_invoice_month, p_profile.date_format), p_row.employee_name, app.safe_text(p_row.job_number),
        app.safe_text(p_row.job_phase), app.safe_text(p_row.cost_type), app.safe_text(p_row.gl_account),
        app.safe_text(p_row.purpose), p_profile.unit_of_measure, p_profile.tax,
        CASE p_row.coding_type WHEN 'job_coding' THEN p_profile.job_pay_type WHEN 'gl_coding' THEN p_profile.gl_pay_type ELSE '' END,
        p_row.employee_name, coalesce(p_row.card_number, p_row.card_text, ''), app.safe_text(p_row.merchant_name),
        p_row.left_out IS DISTINCT FROM 'duplicate' AND p_row.counts)::report.accounting_line;
END;
COMMENT ON FUNCTION app.accounting_line(app.accounting_row, app.accounting_profiles, date, text) IS 'A receipt as a profile writes it, for an invoice of this month. A code that is not whole is none, an unknown amount is empty, so is a text that would be a formula.';

SELECT app.pin_entry_points();

COMMIT;
