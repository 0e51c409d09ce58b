-- Pass sum: one charge with several receipts, or one receipt with several charges.
-- requires: matching/passes

BEGIN;

CREATE TYPE app.sum_part AS (
    revision_id uuid,
    whole_side text,
    whole_id uuid,
    whole_amount numeric(14, 2),
    part_id uuid,
    part_amount numeric(14, 2),
    part_rank bigint,
    part_count bigint
);
COMMENT ON TYPE app.sum_part IS 'A row that could be part of a sum, ranked among those of its whole; part_id is null when the whole had too many to try.';

CREATE OR REPLACE FUNCTION app.find_sum_parts(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_policy app.matching_policies
) RETURNS SETOF app.sum_part
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH sides AS (
        SELECT 'charge' AS side, c.* FROM unnest(p_charges) AS c
        UNION ALL
        SELECT 'receipt', r.* FROM unnest(p_receipts) AS r
    ), usable AS (
        -- Only where one side has a row and the other at least two, of one merchant and sign.
        SELECT x.*, sign(x.amount) AS sign,
            count(*) FILTER (WHERE x.side = 'charge') OVER block AS charges,
            count(*) FILTER (WHERE x.side = 'receipt') OVER block AS receipts
        FROM sides AS x
        WHERE x.merchant_key IS NOT NULL AND x.amount <> 0
        WINDOW block AS (PARTITION BY x.revision_id, x.merchant_key, sign(x.amount))
    ), days AS (
        SELECT DISTINCT x.side, x.revision_id, x.merchant_key, x.sign, x.item_id, x.amount, x.natural_key, d.day
        FROM usable AS x
        CROSS JOIN LATERAL (VALUES (x.day), (x.other_day)) AS d (day)
        WHERE d.day IS NOT NULL AND least(x.charges, x.receipts) >= 1 AND greatest(x.charges, x.receipts) >= 2
    ), crowds AS (
        SELECT d.side, d.revision_id, d.merchant_key, d.sign, d.day, count(*) AS size
        FROM days AS d GROUP BY d.side, d.revision_id, d.merchant_key, d.sign, d.day
    ), whole_days AS (
        SELECT DISTINCT d.side, d.revision_id, d.merchant_key, d.sign, d.item_id, d.amount, d.day + k.days AS day
        FROM days AS d CROSS JOIN generate_series(-(p_policy).sum_days, (p_policy).sum_days) AS k (days)
    ), blocks AS (
        -- A crowded day is enough to know that a block is too large, before any pair is made.
        SELECT w.*, max(c.size) OVER (PARTITION BY w.side, w.revision_id, w.item_id) AS crowd
        FROM whole_days AS w
        JOIN crowds AS c ON c.side <> w.side AND c.revision_id = w.revision_id
            AND c.merchant_key = w.merchant_key AND c.sign = w.sign AND c.day = w.day
    ), pairs AS (
        SELECT DISTINCT b.revision_id, b.side, b.item_id, b.amount, d.item_id AS part_id, d.amount AS part_amount,
            d.natural_key
        FROM blocks AS b
        JOIN days AS d ON d.side <> b.side AND d.revision_id = b.revision_id
            AND d.merchant_key = b.merchant_key AND d.sign = b.sign AND d.day = b.day
        WHERE b.crowd <= (p_policy).sum_candidates_limit AND abs(d.amount) < abs(b.amount)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = b.revision_id
                AND ((n.charge_id = b.item_id AND n.transaction_id = d.item_id)
                    OR (n.charge_id = d.item_id AND n.transaction_id = b.item_id)))
    )
    SELECT p.revision_id, p.side, p.item_id, p.amount, p.part_id, p.part_amount,
        row_number() OVER (PARTITION BY p.side, p.revision_id, p.item_id ORDER BY p.natural_key COLLATE "C"),
        count(*) OVER (PARTITION BY p.side, p.revision_id, p.item_id)
    FROM pairs AS p
    UNION ALL
    SELECT DISTINCT b.revision_id, b.side, b.item_id, b.amount, NULL::uuid, NULL::numeric, NULL::bigint, b.crowd
    FROM blocks AS b WHERE b.crowd > (p_policy).sum_candidates_limit;
END;
COMMENT ON FUNCTION app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies) IS 'For each open row the rows of the other side that could be its parts: same merchant and sign, smaller, few days away, not rejected. A whole with more of them on one day than are tried comes once, without part.';

