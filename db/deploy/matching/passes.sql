-- The passes of the machine, one statement each, over what the passes before left.
-- requires: matching/sides

BEGIN;

CREATE OR REPLACE FUNCTION app.find_candidates(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS TABLE (
    revision_id uuid, charge_id uuid, transaction_id uuid, charge_key text, receipt_key text, amount numeric,
    is_identical boolean, date_part numeric, merchant_part numeric, history_part numeric, score numeric
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Twins are interchangeable: the i-th of one class meets the i-th of the other, which also keeps
    -- k charges and l receipts of one amount from making k times l pairs.
    WITH charges AS (
        SELECT c, row_number() OVER (
            PARTITION BY c.revision_id, c.amount, c.merchant_key, c.day, c.other_day, c.is_lodging, c.class_key
            ORDER BY c.natural_key COLLATE "C") AS twin
        FROM unnest(p_charges) AS c WHERE c.amount IS NOT NULL
    ), receipts AS (
        SELECT r, row_number() OVER (
            PARTITION BY r.revision_id, r.amount, r.merchant_key, r.day, r.is_lodging, r.class_key
            ORDER BY r.natural_key COLLATE "C") AS twin
        FROM unnest(p_receipts) AS r WHERE r.amount IS NOT NULL
    ), pairs AS (
        SELECT x.c, y.r
        FROM charges AS x
        JOIN receipts AS y
            ON (y.r).revision_id = (x.c).revision_id AND (y.r).amount = (x.c).amount AND y.twin = x.twin
        WHERE ((y.r).merchant_key = (x.c).merchant_key OR (y.r).day = (x.c).day OR (y.r).day = (x.c).other_day)
            AND app.is_in_window(x.c, y.r, p_policy)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = (x.c).revision_id
                AND n.charge_id = (x.c).item_id AND n.transaction_id = (y.r).item_id)
    ), parts AS (
        SELECT p.c, p.r,
            coalesce((p.r).day = (p.c).day AND (p.r).merchant_key = (p.c).merchant_key, false) AS is_identical,
            app.date_part_of(p.c, p.r, p_policy) AS date_part,
            app.merchant_part_of((p.c).merchant_key, (p.r).merchant_key) AS merchant_part,
            coalesce(h.part, 0.500) AS history_part
        FROM pairs AS p
        LEFT JOIN unnest(p_history) AS h ON h.charge_merchant_key = (p.c).merchant_key
            AND h.receipt_merchant_key = (p.r).merchant_key
    )
    SELECT (p.c).revision_id, (p.c).item_id, (p.r).item_id, (p.c).natural_key, (p.r).natural_key, (p.c).amount,
        p.is_identical, p.date_part, p.merchant_part, p.history_part,
        app.score_of(1, p.date_part, p.merchant_part, p.history_part, p_policy)
    FROM parts AS p;
END;
COMMENT ON FUNCTION app.find_candidates(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Pairs of exactly the same amount that pass every gate and agree in date or merchant, with the parts of their score.';

CREATE OR REPLACE FUNCTION app.share_amount(p_sides app.match_side[], p_charges app.match_side[], p_receipts app.match_side[])
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH shared AS (
        SELECT c.revision_id, c.amount FROM unnest(p_charges) AS c
        GROUP BY c.revision_id, c.amount HAVING count(*) > 1
        UNION
        SELECT r.revision_id, r.amount FROM unnest(p_receipts) AS r
        GROUP BY r.revision_id, r.amount HAVING count(*) > 1
    )
    SELECT s.* FROM unnest(p_sides) AS s
    JOIN shared AS x ON x.revision_id = s.revision_id AND x.amount = s.amount;
END;
COMMENT ON FUNCTION app.share_amount(app.match_side[], app.match_side[], app.match_side[]) IS 'The rows of which the person has several charges or several receipts of the same amount: only these can have rivals.';

CREATE OR REPLACE FUNCTION app.match_identical(
    p_charges app.match_side[], p_receipts app.match_side[], p_rival_charges app.match_side[],
    p_rival_receipts app.match_side[], p_rejected app.match_pair[], p_history app.match_history[],
    p_policy app.matching_policies
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH charges AS (
        SELECT c.*, row_number() OVER (PARTITION BY c.revision_id, c.amount, c.day, c.merchant_key
            ORDER BY c.other_day, c.natural_key COLLATE "C") AS twin
        FROM unnest(p_charges) AS c WHERE c.merchant_key IS NOT NULL
    ), receipts AS (
        SELECT r.*, row_number() OVER (PARTITION BY r.revision_id, r.amount, r.day, r.merchant_key
            ORDER BY r.natural_key COLLATE "C") AS twin
        FROM unnest(p_receipts) AS r WHERE r.merchant_key IS NOT NULL
    ), edges AS (
        SELECT c.revision_id, c.item_id AS charge_id, r.item_id AS transaction_id, c.amount,
            coalesce(h.part, 0.500) AS history_part
        FROM charges AS c
        JOIN receipts AS r ON r.revision_id = c.revision_id AND r.amount = c.amount AND r.day = c.day
            AND r.merchant_key = c.merchant_key AND r.twin = c.twin
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
        WHERE NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = c.revision_id
            AND n.charge_id = c.item_id AND n.transaction_id = r.item_id)
    ), rivals AS MATERIALIZED (
        SELECT k.*
        FROM app.find_candidates(p_rival_charges, p_rival_receipts, p_rejected, p_history, p_policy) AS k
        WHERE NOT k.is_identical
    ), by_charge AS (
        SELECT DISTINCT ON (k.revision_id, k.charge_id) k.* FROM rivals AS k
        ORDER BY k.revision_id, k.charge_id, k.score DESC, k.receipt_key COLLATE "C"
    ), by_receipt AS (
        SELECT DISTINCT ON (k.revision_id, k.transaction_id) k.* FROM rivals AS k
        ORDER BY k.revision_id, k.transaction_id, k.score DESC, k.charge_key COLLATE "C"
    )
    SELECT e.revision_id, e.charge_id, e.transaction_id, e.amount, 0.00, 'identical', 'identical', NULL::integer,
        NULL::bigint, (p_policy).policy_version, 1.000, 1.000, 1.000, e.history_part,
        app.score_of(1, 1, 1, e.history_part, p_policy),
        CASE WHEN a.score >= coalesce(b.score, 0) THEN a.charge_id ELSE b.charge_id END,
        CASE WHEN a.score >= coalesce(b.score, 0) THEN a.transaction_id ELSE b.transaction_id END,
        greatest(a.score, b.score)
    FROM edges AS e
    LEFT JOIN by_charge AS a ON a.revision_id = e.revision_id AND a.charge_id = e.charge_id
    LEFT JOIN by_receipt AS b ON b.revision_id = e.revision_id AND b.transaction_id = e.transaction_id;
END;
COMMENT ON FUNCTION app.match_identical(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Pass identical: amount, posted date and merchant key equal; rivals come from the rows that share their amount. Of k charges and l receipts alike both sides are paired in the order of date and natural key.';

CREATE OR REPLACE FUNCTION app.match_exact(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies, p_round integer
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH ranked AS (
        SELECT k.*,
            row_number() OVER by_charge AS charge_rank, row_number() OVER by_receipt AS receipt_rank,
            lead(k.score) OVER by_charge AS charge_next, lead(k.score) OVER by_receipt AS receipt_next,
            lead(k.transaction_id) OVER by_charge AS next_transaction_id,
            lead(k.charge_id) OVER by_receipt AS next_charge_id
        FROM app.find_candidates(p_charges, p_receipts, p_rejected, p_history, p_policy) AS k
        WINDOW by_charge AS (PARTITION BY k.revision_id, k.charge_id
                             ORDER BY k.score DESC, k.receipt_key COLLATE "C"),
            by_receipt AS (PARTITION BY k.revision_id, k.transaction_id
                           ORDER BY k.score DESC, k.charge_key COLLATE "C")
    )
    SELECT k.revision_id, k.charge_id, k.transaction_id, k.amount, 0.00, 'exact', 'exact', p_round, NULL::bigint,
        (p_policy).policy_version, 1.000, k.date_part, k.merchant_part, k.history_part, k.score,
        CASE WHEN k.charge_next >= coalesce(k.receipt_next, 0) THEN k.charge_id ELSE k.next_charge_id END,
        CASE WHEN k.charge_next >= coalesce(k.receipt_next, 0) THEN k.next_transaction_id
            WHEN k.receipt_next IS NOT NULL THEN k.transaction_id END,
        greatest(k.charge_next, k.receipt_next)
    FROM ranked AS k
    WHERE k.charge_rank = 1 AND k.receipt_rank = 1
        AND k.score - coalesce(greatest(k.charge_next, k.receipt_next), 0) >= (p_policy).required_margin;
END;
COMMENT ON FUNCTION app.match_exact(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies, integer) IS 'One round of pass exact: same amount, date or merchant equal, the best candidate for both sides and ahead of either runner-up by the margin of the policy.';

COMMIT;
