-- What is known before the passes: people's decisions in force, edges of the revision before, and both sides.
-- requires: matching/sides
-- requires: validation/carry_over

BEGIN;

CREATE OR REPLACE FUNCTION app.find_matchable(p_drafts app.revision_draft[]) RETURNS SETOF app.revision_draft
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.*
    FROM unnest(p_drafts) AS d
    WHERE EXISTS (SELECT FROM app.charges AS c WHERE c.session_id = d.session_id)
        AND NOT EXISTS (SELECT FROM app.matchings AS m WHERE m.employee_revision_id = d.revision_id);
END;
COMMENT ON FUNCTION app.find_matchable(app.revision_draft[]) IS 'The drafts that are to be matched: those of sessions with charges that have not been matched yet.';

CREATE OR REPLACE FUNCTION app.decisions_in_force(p_drafts app.revision_draft[])
RETURNS TABLE (
    revision_id uuid, charge_id uuid, transaction_id uuid, decision text, amount numeric, residual numeric,
    decision_number bigint
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH chain AS (
        SELECT DISTINCT d.session_id, d.session_id AS ancestor_id FROM unnest(p_drafts) AS d
        UNION
        SELECT e.session_id, e.earlier_id FROM app.earlier_sessions(ARRAY(SELECT d.session_id FROM unnest(p_drafts) AS d)) AS e
    ), newest AS (
        SELECT DISTINCT ON (d.revision_id, m.charge_key, m.receipt_key) d.revision_id,
            d.session_id AS draft_session_id, m.*
        FROM chain AS c
        JOIN app.match_decisions AS m ON m.session_id = c.ancestor_id
        JOIN unnest(p_drafts) AS d ON d.session_id = c.session_id AND d.cardholder_id = m.cardholder_id
        ORDER BY d.revision_id, m.charge_key, m.receipt_key, m.decision_number DESC
    )
    SELECT n.revision_id, c.charge_id, t.transaction_id, n.decision, n.amount, n.residual, n.decision_number
    FROM newest AS n
    JOIN app.charges AS c ON c.session_id = n.draft_session_id AND c.cardholder_id = n.cardholder_id
        AND c.natural_key = n.charge_key
    JOIN app.transactions AS t ON t.employee_revision_id = n.revision_id AND t.natural_key = n.receipt_key
    WHERE n.decision <> 'undo' AND NOT t.is_out_of_pocket
        AND NOT (SELECT x.is_repeat FROM app.receipt_turns(n.revision_id) AS x WHERE x.transaction_id = t.transaction_id)
        AND n.charge_print
            = app.print_of_side(c.net_amount, c.posted_date, c.purchase_date, c.merchant_name)
        AND n.receipt_print = app.print_of_side(t.amount, t.transaction_date, NULL, t.merchant_name);
END;
COMMENT ON FUNCTION app.decisions_in_force(app.revision_draft[]) IS 'What people decided about pairs of these revisions, in their session, an earlier submission or one of the month that was cancelled: the newest decision on each pair, when it is no undo, both sides are as they were and the receipt is no repeat.';

CREATE OR REPLACE FUNCTION app.load_charges(p_drafts app.revision_draft[], p_rejected app.match_pair[], p_policy app.matching_policies)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- What a merchant's name and group say is worked out once for each of them.
    WITH charges AS MATERIALIZED (
        SELECT d.revision_id, c.charge_id, c.natural_key, c.net_amount, c.posted_date, c.purchase_date, c.merchant_name,
            coalesce(c.merchant_group, '') AS merchant_group
        FROM unnest(p_drafts) AS d
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.charges AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id OFFSET 0
        ) AS c
    ), names AS MATERIALIZED (
        SELECT x.merchant_name, app.merchant_key(x.merchant_name) AS merchant_key,
            app.merchant_words(x.merchant_name) AS merchant_words
        FROM (SELECT DISTINCT c.merchant_name FROM charges AS c WHERE c.merchant_name IS NOT NULL) AS x
    ), groups AS MATERIALIZED (
        SELECT x.merchant_group, x.folded = ANY ((p_policy).lodging_groups) AS is_lodging,
            x.folded = ANY ((p_policy).meal_groups) AS is_meal
        FROM (SELECT g.merchant_group, app.fold_text(g.merchant_group) AS folded
            FROM (SELECT DISTINCT c.merchant_group FROM charges AS c) AS g) AS x
    )
    SELECT c.revision_id, c.charge_id, c.natural_key, c.net_amount, c.posted_date, c.purchase_date, m.merchant_key,
        m.merchant_words, CASE WHEN c.net_amount IS NOT NULL THEN m.merchant_key END, coalesce(g.is_lodging, false),
        coalesce(g.is_meal, false), true,
        CASE WHEN n.charge_id IS NULL THEN '' ELSE c.natural_key END, false
    FROM charges AS c
    JOIN groups AS g ON g.merchant_group = c.merchant_group
    LEFT JOIN names AS m ON m.merchant_name = c.merchant_name
    LEFT JOIN (SELECT DISTINCT x.revision_id, x.charge_id FROM unnest(p_rejected) AS x) AS n
        ON n.revision_id = c.revision_id AND n.charge_id = c.charge_id;
