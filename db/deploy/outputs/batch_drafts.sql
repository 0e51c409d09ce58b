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
        SELECT s.*, (s.receipt).transaction_id IS NOT NULL AND (p_batch.people = 'all' OR (s.receipt).is_finished)
            -- What is uncertain is certain once the lines that make it so are reversed, which they are with the others.
            AND coalesce(s.reason, '') IN ('', 'person_not_finished', CASE p_batch.reversals WHEN 'none' THEN '' ELSE 'uncertain' END)
            AS can_be_posted
        FROM unnest(p_states) AS s
    ), decided AS MATERIALIZED (
        SELECT c.*, (c.posted).batch_number IS NOT NULL AND CASE p_batch.reversals WHEN 'none' THEN false
                WHEN 'needed' THEN c.changes <> '{}' ELSE c.changes <> '{}' OR (c.words <> '{}' AND c.can_be_posted) END
            AND (p_batch.people = 'all' OR coalesce((c.receipt).is_finished, true)) AS is_reversed
        FROM chosen AS c
    ), lines AS (
        SELECT (c.receipt).place, 1 AS part, jsonb_populate_record(c.posted, jsonb_build_object('kind', 'reversal',
            'reversed_batch', (c.posted).batch_number, 'reversed_line', (c.posted).line_number, 'amount', -(c.posted).amount,
            -- One file has one sign and one form of dates: those of the profile that carries it.
            'transaction_date', coalesce(to_char((c.posted).receipt_date, p_profile.date_format), ''),
            'transaction_amount', (CASE WHEN p_profile.is_amount_reversed THEN (c.posted).amount ELSE -(c.posted).amount END)::text,
            'transaction_name', format('REVERSAL of batch %s line %s', (c.posted).batch_number, (c.posted).line_number),
            'invoice_number', app.invoice_number((c.posted).credit_card_number, p_profile, p_batch.invoice_month),
            'invoice_date', to_char(p_batch.invoice_month, p_profile.date_format))) AS line
        FROM decided AS c WHERE c.is_reversed
        UNION ALL
        SELECT (c.receipt).place, 2, jsonb_populate_record(NULL::app.accounting_batch_lines,
            to_jsonb(app.accounting_line(c.receipt, p_profile, p_batch.invoice_month, NULL)) || jsonb_build_object(
                'kind', 'posting', 'cardholder_id', (c.receipt).cardholder_id, 'amount', (c.receipt).amount,
                'receipt_date', (c.receipt).transaction_date, 'card_number', (c.receipt).card_number))
        FROM decided AS c WHERE c.can_be_posted AND ((c.posted).batch_number IS NULL OR c.is_reversed)
    )
    SELECT coalesce(array_agg(jsonb_populate_record(l.line, jsonb_build_object('target', p_profile.target,
        'batch_number', p_batch.batch_number, 'line_number', l.line_number, 'created_tx', app.tx(),
        -- After all lines of the receipt, those of void batches, too: they keep their steps.
        'step', l.step + coalesce((SELECT max(o.step) FROM app.accounting_batch_lines AS o
            WHERE o.target = p_profile.target AND o.transaction_id = (l.line).transaction_id), 0))) ORDER BY l.line_number), '{}')
    FROM (
        SELECT x.line, row_number() OVER (ORDER BY x.place NULLS LAST, (x.line).transaction_id, x.part) AS line_number,
            row_number() OVER (PARTITION BY (x.line).transaction_id ORDER BY x.part) AS step
        FROM lines AS x
    ) AS l;
END;
COMMENT ON FUNCTION app.batch_lines(app.accounting_state[], app.accounting_profiles, app.accounting_batches) IS 'The lines a batch would have: what can be posted and is not, and as asked for the reversals of lines that were posted, each before the line that is posted instead. Lines of people who are not finished are reversed only when receipts of all people are asked for.';

