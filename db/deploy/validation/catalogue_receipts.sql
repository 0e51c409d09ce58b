-- More rules: what receipts, their coding and the people behind them show. They inform and do not block.
-- requires: validation/rules
-- requires: validation/lists

BEGIN;

CREATE OR REPLACE FUNCTION app.find_orphan_receipts(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(d.receipt_total),
        format('Receipts without card activity: %s of together %s', d.receipt_count, app.dollars(d.receipt_total)),
        jsonb_build_object('receipt_total', d.receipt_total::text, 'receipt_count', d.receipt_count),
        NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    WHERE NOT d.is_in_report AND d.receipt_count > 0;
END
$$;
COMMENT ON FUNCTION app.find_orphan_receipts(app.revision_draft[], jsonb) IS 'People who handed in receipts and are not in the card report; at stake is the sum of their receipts.';

CREATE OR REPLACE FUNCTION app.find_coding_conflict(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Both job and GL account are given: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount', t.amount::text, 'job_number', t.job_number, 'job_phase', t.job_phase,
            'cost_type', t.cost_type, 'gl_account', t.gl_account), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.gl_account IS NOT NULL
        AND (t.job_number IS NOT NULL OR t.job_phase IS NOT NULL OR t.cost_type IS NOT NULL);
END
$$;
COMMENT ON FUNCTION app.find_coding_conflict(app.revision_draft[], jsonb) IS 'Receipts with a GL account and any part of a job coding.';

CREATE OR REPLACE FUNCTION app.find_coding_inactive(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH kinds AS (
        SELECT DISTINCT c.code_kind FROM app.coding_codes AS c
    ), used AS (
        -- The one-time filter spares reading the receipts while no chart is loaded.
        SELECT d.revision_id, t.transaction_id, t.natural_key, t.amount, k.code_kind, k.code,
            app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date) AS words,
            coalesce(t.transaction_date, (s.created_at AT TIME ZONE 'UTC')::date) AS day
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        JOIN app.processing_sessions AS s ON s.session_id = d.session_id
        CROSS JOIN LATERAL (VALUES ('job', t.job_number), ('phase', t.job_phase), ('cost_type', t.cost_type),
            ('gl_account', t.gl_account)) AS k (code_kind, code)
        WHERE (SELECT EXISTS (SELECT FROM app.coding_codes)) AND k.code IS NOT NULL
            AND k.code_kind IN (SELECT x.code_kind FROM kinds AS x)
    ), judged AS (
        SELECT u.code_kind, u.code, u.day, EXISTS (
            SELECT FROM app.coding_codes AS c
            WHERE c.code_kind = u.code_kind AND c.code = rtrim(btrim(u.code), '.')
                AND u.day >= c.valid_from AND (c.valid_until IS NULL OR u.day <= c.valid_until)) AS is_active
        FROM (SELECT DISTINCT x.code_kind, x.code, x.day FROM used AS x) AS u
    )
    SELECT u.revision_id, u.transaction_id, u.natural_key, NULL::boolean, abs(u.amount),
        'Not in the chart on ' || u.day::text || ': '
            || string_agg(replace(u.code_kind, '_', ' ') || ' ' || left(u.code, 80), ', ' ORDER BY u.code_kind)
            || '; ' || u.words,
        jsonb_build_object('amount', u.amount::text, 'day', u.day,
            'codes', jsonb_object_agg(u.code_kind, u.code)), NULL::uuid, NULL::text
    FROM used AS u
    JOIN judged AS j ON j.code_kind = u.code_kind AND j.code = u.code AND j.day = u.day
    WHERE NOT j.is_active
    GROUP BY u.revision_id, u.transaction_id, u.natural_key, u.amount, u.words, u.day;
END
$$;
COMMENT ON FUNCTION app.find_coding_inactive(app.revision_draft[], jsonb) IS 'Receipts with a job, phase, cost type or GL account that the chart does not have on the receipt''s date (without date: the day of the session). Kinds of which no code is loaded are not judged; both ends of a validity count as valid.';

CREATE OR REPLACE FUNCTION app.find_missing_purpose(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'No purpose is given: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount', t.amount::text, 'expense_type', app.clean_words(t.expense_type)), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE (t.purpose IS NULL OR btrim(t.purpose) = '')
        AND (t.amount IS NULL OR abs(t.amount) >= coalesce((p_parameters ->> 'minimum_amount')::numeric, 0));
END
$$;
COMMENT ON FUNCTION app.find_missing_purpose(app.revision_draft[], jsonb) IS 'Receipts of at least minimum_amount dollars, refunds by their absolute amount, or of unknown amount, that say nothing about their purpose.';

CREATE OR REPLACE FUNCTION app.find_receipt_off_period(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        format('Outside the period %s to %s: %s', p.period_start, p.period_end,
            app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date)),
        jsonb_build_object('amount', t.amount::text, 'transaction_date', t.transaction_date,
            'period_start', p.period_start, 'period_end', p.period_end), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    JOIN app.processing_sessions AS s ON s.session_id = d.session_id
    JOIN app.months AS p ON p.month_id = s.month_id
    CROSS JOIN LATERAL app.matching_policy() AS m
    -- What matching could still take to a charge of the month is not outside.
    WHERE t.transaction_date NOT BETWEEN
        p.period_start - greatest((p_parameters ->> 'days_before')::integer, m.days_before,
            CASE WHEN t.expense_type = ANY (m.lodging_expense_types) THEN m.lodging_days_before END)
        AND p.period_end + greatest((p_parameters ->> 'days_after')::integer, m.days_after,
            CASE WHEN t.expense_type = ANY (m.lodging_expense_types) THEN m.lodging_days_after END)
        AND NOT EXISTS (SELECT FROM app.allocations AS a
            WHERE a.employee_revision_id = d.revision_id AND a.transaction_id = t.transaction_id);
END
$$;
COMMENT ON FUNCTION app.find_receipt_off_period(app.revision_draft[], jsonb) IS 'Receipts dated more than days_before days before the first or more than days_after days after the last day of the session''s month, or than the window of matching where that is wider, and that no charge of the month took; none where the month is not known.';

CREATE OR REPLACE FUNCTION app.find_future_dated(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH days AS (
        SELECT d.revision_id, d.session_id, d.cardholder_id, (s.created_at AT TIME ZONE 'UTC')::date
            + coalesce((p_parameters ->> 'days_ahead')::integer, 0) AS last_day
        FROM unnest(p_drafts) AS d JOIN app.processing_sessions AS s ON s.session_id = d.session_id
    )
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Dated in the future: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount', t.amount::text, 'transaction_date', t.transaction_date), NULL::uuid, NULL::text
    FROM days AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.transaction_date > d.last_day
    UNION ALL
    SELECT d.revision_id, NULL::uuid, 'charge ' || c.natural_key, NULL::boolean, abs(c.net_amount),
        format('Dated in the future, %s: %s', greatest(c.purchase_date, c.posted_date), app.name_charge(d.revision_id, c)),
        jsonb_build_object('net_amount', c.net_amount::text, 'transaction_date', c.purchase_date,
            'posted_date', c.posted_date), c.charge_id, NULL::text
    FROM days AS d
    JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    WHERE greatest(c.purchase_date, c.posted_date) > d.last_day;
END
$$;
COMMENT ON FUNCTION app.find_future_dated(app.revision_draft[], jsonb) IS 'Receipts and charges dated more than days_ahead days after the day (UTC) their session was opened.';

CREATE OR REPLACE FUNCTION app.first_shown(
    p_session_ids uuid[], p_external_id text, p_amount numeric, p_merchant_name text
) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
BEGIN
    -- A revision that is being made is not written yet.
    RETURN coalesce((
        SELECT pg_catalog.min(l.created_tx)
        FROM app.receipt_contents AS c
        CROSS JOIN LATERAL (SELECT x.* FROM app.receipt_links AS x WHERE x.content_id = c.content_id OFFSET 0) AS l
        CROSS JOIN LATERAL (
            SELECT x.session_id FROM app.employee_revisions AS x WHERE x.revision_id = l.employee_revision_id OFFSET 0
        ) AS r
        WHERE c.external_transaction_id = p_external_id AND c.amount IS NOT DISTINCT FROM p_amount
            AND app.merchant_key(c.merchant_name) IS NOT DISTINCT FROM app.merchant_key(p_merchant_name)
            AND r.session_id = ANY (p_session_ids)), app.tx());
END
$$;
COMMENT ON FUNCTION app.first_shown(uuid[], text, numeric, text) IS 'Number of the transaction that first showed a receipt with this id, amount and merchant in one of these submissions; that of now when none did.';

CREATE OR REPLACE FUNCTION app.find_duplicate_across_cycles(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH sessions AS MATERIALIZED (
        SELECT s.session_id, m.period_start, m.period_end
        FROM app.processing_sessions AS s
        LEFT JOIN app.months AS m ON m.month_id = s.month_id
        WHERE s.session_id IN (SELECT d.session_id FROM unnest(p_drafts) AS d)
    ), earlier AS MATERIALIZED (
        SELECT x.session_id, x.earlier_id
        FROM app.earlier_sessions(ARRAY(SELECT s.session_id FROM sessions AS s)) AS x
    ), others AS MATERIALIZED (
        -- Of another month the latest submission counts. The same period is the same month, whatever it is called.
        SELECT s.session_id, o.session_id AS other_id, o.session_name
        FROM sessions AS s
        JOIN app.processing_sessions AS o ON o.status IN ('completed', 'processing') AND o.session_id <> s.session_id
        LEFT JOIN app.months AS m ON m.month_id = o.month_id
        WHERE (m.period_start = s.period_start AND m.period_end = s.period_end) IS NOT TRUE
            AND NOT EXISTS (SELECT FROM earlier AS x WHERE x.session_id = s.session_id AND x.earlier_id = o.session_id)
            -- People come to a session in the transaction that completes it: nobody else sees them before.
            AND (o.status = 'completed' OR EXISTS (SELECT FROM app.session_employees AS e WHERE e.session_id = o.session_id))
            AND NOT EXISTS (
                SELECT FROM app.processing_sessions AS c
                WHERE c.parent_session_id = o.session_id AND (c.status = 'completed' OR (c.status = 'processing'
                    AND EXISTS (SELECT FROM app.session_employees AS e WHERE e.session_id = c.session_id))))
    ), own AS MATERIALIZED (
        -- The one-time filter spares the look-ups while there is no other month. Materialized, each of these: one look-up
        -- for each receipt, however many other months there are and whatever the planner believes of the tables.
        SELECT d.session_id, d.revision_id, t.transaction_id, t.natural_key, t.amount, t.external_transaction_id,
            t.merchant_name, t.transaction_date, t.content_id
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        WHERE (SELECT EXISTS (SELECT FROM others)) AND t.external_transaction_id IS NOT NULL
    ), again AS MATERIALIZED (
        -- A content is of one chain of submissions: who shows it is asked only where another one has the same id.
        SELECT w.* FROM own AS w
        WHERE EXISTS (SELECT FROM app.receipt_contents AS c
            WHERE c.external_transaction_id = w.external_transaction_id AND c.content_id <> w.content_id OFFSET 0)
    ), met AS MATERIALIZED (
        SELECT w.*, e.session_id AS other_id
        FROM again AS w CROSS JOIN LATERAL app.shown_receipts(w.external_transaction_id) AS e
        WHERE e.session_id <> w.session_id AND e.amount IS NOT DISTINCT FROM w.amount
            AND app.merchant_key(e.merchant_name) IS NOT DISTINCT FROM app.merchant_key(w.merchant_name)
    ), alike AS MATERIALIZED (
        SELECT m.*, o.session_name
        FROM met AS m JOIN others AS o ON o.other_id = m.other_id AND o.session_id = m.session_id
    ), lines AS MATERIALIZED (
        -- A submission with those before it, asked for once.
        SELECT i.id, i.id || ARRAY(
            SELECT e.earlier_id FROM app.earlier_sessions(ARRAY[i.id]) AS e WHERE NOT e.is_aside) AS session_ids
        FROM (SELECT a.session_id AS id FROM alike AS a UNION SELECT a.other_id FROM alike AS a) AS i
    ), found AS (
        -- What was shown later is the duplicate.
        SELECT DISTINCT ON (a.revision_id, a.transaction_id) a.*
        FROM alike AS a
        JOIN lines AS own ON own.id = a.session_id
        JOIN lines AS other ON other.id = a.other_id
        WHERE (app.first_shown(other.session_ids, a.external_transaction_id, a.amount, a.merchant_name), a.other_id)
            < (app.first_shown(own.session_ids, a.external_transaction_id, a.amount, a.merchant_name), a.session_id)
        ORDER BY a.revision_id, a.transaction_id, a.other_id
    )
    SELECT f.revision_id, f.transaction_id, f.natural_key, NULL::boolean, abs(f.amount),
        format('Receipt id %s was handed in before, in %s: %s', f.external_transaction_id, f.session_name,
            app.name_receipt(f.external_transaction_id, f.amount, f.merchant_name, f.transaction_date)),
        jsonb_build_object('external_transaction_id', f.external_transaction_id, 'amount', f.amount::text),
        NULL::uuid, NULL::text
    FROM found AS f;
END
$$;
COMMENT ON FUNCTION app.find_duplicate_across_cycles(app.revision_draft[], jsonb) IS 'Receipts whose receipt id, amount and merchant a completed session of another month showed first, over all people. Submissions of the same month and sessions of the same period do not count, of another month only the latest submission.';

CREATE OR REPLACE FUNCTION app.find_name_collision(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(d.receipt_total),
        'Another person of this session has the same name: ' || d.employee_name,
        jsonb_build_object('employee_name', d.employee_name, 'employee_id', d.employee_id), NULL::uuid, NULL::text
    -- Who has neither a card nor a receipt is nobody.
    FROM (SELECT x.revision_id, x.session_id, x.cardholder_id, x.receipt_total, x.employee_name, x.employee_id,
            x.is_in_report OR x.receipt_count > 0 AS is_there,
            count(*) FILTER (WHERE x.is_in_report OR x.receipt_count > 0)
                OVER (PARTITION BY x.session_id, x.employee_name) AS namesakes
          FROM unnest(p_drafts) AS x) AS d
    WHERE d.is_there AND (d.namesakes > 1 OR EXISTS (
        -- Each look-up hangs on the one before and goes by key, whatever the planner believes of the tables.
        SELECT FROM app.cardholders AS c
        CROSS JOIN LATERAL (
            SELECT x.current_revision_id FROM app.session_employees AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = c.cardholder_id OFFSET 0
        ) AS e
        CROSS JOIN LATERAL (
            SELECT x.is_in_report, x.receipt_count FROM app.employee_revisions AS x
            WHERE x.revision_id = e.current_revision_id OFFSET 0
        ) AS r
        WHERE c.name_key = d.employee_name AND c.cardholder_id <> d.cardholder_id
            AND (r.is_in_report OR r.receipt_count > 0)
            AND (d.session_id, c.cardholder_id) NOT IN (SELECT x.session_id, x.cardholder_id FROM unnest(p_drafts) AS x)));
END
$$;
COMMENT ON FUNCTION app.find_name_collision(app.revision_draft[], jsonb) IS 'People who share their name key with somebody else of the session: receipts, which carry no number, may have gone to the wrong one. A name left without card and receipts is none.';

CREATE OR REPLACE FUNCTION app.find_unresolved_identity(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(d.receipt_total),
        'The name fits several people', jsonb_build_object('employee_name', d.employee_name), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    WHERE d.employee_id IS NULL AND EXISTS (
        SELECT FROM app.cardholders AS c
        WHERE c.name_key = d.employee_name AND c.cardholder_id <> d.cardholder_id);
END
$$;
COMMENT ON FUNCTION app.find_unresolved_identity(app.revision_draft[], jsonb) IS 'People without employee number whose name key is that of somebody with another number: nobody knows whose receipts these are.';

INSERT INTO app.validation_rules (rule_code, version, severity, enabled, blocks, finder, parameters, description,
    suggested_resolution) VALUES
('orphan_receipts', 1, 'medium', true, false, 'find_orphan_receipts', '{}',
    'A person handed in receipts and is not in the card report.',
    'Find the card or the name the bank prints; approve an alias.'),
('coding_conflict', 1, 'medium', true, false, 'find_coding_conflict', '{}',
    'A receipt has both job coding and a GL account.', 'Take one of the two codings away.'),
('coding_inactive', 1, 'medium', true, false, 'find_coding_inactive', '{}',
    'A code is not in the chart on the receipt''s date.', 'Choose a code that is valid, or load the chart anew.'),
-- A third of real receipts has none: on only where it is wanted.
('missing_purpose', 1, 'low', false, false, 'find_missing_purpose', '{"minimum_amount": 0.00}',
    'A receipt does not say what it was for.', 'Ask the employee for the purpose.'),
('receipt_off_period', 1, 'low', true, false, 'find_receipt_off_period', '{"days_before": 10, "days_after": 7}',
    'A receipt is dated outside the session''s period.', 'Check whether it belongs to another month.'),
('future_dated', 1, 'medium', true, false, 'find_future_dated', '{"days_ahead": 1}',
    'A receipt or charge is dated in the future.', 'Look the date up and correct it.'),
('duplicate_across_cycles', 1, 'high', true, false, 'find_duplicate_across_cycles', '{}',
    'A receipt was handed in before, in another month.', 'Remove the receipt, or explain why it comes again.'),
('name_collision', 1, 'low', true, false, 'find_name_collision', '{}',
    'Two people of a session have the same name.', 'Check that each receipt went to the right one.'),
('unresolved_identity', 1, 'medium', true, false, 'find_unresolved_identity', '{}',
    'Receipts carry a name that fits several people.', 'Find out whose they are; approve an alias.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