END;
COMMENT ON FUNCTION app.load_charges(app.revision_draft[], app.match_pair[], app.matching_policies) IS 'All charges of the revisions as matching sees them.';

CREATE OR REPLACE FUNCTION app.load_receipts(p_drafts app.revision_draft[], p_rejected app.match_pair[], p_policy app.matching_policies)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH receipts AS MATERIALIZED (
        SELECT d.revision_id, t.*
        FROM unnest(p_drafts) AS d CROSS JOIN LATERAL app.receipt_turns(d.revision_id) AS t
    ), names AS MATERIALIZED (
        SELECT x.merchant_name, app.merchant_key(x.merchant_name) AS merchant_key,
            app.merchant_words(x.merchant_name) AS merchant_words
        FROM (SELECT DISTINCT t.merchant_name FROM receipts AS t WHERE t.merchant_name IS NOT NULL) AS x
    )
    SELECT t.revision_id, t.transaction_id, t.natural_key, t.amount, t.transaction_date,
        NULL::date, m.merchant_key, m.merchant_words,
        CASE WHEN t.amount IS NOT NULL AND NOT t.is_out_of_pocket AND NOT t.is_repeat THEN m.merchant_key END,
        coalesce(t.expense_type = ANY ((p_policy).lodging_expense_types), false),
        coalesce(t.expense_type = ANY ((p_policy).meal_expense_types), false), NOT t.is_out_of_pocket
            AND NOT t.is_repeat,
        CASE WHEN n.transaction_id IS NULL THEN '' ELSE t.natural_key END, t.is_repeat
    FROM receipts AS t
    LEFT JOIN names AS m ON m.merchant_name = t.merchant_name
    LEFT JOIN (SELECT DISTINCT x.revision_id, x.transaction_id FROM unnest(p_rejected) AS x) AS n
        ON n.revision_id = t.revision_id AND n.transaction_id = t.transaction_id;
END;
COMMENT ON FUNCTION app.load_receipts(app.revision_draft[], app.match_pair[], app.matching_policies) IS 'All receipts of the revisions as matching sees them; those paid out of pocket and pages that repeat a receipt id are not eligible.';