CREATE OR REPLACE FUNCTION app.batch_content(p_lines app.accounting_batch_lines[], p_profile app.accounting_profiles) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT convert_to(app.accounting_heading(p_profile) || app.line_end(p_profile)
        || coalesce(string_agg(app.accounting_record(l.line, p_profile) || app.line_end(p_profile), '' ORDER BY l.line_number), ''), 'UTF8')
    FROM (
        -- Once for each line, and not for each of its fields.
        SELECT x.line_number, jsonb_populate_record(NULL::report.accounting_line, to_jsonb(x)) AS line FROM unnest(p_lines) AS x OFFSET 0
    ) AS l;
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

CREATE OR REPLACE FUNCTION app.receipt_total_of(p_session_id uuid) RETURNS numeric
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(r.receipt_total), 0)
    FROM app.session_employees AS e
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
    WHERE e.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.receipt_total_of(uuid) IS 'Receipt total of a submission as it is: the sum of its people''s.';

CREATE OR REPLACE FUNCTION app.digest_revisions(p_session_id uuid) RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT sha256(convert_to(coalesce(string_agg(e.current_revision_id::text, ' ' ORDER BY e.cardholder_id), ''), 'UTF8'))
    FROM app.session_employees AS e WHERE e.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.digest_revisions(uuid) IS 'SHA-256 over the ids of the current revisions of a submission, in the order of people''s ids, with a blank between.';

CREATE OR REPLACE FUNCTION app.draft_batch(p_batch app.accounting_batches) RETURNS app.batch_draft
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_batch app.accounting_batches := p_batch;
    v_draft app.batch_draft;
    v_profile app.accounting_profiles;
    v_states app.accounting_state[];
BEGIN
    SELECT f.* INTO v_profile FROM app.accounting_profiles AS f
    WHERE f.profile_name = p_batch.profile_name AND f.profile_version = p_batch.profile_version;
    SELECT s.month_id, s.chain_id INTO v_batch.month_id, v_batch.chain_id
    FROM app.processing_sessions AS s WHERE s.session_id = p_batch.session_id;
    v_states := ARRAY(SELECT s FROM app.accounting_states(p_batch.session_id, v_profile) AS s);
    v_draft.lines := app.batch_lines(v_states, v_profile, p_batch);
    v_draft.left_out := app.left_out_of_batch(v_states, v_draft.lines);
    v_draft.fallen := (
        SELECT coalesce(pg_catalog.sum((s.posted).amount), 0) FROM pg_catalog.unnest(v_states) AS s
        WHERE s.changes <> '{}' AND ((s.posted).batch_number, (s.posted).line_number) NOT IN (
            SELECT l.reversed_batch, l.reversed_line FROM pg_catalog.unnest(v_draft.lines) AS l WHERE l.kind = 'reversal'));
    v_batch.target := v_profile.target;
    v_batch.prior_number := nullif(p_batch.batch_number - 1, 0);
    v_batch.receipt_total := app.receipt_total_of(p_batch.session_id);
    v_batch.revisions_sha256 := app.digest_revisions(p_batch.session_id);
    v_batch.open_issues := app.open_issues_of(p_batch.session_id, v_draft.lines);
    v_batch.line_count := pg_catalog.cardinality(v_draft.lines);
    v_batch.line_total := (SELECT coalesce(pg_catalog.sum(l.amount), 0) FROM pg_catalog.unnest(v_draft.lines) AS l);
    v_batch.left_out_count := (
        SELECT pg_catalog.count(*)::integer FROM pg_catalog.unnest(v_draft.left_out) AS o WHERE o.reason <> 'exported_before');
    v_batch.content := app.batch_content(v_draft.lines, v_profile);
    v_batch.sha256 := pg_catalog.sha256(v_batch.content);
    v_draft.batch := v_batch;
    RETURN v_draft;
END
$$;
COMMENT ON FUNCTION app.draft_batch(app.accounting_batches) IS 'All that a batch is right now by what is asked of it, of which number, session, profile, invoice month, people, reversals, reason, author and time are given: whoever makes one and whoever proves one asks this.';

SELECT app.pin_entry_points();

COMMIT;
