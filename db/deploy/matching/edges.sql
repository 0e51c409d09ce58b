-- What is known before the passes: people's decisions in force, edges of the revision before, and both sides.
-- requires: matching/sides

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
    WITH RECURSIVE chain AS (
        SELECT DISTINCT d.session_id, d.session_id AS ancestor_id FROM unnest(p_drafts) AS d
        UNION ALL
        SELECT c.session_id, s.parent_session_id
        FROM chain AS c JOIN app.processing_sessions AS s ON s.session_id = c.ancestor_id
        WHERE s.parent_session_id IS NOT NULL
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
        AND n.charge_print
            = app.print_of_side(c.net_amount, c.posted_date, c.purchase_date, c.merchant_name)
        AND n.receipt_print = app.print_of_side(t.amount, t.transaction_date, NULL, t.merchant_name);
END;
COMMENT ON FUNCTION app.decisions_in_force(app.revision_draft[]) IS 'What people decided about pairs of these revisions, in their session or an earlier submission: the newest decision on each pair, when it is no undo and both sides are as they were.';

CREATE OR REPLACE FUNCTION app.load_charges(p_drafts app.revision_draft[], p_rejected app.match_pair[], p_policy app.matching_policies)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.revision_id, c.charge_id, c.natural_key, c.net_amount, c.posted_date,
        c.purchase_date, app.merchant_key(c.merchant_name),
        coalesce(app.fold_text(c.merchant_group) = ANY ((p_policy).lodging_groups), false),
        coalesce(app.fold_text(c.merchant_group) = ANY ((p_policy).meal_groups), false), true,
        CASE WHEN n.charge_id IS NULL THEN '' ELSE c.natural_key END
    FROM unnest(p_drafts) AS d
    JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    LEFT JOIN (SELECT DISTINCT x.revision_id, x.charge_id FROM unnest(p_rejected) AS x) AS n
        ON n.revision_id = d.revision_id AND n.charge_id = c.charge_id;
END;
COMMENT ON FUNCTION app.load_charges(app.revision_draft[], app.match_pair[], app.matching_policies) IS 'All charges of the revisions as matching sees them.';

CREATE OR REPLACE FUNCTION app.load_receipts(p_drafts app.revision_draft[], p_rejected app.match_pair[], p_policy app.matching_policies)
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.revision_id, t.transaction_id, t.natural_key, t.amount, t.transaction_date,
        NULL::date, app.merchant_key(t.merchant_name),
        coalesce(t.expense_type = ANY ((p_policy).lodging_expense_types), false),
        coalesce(t.expense_type = ANY ((p_policy).meal_expense_types), false), NOT t.is_out_of_pocket,
        CASE WHEN n.transaction_id IS NULL THEN '' ELSE t.natural_key END
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    LEFT JOIN (SELECT DISTINCT x.revision_id, x.transaction_id FROM unnest(p_rejected) AS x) AS n
        ON n.revision_id = d.revision_id AND n.transaction_id = t.transaction_id;
END;
COMMENT ON FUNCTION app.load_receipts(app.revision_draft[], app.match_pair[], app.matching_policies) IS 'All receipts of the revisions as matching sees them; out of pocket ones are not eligible.';

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
RETURNS TABLE (revision_id uuid, matching_id uuid, rounds integer)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT d.revision_id, m.matching_id, m.rounds
    FROM unnest(p_drafts) AS d
    JOIN app.matchings AS m ON m.employee_revision_id = d.predecessor_id AND m.policy_version = p_policy_version
    WHERE NOT EXISTS (
            SELECT FROM app.match_decisions AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id
                AND x.revision_number >= d.revision_number - 1)
        AND NOT EXISTS (
            SELECT FROM (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = d.predecessor_id) AS o
            FULL JOIN (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = d.revision_id) AS n
                ON n.transaction_id = o.transaction_id
            LEFT JOIN app.receipt_contents AS oc ON oc.content_id = o.content_id AND o.content_id <> n.content_id
            LEFT JOIN app.receipt_contents AS nc ON nc.content_id = n.content_id AND o.content_id <> n.content_id
            WHERE o.natural_key IS DISTINCT FROM n.natural_key
                OR ROW(oc.amount, oc.transaction_date, oc.merchant_name, oc.expense_type, oc.is_out_of_pocket)
                    IS DISTINCT FROM
                    ROW(nc.amount, nc.transaction_date, nc.merchant_name, nc.expense_type, nc.is_out_of_pocket));
END;
COMMENT ON FUNCTION app.find_settled(app.revision_draft[], integer) IS 'Revisions in which nothing changed that matching looks at, with the matching of the revision before: the same receipts with the same amount, date, merchant, expense type and way of payment, the same policy, and no decision about the person since. What others decided about merchants meanwhile counts when the person is matched again.';

CREATE OR REPLACE FUNCTION app.match_pinned(
    p_drafts app.revision_draft[], p_charges app.match_side[], p_receipts app.match_side[],
    p_rejected app.match_pair[], p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH decided AS (
        SELECT f.* FROM app.decisions_in_force(p_drafts) AS f WHERE f.decision IN ('confirm', 'split')
    ), earlier AS (
        SELECT d.revision_id, d.session_id, d.cardholder_id, a.*, nc.charge_id AS new_charge_id, nt.transaction_id AS new_transaction_id,
            nc.charge_id IS NOT NULL AND nt.transaction_id IS NOT NULL AND NOT nt.is_out_of_pocket
                AND NOT EXISTS (SELECT FROM decided AS x WHERE x.revision_id = d.revision_id
                    AND (x.charge_id = nc.charge_id OR x.transaction_id = nt.transaction_id))
                AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS x WHERE x.revision_id = d.revision_id
                    AND x.charge_id = nc.charge_id AND x.transaction_id = nt.transaction_id) AS is_kept
        FROM unnest(p_drafts) AS d
        JOIN app.allocations AS a ON a.employee_revision_id = coalesce(d.predecessor_id, d.compared_with)
        JOIN app.employee_revisions AS e ON e.revision_id = a.employee_revision_id
        JOIN app.charges AS oc
            ON oc.session_id = e.session_id AND oc.cardholder_id = e.cardholder_id AND oc.charge_id = a.charge_id
        JOIN app.transactions AS ot
            ON ot.employee_revision_id = a.employee_revision_id AND ot.transaction_id = a.transaction_id
        LEFT JOIN app.charges AS nc
            ON nc.session_id = d.session_id AND nc.cardholder_id = d.cardholder_id AND nc.natural_key = oc.natural_key
            AND nc.net_amount = oc.net_amount AND nc.posted_date IS NOT DISTINCT FROM oc.posted_date
            AND nc.purchase_date IS NOT DISTINCT FROM oc.purchase_date
            AND nc.merchant_name IS NOT DISTINCT FROM oc.merchant_name
        LEFT JOIN app.transactions AS nt
            ON nt.employee_revision_id = d.revision_id AND nt.natural_key = ot.natural_key
            AND nt.amount = ot.amount AND nt.transaction_date IS NOT DISTINCT FROM ot.transaction_date
            AND nt.merchant_name IS NOT DISTINCT FROM ot.merchant_name
        WHERE a.decision_number IS NULL
    ), judged AS (
        -- The edges of a sum stay together or go together.
        SELECT e.*, bool_and(e.is_kept) OVER (PARTITION BY e.revision_id, e.charge_id)
            AND bool_and(e.is_kept) OVER (PARTITION BY e.revision_id, e.transaction_id) AS is_taken_over
        FROM earlier AS e
    )
    SELECT f.revision_id, f.charge_id, f.transaction_id, f.amount, f.residual, 'pinned', NULL::text, NULL::integer,
        f.decision_number, (p_policy).policy_version, app.amount_part_of(c.amount, r.amount),
        app.date_part_of(c, r, p_policy), app.merchant_part_of(c.merchant_key, r.merchant_key),
        coalesce(h.part, 0.500),
        app.score_of(app.amount_part_of(c.amount, r.amount), app.date_part_of(c, r, p_policy),
            app.merchant_part_of(c.merchant_key, r.merchant_key), coalesce(h.part, 0.500), p_policy),
        NULL::uuid, NULL::uuid, NULL::numeric
    FROM decided AS f
    JOIN unnest(p_charges) AS c ON c.revision_id = f.revision_id AND c.item_id = f.charge_id
    JOIN unnest(p_receipts) AS r ON r.revision_id = f.revision_id AND r.item_id = f.transaction_id
    LEFT JOIN unnest(p_history) AS h
        ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
    UNION ALL
    SELECT j.revision_id, j.new_charge_id, j.new_transaction_id, j.amount, 0.00, 'pinned', j.first_pass, j.round,
        NULL::bigint, j.policy_version, j.amount_part, j.date_part, j.merchant_part, j.history_part, j.score,
        u.charge_id, v.transaction_id, CASE WHEN u.charge_id IS NOT NULL AND v.transaction_id IS NOT NULL
            THEN j.runner_up_score END
    FROM judged AS j
    LEFT JOIN app.charges AS u
        ON u.session_id = j.session_id AND u.cardholder_id = j.cardholder_id AND u.charge_id = j.runner_up_charge_id
    LEFT JOIN app.receipt_links AS v
        ON v.employee_revision_id = j.revision_id AND v.transaction_id = j.runner_up_transaction_id
    WHERE j.is_taken_over;
END;
COMMENT ON FUNCTION app.match_pinned(app.revision_draft[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Pass pinned: what people decided, then edges of the machine in the revision before (else in the parent session''s) whose two sides are unchanged and untouched by people.';

COMMIT;