CREATE OR REPLACE FUNCTION app.load_match_history(p_charges app.match_side[], p_receipts app.match_side[])
RETURNS app.match_history[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Of a pair the newest decision counts, whatever the merchants were called then.
    SELECT coalesce(array_agg(ROW(x.charge_merchant_key, x.receipt_merchant_key,
        round((x.confirmed + 1.0) / (x.confirmed + x.rejected + 2.0), 3))::app.match_history), '{}')
    FROM (
        SELECT m.charge_merchant_key, m.receipt_merchant_key,
            count(*) FILTER (WHERE m.decision IN ('confirm', 'split')) AS confirmed,
            count(*) FILTER (WHERE m.decision = 'reject') AS rejected
        FROM app.match_decisions AS m
        WHERE m.charge_merchant_key IN (SELECT c.merchant_key FROM unnest(p_charges) AS c)
            AND m.receipt_merchant_key IN (SELECT r.merchant_key FROM unnest(p_receipts) AS r)
            AND m.decision <> 'undo'
            AND NOT EXISTS (SELECT FROM app.match_decisions AS n
                WHERE n.session_id = m.session_id AND n.cardholder_id = m.cardholder_id
                    AND n.charge_key = m.charge_key AND n.receipt_key = m.receipt_key
                    AND n.decision_number > m.decision_number)
        GROUP BY m.charge_merchant_key, m.receipt_merchant_key
    ) AS x;
END;
COMMENT ON FUNCTION app.load_match_history(app.match_side[], app.match_side[]) IS 'For each two merchant keys of these charges and receipts that people decided about, the share of confirmations, (confirmed + 1) / (decided + 2).';

CREATE OR REPLACE FUNCTION app.find_settled(p_drafts app.revision_draft[], p_policy_version integer)
RETURNS TABLE (revision_id uuid, matching_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.revision_id, m.matching_id
    FROM unnest(p_drafts) AS d
    JOIN app.matchings AS m ON m.employee_revision_id = d.predecessor_id AND m.policy_version = p_policy_version
    WHERE NOT EXISTS (
            SELECT FROM app.match_decisions AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id
                AND x.revision_number >= d.revision_number - 1)
        -- Nor in a later submission that was cancelled since.
        AND NOT EXISTS (
            SELECT FROM app.processing_sessions AS s
            JOIN app.processing_sessions AS o ON o.chain_id = s.chain_id AND o.status = 'cancelled'
            JOIN app.match_decisions AS x ON x.session_id = o.session_id AND x.cardholder_id = d.cardholder_id
            WHERE s.session_id = d.session_id AND x.created_tx > m.created_tx)
        AND NOT EXISTS (
            SELECT FROM (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = d.predecessor_id OFFSET 0) AS o
            FULL JOIN (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = d.revision_id OFFSET 0) AS n
                ON n.transaction_id = o.transaction_id
            LEFT JOIN app.receipt_contents AS oc ON oc.content_id = o.content_id AND o.content_id <> n.content_id
            LEFT JOIN app.receipt_contents AS nc ON nc.content_id = n.content_id AND o.content_id <> n.content_id
            WHERE o.natural_key IS DISTINCT FROM n.natural_key
                OR ROW(oc.amount, oc.transaction_date, oc.merchant_name, oc.expense_type, oc.is_out_of_pocket,
                        oc.external_transaction_id)
                    IS DISTINCT FROM
                    ROW(nc.amount, nc.transaction_date, nc.merchant_name, nc.expense_type, nc.is_out_of_pocket,
                        nc.external_transaction_id));
END;
COMMENT ON FUNCTION app.find_settled(app.revision_draft[], integer) IS 'Revisions in which nothing changed that matching looks at, with the matching of the revision before: the same receipts with the same amount, date, merchant, expense type, way of payment and receipt id, the same policy, and no decision about the person since. What others decided about merchants meanwhile counts when the person is matched again.';

CREATE OR REPLACE FUNCTION app.match_pinned(
    p_drafts app.revision_draft[], p_charges app.match_side[], p_receipts app.match_side[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.revision_id, f.charge_id, f.transaction_id, f.amount, f.residual, 'pinned', NULL::text,
        f.decision_number, (p_policy).policy_version, app.amount_part_of(c.amount, r.amount),
        app.date_part_of(c, r, p_policy), app.merchant_part_of(c, r), coalesce(h.part, 0.500),
        app.score_of(app.amount_part_of(c.amount, r.amount), app.date_part_of(c, r, p_policy),
            app.merchant_part_of(c, r), coalesce(h.part, 0.500), p_policy),
        NULL::uuid, NULL::uuid, NULL::numeric
    FROM app.decisions_in_force(p_drafts) AS f
    JOIN unnest(p_charges) AS c ON c.revision_id = f.revision_id AND c.item_id = f.charge_id
    JOIN unnest(p_receipts) AS r ON r.revision_id = f.revision_id AND r.item_id = f.transaction_id
    LEFT JOIN unnest(p_history) AS h
        ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
    WHERE f.decision IN ('confirm', 'split');
END;
COMMENT ON FUNCTION app.match_pinned(app.revision_draft[], app.match_side[], app.match_side[], app.match_history[], app.matching_policies) IS 'Pass pinned: what people decided.';

CREATE OR REPLACE FUNCTION app.edges_before(p_drafts app.revision_draft[])
RETURNS TABLE (revision_id uuid, charge_id uuid, transaction_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Each old part hangs on the one before: as plain joins, a plan made while the tables had no statistics began with
    -- all charges beside all charges.
    SELECT d.revision_id, nc.charge_id, nt.transaction_id
    FROM unnest(p_drafts) AS d
    CROSS JOIN LATERAL (
        SELECT x.session_id, x.cardholder_id, x.revision_id FROM app.employee_revisions AS x
        WHERE x.revision_id = coalesce(d.predecessor_id, d.compared_with) OFFSET 0
    ) AS e
    CROSS JOIN LATERAL (
        SELECT x.charge_id, x.transaction_id FROM app.allocations AS x
        WHERE x.employee_revision_id = e.revision_id AND x.decision_number IS NULL OFFSET 0
    ) AS a
    CROSS JOIN LATERAL (
        SELECT x.* FROM app.charges AS x
        WHERE x.session_id = e.session_id AND x.cardholder_id = e.cardholder_id AND x.charge_id = a.charge_id OFFSET 0
    ) AS oc
    CROSS JOIN LATERAL (
        SELECT x.* FROM app.transactions AS x
        WHERE x.employee_revision_id = e.revision_id AND x.transaction_id = a.transaction_id OFFSET 0
    ) AS ot
    JOIN app.charges AS nc
        ON nc.session_id = d.session_id AND nc.cardholder_id = d.cardholder_id AND nc.natural_key = oc.natural_key
        AND nc.net_amount = oc.net_amount AND nc.posted_date IS NOT DISTINCT FROM oc.posted_date
        AND nc.purchase_date IS NOT DISTINCT FROM oc.purchase_date
        AND nc.merchant_name IS NOT DISTINCT FROM oc.merchant_name
    JOIN app.transactions AS nt
        ON nt.employee_revision_id = d.revision_id AND nt.natural_key = ot.natural_key
        AND nt.amount = ot.amount AND nt.transaction_date IS NOT DISTINCT FROM ot.transaction_date
        AND nt.merchant_name IS NOT DISTINCT FROM ot.merchant_name;
END;
COMMENT ON FUNCTION app.edges_before(app.revision_draft[]) IS 'The machine''s edges of the revision before (else of the parent session''s) whose two sides are unchanged, in terms of the new revision. What the machine finds again is shown as taken over; what it would not find any more, with what is known now, does not stand.';

COMMIT;