CREATE OR REPLACE FUNCTION app.match_sums(
    p_charges app.match_side[], p_receipts app.match_side[], p_parts app.sum_part[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH parts AS (
        SELECT x.*, dense_rank() OVER (ORDER BY x.whole_side, x.revision_id, x.whole_id) AS whole,
            sum(x.part_amount) OVER (PARTITION BY x.whole_side, x.revision_id, x.whole_id) AS sum_of_all
        FROM unnest(p_parts) AS x
        WHERE x.part_id IS NOT NULL AND x.part_count <= (p_policy).sum_candidates_limit
    ), pairs AS (
        SELECT a.whole, a.revision_id, a.whole_side, a.whole_id, a.whole_amount - a.part_amount - b.part_amount AS missing,
            a.part_amount + b.part_amount AS amount, a.part_rank AS first_rank, b.part_rank AS last_rank,
            a.part_id AS first_id, b.part_id AS last_id
        FROM parts AS a
        JOIN parts AS b ON b.whole = a.whole
        WHERE b.part_rank > a.part_rank AND abs(a.part_amount + b.part_amount) <= abs(a.whole_amount)
            AND abs(a.sum_of_all) >= abs(a.whole_amount)
    ), solutions AS (
        SELECT p.revision_id, p.whole_side, p.whole_id, ARRAY[p.first_id, p.last_id] AS part_ids
        FROM pairs AS p WHERE p.missing = 0
        UNION ALL
        -- Three and four parts meet in what is missing to the whole, so that no combination is made in vain.
        SELECT p.revision_id, p.whole_side, p.whole_id, ARRAY[p.first_id, p.last_id, c.part_id]
        FROM pairs AS p
        JOIN parts AS c ON c.whole = p.whole AND c.part_amount = p.missing
        WHERE c.part_rank > p.last_rank AND (p_policy).sum_parts_limit >= 3
        UNION ALL
        SELECT p.revision_id, p.whole_side, p.whole_id, ARRAY[p.first_id, p.last_id, q.first_id, q.last_id]
        FROM pairs AS p
        JOIN pairs AS q ON q.whole = p.whole AND q.amount = p.missing
        WHERE q.first_rank > p.last_rank AND (p_policy).sum_parts_limit >= 4
    ), members AS (
        -- Every row a solution touches, whole and parts: one that stands in two makes both doubtful.
        SELECT s.revision_id, s.whole_side, s.whole_id, m.item_id,
            count(*) OVER (PARTITION BY s.revision_id, m.item_id) AS uses
        FROM solutions AS s CROSS JOIN LATERAL unnest(s.part_ids || s.whole_id) AS m (item_id)
    ), sound AS (
        SELECT m.revision_id, m.whole_side, m.whole_id FROM members AS m
        GROUP BY m.revision_id, m.whole_side, m.whole_id HAVING max(m.uses) = 1
    ), edges AS (
        SELECT s.revision_id,
            CASE s.whole_side WHEN 'charge' THEN s.whole_id ELSE m.item_id END AS charge_id,
            CASE s.whole_side WHEN 'charge' THEN m.item_id ELSE s.whole_id END AS transaction_id
        FROM sound AS s
        JOIN members AS m ON m.revision_id = s.revision_id AND m.whole_side = s.whole_side
            AND m.whole_id = s.whole_id AND m.item_id <> s.whole_id
    ), scored AS (
        SELECT e.*, CASE WHEN abs(c.amount) < abs(r.amount) THEN c.amount ELSE r.amount END AS amount,
            app.date_part_of(c, r, p_policy) AS date_part, coalesce(h.part, 0.500) AS history_part
        FROM edges AS e
        JOIN unnest(p_charges) AS c ON c.revision_id = e.revision_id AND c.item_id = e.charge_id
        JOIN unnest(p_receipts) AS r ON r.revision_id = e.revision_id AND r.item_id = e.transaction_id
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
    )
    SELECT s.revision_id, s.charge_id, s.transaction_id, s.amount, 0.00, 'sum', 'sum', NULL::integer, NULL::bigint,
        (p_policy).policy_version, 1.000, s.date_part, 1.000, s.history_part,
        app.score_of(1, s.date_part, 1, s.history_part, p_policy), NULL::uuid, NULL::uuid, NULL::numeric
    FROM scored AS s;
END;
COMMENT ON FUNCTION app.match_sums(app.match_side[], app.match_side[], app.sum_part[], app.match_history[], app.matching_policies) IS 'Pass sum: 2 to 4 rows of one side that add up exactly to one of the other. Only where that row has one solution and none of its rows stands in another.';

COMMIT;
