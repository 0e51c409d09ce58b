-- What a batch would hold: its lines, the bytes of its file, what it leaves out and why, what to look at first.
-- requires: outputs/files

BEGIN;

CREATE OR REPLACE FUNCTION app.batch_lines(
    p_states app.accounting_state[], p_profile app.accounting_profiles, p_batch app.accounting_batches
) RETURNS app.accounting_batch_lines[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH chosen AS MATERIALIZED (
        SELECT s.*, coalesce(s.reason, CASE WHEN (s.receipt).transaction_id IS NULL THEN 'gone' END, '') IN ('',
                CASE p_batch.people WHEN 'all' THEN 'person_not_finished' ELSE '' END) AS can_be_posted
        FROM unnest(p_states) AS s
    ), decided AS MATERIALIZED (
        SELECT c.*, (c.posted).batch_number IS NOT NULL AND CASE p_batch.reversals WHEN 'none' THEN false
                WHEN 'needed' THEN c.changes <> '{}' ELSE c.changes <> '{}' OR (c.words <> '{}' AND c.can_be_posted) END
            AND (p_batch.people = 'all' OR coalesce((c.receipt).is_finished, true)) AS is_reversed
        FROM chosen AS c
    ), lines AS (
        SELECT (c.receipt).place, 'reversal' AS kind, (c.posted).transaction_id, 1 AS step,
            (c.posted).batch_number AS reversed_batch, (c.posted).line_number AS reversed_line, (c.posted).cardholder_id,
            -(c.posted).amount AS amount, (c.posted).receipt_date,
            ROW(NULL, (c.posted).transaction_id, NULL, (c.posted).receipt_id, (c.posted).transaction_date, (-(c.posted).transaction_amount::numeric)::text,
                format('REVERSAL of batch %s line %s', (c.posted).batch_number, (c.posted).line_number),
                (c.posted).vendor,
                coalesce(right(nullif((c.posted).credit_card_number, ''), 4) || ' ' || to_char(p_batch.invoice_month, p_profile.invoice_date_format), ''),
                to_char(p_batch.invoice_month, p_profile.date_format), (c.posted).header_description, (c.posted).job,
                (c.posted).phase, (c.posted).cost_type, (c.posted).gl_account, (c.posted).item_description,
                (c.posted).unit_of_measure, (c.posted).tax, (c.posted).pay_type, (c.posted).card_holder,
                (c.posted).credit_card_number, (c.posted).credit_card_vendor,
                true)::report.accounting_line AS line
        FROM decided AS c WHERE c.is_reversed
        UNION ALL
        SELECT (c.receipt).place, 'posting', (c.receipt).transaction_id,
            CASE WHEN c.is_reversed THEN 2 ELSE 1 END, NULL, NULL, (c.receipt).cardholder_id, (c.receipt).amount, (c.receipt).transaction_date,
            app.accounting_line(c.receipt, p_profile, p_batch.invoice_month, NULL)
        FROM decided AS c WHERE c.can_be_posted AND ((c.posted).batch_number IS NULL OR c.is_reversed)
    )
    SELECT coalesce(array_agg(ROW(p_profile.target, p_batch.batch_number, l.line_number, l.kind, l.transaction_id,
        -- After all lines of the receipt, those of void batches, too: they keep their steps.
        l.step + coalesce((SELECT max(o.step) FROM app.accounting_batch_lines AS o
            WHERE o.target = p_profile.target AND o.transaction_id = l.transaction_id), 0),
        l.reversed_batch, l.reversed_line, l.cardholder_id, l.amount, l.receipt_date,
        (l.line).receipt_id, (l.line).transaction_date, (l.line).transaction_amount, (l.line).transaction_name,
        (l.line).vendor, (l.line).invoice_number, (l.line).invoice_date, (l.line).header_description, (l.line).job,
        (l.line).phase, (l.line).cost_type, (l.line).gl_account, (l.line).item_description, (l.line).unit_of_measure,
        (l.line).tax, (l.line).pay_type, (l.line).card_holder, (l.line).credit_card_number,
        (l.line).credit_card_vendor,
        app.tx())::app.accounting_batch_lines ORDER BY l.line_number), '{}')
    FROM (
        SELECT x.*, row_number() OVER (ORDER BY x.place NULLS LAST, x.transaction_id, x.step) AS line_number
        FROM lines AS x
    ) AS l;
END;
COMMENT ON FUNCTION app.batch_lines(app.accounting_state[], app.accounting_profiles, app.accounting_batches) IS 'The lines a batch would have: what can be posted and is not, and as asked for the reversals of lines that were posted, each before the line that is posted instead. Lines of people who are not finished are reversed only when receipts of all people are asked for.';

CREATE OR REPLACE FUNCTION app.batch_content(p_lines app.accounting_batch_lines[], p_profile app.accounting_profiles) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT convert_to(app.accounting_heading(p_profile) || app.line_end(p_profile)
        || coalesce(string_agg(app.csv_record(ARRAY[l.receipt_id, l.transaction_date, l.transaction_amount, l.transaction_name, l.vendor, l.invoice_number,
            l.invoice_date, l.header_description, l.job, l.phase, l.cost_type, l.gl_account, l.item_description,
            l.unit_of_measure, l.tax, l.pay_type, l.card_holder, l.credit_card_number, l.credit_card_vendor], p_profile)
            || app.line_end(p_profile), '' ORDER BY l.line_number), ''), 'UTF8')
    FROM unnest(p_lines) AS l;
END;
COMMENT ON FUNCTION app.batch_content(app.accounting_batch_lines[], app.accounting_profiles) IS 'The bytes of the file of a batch with these lines.';

CREATE OR REPLACE FUNCTION app.left_out_of_batch(p_states app.accounting_state[], p_lines app.accounting_batch_lines[])
RETURNS app.accounting_left_out[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(array_agg(ROW(NULL, NULL, (s.receipt).transaction_id, (s.receipt).cardholder_id,
        CASE WHEN l.kinds = '{reversal}' THEN s.reason ELSE s.left_out END, (s.receipt).amount, (s.receipt).receipt_id,
        app.tx())::app.accounting_left_out ORDER BY (s.receipt).place), '{}')
    FROM unnest(p_states) AS s
    LEFT JOIN (
        SELECT x.transaction_id, array_agg(x.kind) AS kinds FROM unnest(p_lines) AS x GROUP BY x.transaction_id
    ) AS l ON l.transaction_id = (s.receipt).transaction_id
    WHERE (s.receipt).transaction_id IS NOT NULL AND NOT 'posting' = ANY (coalesce(l.kinds, '{}'));
END;
COMMENT ON FUNCTION app.left_out_of_batch(app.accounting_state[], app.accounting_batch_lines[]) IS 'The receipts that a batch with these lines does not post, each with the first reason; those whose earlier line stands among them, as exported_before.';

CREATE OR REPLACE FUNCTION app.warn_of_lines(p_lines app.accounting_batch_lines[], p_month_id uuid) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH lines AS MATERIALIZED (
        SELECT l.* FROM unnest(p_lines) AS l
    ), found AS (
        SELECT l.line_number, l.transaction_id, l.receipt_id, s.month_id
        FROM lines AS l
        CROSS JOIN LATERAL app.shown_receipts(l.receipt_id) AS r
        JOIN app.processing_sessions AS s ON s.session_id = r.session_id AND s.status = 'completed'
        WHERE l.kind = 'posting' AND l.receipt_id <> '' AND r.transaction_id <> l.transaction_id
            AND NOT app.has_later_session(s.session_id)
            AND (s.month_id <> p_month_id OR EXISTS (
                SELECT FROM lines AS o WHERE o.transaction_id = r.transaction_id AND o.kind = 'posting'))
        UNION
        -- What the target has of another receipt, of this month, too: neither void nor reversed, nor reversed by these lines.
        SELECT l.line_number, l.transaction_id, l.receipt_id, b.month_id
        FROM lines AS l
        JOIN app.accounting_batch_lines AS e ON e.target = l.target AND e.receipt_id = l.receipt_id
            AND e.kind = 'posting' AND e.transaction_id <> l.transaction_id
        JOIN app.accounting_batches AS b ON b.target = e.target AND b.batch_number = e.batch_number
        WHERE l.kind = 'posting' AND l.receipt_id <> '' AND e.batch_number IS DISTINCT FROM l.batch_number
            AND NOT EXISTS (
                SELECT FROM app.accounting_voids AS v WHERE v.target = e.target AND v.batch_number = e.batch_number)
            AND NOT EXISTS (
                SELECT FROM app.accounting_batch_lines AS r
                WHERE r.target = e.target AND r.reversed_batch = e.batch_number AND r.reversed_line = e.line_number AND NOT EXISTS (
                    SELECT FROM app.accounting_voids AS v WHERE v.target = r.target AND v.batch_number = r.batch_number))
            AND NOT EXISTS (
                SELECT FROM lines AS o WHERE o.reversed_batch = e.batch_number AND o.reversed_line = e.line_number)
    )
    SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('line_number', f.line_number, 'transaction_id', f.transaction_id,
        'receipt_id', f.receipt_id, 'also_in', m.month_name)), '[]')
    FROM found AS f
    JOIN app.months AS m ON m.month_id = f.month_id;
END;
COMMENT ON FUNCTION app.warn_of_lines(app.accounting_batch_lines[], uuid) IS 'Lines whose receipt id another month has, too, or another line of the batch, or for another receipt a line of an earlier batch that still stands: what to look at before posting, as a list of objects.';

CREATE OR REPLACE FUNCTION app.open_issues_of(p_session_id uuid, p_lines app.accounting_batch_lines[]) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(jsonb_agg(jsonb_build_object('issue_id', i.issue_id, 'cardholder_id', i.cardholder_id, 'rule_code', i.rule_code,
        'severity', i.severity, 'state', i.state, 'amount', i.amount_impact::text, 'description', i.description)
        ORDER BY i.cardholder_id, i.rule_code, i.issue_id), '[]')
    FROM app.validation_issues AS i
    WHERE i.session_id = p_session_id AND i.is_open
        AND i.cardholder_id IN (SELECT l.cardholder_id FROM unnest(p_lines) AS l);
END;
COMMENT ON FUNCTION app.open_issues_of(uuid, app.accounting_batch_lines[]) IS 'The open issues of the people of these lines, as a list of objects.';

SELECT app.pin_entry_points();

COMMIT;
