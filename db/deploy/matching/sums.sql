-- Pass sum: one charge with several receipts, or one receipt with several charges, where chance is excluded.
-- requires: matching/likes

BEGIN;

CREATE TYPE app.sum_part AS (
    revision_id uuid,
    whole_side text,
    whole_id uuid,
    whole_amount numeric(14, 2),
    whole_key text COLLATE "C",
    part_id uuid,
    part_amount numeric(14, 2),
    part_day date,
    is_posted boolean,
    is_bought boolean,
    part_rank bigint,
    part_count bigint
);
COMMENT ON TYPE app.sum_part IS 'A row that could be part of a sum, ranked among those of its whole, and whether the receipt of the two is dated on the posted date and on the transaction date of the charge; part_id is null when the whole had too many to try.';

CREATE TYPE app.sum_found AS (
    revision_id uuid,
    whole_side text,
    whole_id uuid,
    whole_key text COLLATE "C",
    part_ids uuid[],
    kind text,
    days integer
);
COMMENT ON TYPE app.sum_found IS 'Parts that add up exactly to a whole. kind is taken, day (all of the day, but it may be chance, there are other ways, or too many parts), loose (of other days) or net (a purchase less its partial refund).';

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
        WHERE x.merchant_words IS NOT NULL AND x.amount <> 0
        WINDOW block AS (PARTITION BY x.revision_id, x.merchant_words, sign(x.amount))
    ), days AS (
        SELECT x.side, x.revision_id, x.merchant_words, x.sign, x.item_id, x.amount, x.natural_key, d.day, d.is_posted
        FROM usable AS x
        CROSS JOIN LATERAL (VALUES (x.day, true), (x.other_day, false)) AS d (day, is_posted)
        WHERE d.day IS NOT NULL AND least(x.charges, x.receipts) >= 1 AND greatest(x.charges, x.receipts) >= 2
    ), crowds AS (
        SELECT d.side, d.revision_id, d.merchant_words, d.sign, d.day, count(DISTINCT d.item_id) AS size
        FROM days AS d GROUP BY d.side, d.revision_id, d.merchant_words, d.sign, d.day
    ), whole_days AS MATERIALIZED (
        -- The days are rows before they are joined: else all rows of a merchant would meet.
        SELECT d.side, d.revision_id, d.merchant_words, d.sign, d.item_id, d.amount, d.natural_key AS whole_key,
            d.day + k.days AS day, k.days, d.is_posted
        FROM days AS d CROSS JOIN generate_series(-(p_policy).sum_days, (p_policy).sum_days) AS k (days)
    ), blocks AS (
        -- A crowded day is enough to know that a block is too large, before any pair is made.
        SELECT w.*, max(c.size) OVER (PARTITION BY w.side, w.revision_id, w.item_id) AS crowd
        FROM whole_days AS w
        JOIN crowds AS c ON c.side <> w.side AND c.revision_id = w.revision_id
            AND c.merchant_words = w.merchant_words AND c.sign = w.sign AND c.day = w.day
    ), pairs AS (
        SELECT b.revision_id, b.side, b.item_id, b.amount, b.whole_key, d.item_id AS part_id, d.amount AS part_amount,
            d.natural_key, min(d.day) AS part_day,
            bool_or(b.days = 0 AND CASE b.side WHEN 'charge' THEN b.is_posted ELSE d.is_posted END) AS is_posted,
            bool_or(b.days = 0 AND NOT CASE b.side WHEN 'charge' THEN b.is_posted ELSE d.is_posted END) AS is_bought
        FROM blocks AS b
        JOIN days AS d ON d.side <> b.side AND d.revision_id = b.revision_id
            AND d.merchant_words = b.merchant_words AND d.sign = b.sign AND d.day = b.day
        WHERE b.crowd <= (p_policy).sum_candidates_limit AND abs(d.amount) < abs(b.amount)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = b.revision_id
                AND ((n.charge_id = b.item_id AND n.transaction_id = d.item_id)
                    OR (n.charge_id = d.item_id AND n.transaction_id = b.item_id)))
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    )
    SELECT p.revision_id, p.side, p.item_id, p.amount, p.whole_key, p.part_id, p.part_amount, p.part_day, p.is_posted,
        p.is_bought,
        row_number() OVER (PARTITION BY p.side, p.revision_id, p.item_id ORDER BY p.natural_key COLLATE "C"),
        count(*) OVER (PARTITION BY p.side, p.revision_id, p.item_id)
    FROM pairs AS p
    UNION ALL
    SELECT DISTINCT b.revision_id, b.side, b.item_id, b.amount, b.whole_key, NULL::uuid, NULL::numeric, NULL::date, false,
        false, NULL::bigint, b.crowd
    FROM blocks AS b WHERE b.crowd > (p_policy).sum_candidates_limit;
END;
COMMENT ON FUNCTION app.find_sum_parts(app.match_side[], app.match_side[], app.match_pair[], app.matching_policies) IS 'For each open row the rows of the other side that could be its parts: same merchant by its words and same sign, smaller, few days away, not rejected. A whole with more of them on one day than are tried comes once, without part.';

CREATE OR REPLACE FUNCTION app.grain_of(p_amounts numeric[]) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT max(g.cents) FROM unnest(ARRAY[1, 5, 10, 25, 50, 100, 500]) AS g (cents)
    WHERE (SELECT bool_and((x.amount * 100) % g.cents = 0) FROM unnest(p_amounts) AS x (amount));
END;
COMMENT ON FUNCTION app.grain_of(numeric[]) IS 'The coarsest step in cents (1, 5, 10, 25, 50, 100 or 500) that all amounts are multiples of: whole dollars meet by chance a hundred times as easily as cents.';

CREATE OR REPLACE FUNCTION app.find_sums(p_parts app.sum_part[], p_policy app.matching_policies) RETURNS SETOF app.sum_found
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH parts AS (
        SELECT x.*, dense_rank() OVER (ORDER BY x.whole_side, x.revision_id, x.whole_id) AS whole,
            sum(x.part_amount) OVER (PARTITION BY x.whole_side, x.revision_id, x.whole_id) AS sum_of_all,
            x.is_posted OR x.is_bought AS is_of_day, count(*) FILTER (WHERE x.is_posted OR x.is_bought)
                OVER (PARTITION BY x.whole_side, x.revision_id, x.whole_id) AS day_count
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
        SELECT p.whole, ARRAY[p.first_id, p.last_id] AS part_ids
        FROM pairs AS p WHERE p.missing = 0
        UNION ALL
        -- Three and four parts meet in what is missing to the whole, so that no combination is made in vain.
        SELECT p.whole, ARRAY[p.first_id, p.last_id, c.part_id]
        FROM pairs AS p
        JOIN parts AS c ON c.whole = p.whole AND c.part_amount = p.missing
        WHERE c.part_rank > p.last_rank AND (p_policy).sum_parts_limit >= 3
        UNION ALL
        SELECT p.whole, ARRAY[p.first_id, p.last_id, q.first_id, q.last_id]
        FROM pairs AS p
        JOIN pairs AS q ON q.whole = p.whole AND q.amount = p.missing
        WHERE q.first_rank > p.last_rank AND (p_policy).sum_parts_limit >= 4
        UNION ALL
        -- More than are tried, but together all there are: on the day, or in the days around.
        SELECT p.whole, array_agg(p.part_id ORDER BY p.part_rank)
        FROM parts AS p
        GROUP BY p.whole, p.whole_amount HAVING sum(p.part_amount) = p.whole_amount AND count(*) > (p_policy).sum_parts_limit
        UNION ALL
        SELECT p.whole, array_agg(p.part_id ORDER BY p.part_rank)
        FROM parts AS p WHERE p.is_of_day AND p.part_count > p.day_count
        GROUP BY p.whole, p.whole_amount HAVING sum(p.part_amount) = p.whole_amount AND count(*) > (p_policy).sum_parts_limit
    ), judged AS (
        SELECT s.whole, s.part_ids, p.revision_id, p.whole_side, p.whole_id, p.whole_key, count(*) AS parts,
            bool_and(p.is_of_day) AS is_of_day, bool_and(p.is_posted) OR bool_and(p.is_bought) AS is_one_day,
            max(p.part_day) - min(p.part_day) AS days,
            -- All the day has is one thing to try; some of it as many as there are ways to choose.
            CASE WHEN count(*) = max(p.day_count) THEN 1
                ELSE 2 ^ max(p.day_count) - 1 - max(p.day_count) END::numeric AS tried,
            abs(p.whole_amount) * 100 / app.grain_of(array_agg(p.part_amount) || p.whole_amount) AS possible
        FROM solutions AS s
        JOIN parts AS p ON p.whole = s.whole AND p.part_id = ANY (s.part_ids)
        GROUP BY s.whole, s.part_ids, p.revision_id, p.whole_side, p.whole_id, p.whole_key, p.whole_amount
    ), wholes AS (
        SELECT p.revision_id, count(DISTINCT p.whole) AS wholes FROM parts AS p WHERE p.day_count > 1 GROUP BY p.revision_id
    ), members AS (
        -- Every row a solution touches, whole and parts: one that stands in two makes both doubtful.
        SELECT s.whole, s.part_ids, count(*) OVER (PARTITION BY s.revision_id, m.item_id) AS uses
        FROM judged AS s CROSS JOIN LATERAL unnest(s.part_ids || s.whole_id) AS m (item_id)
    ), sound AS (
        SELECT m.whole, m.part_ids, max(m.uses) = 1 AS is_only FROM members AS m GROUP BY m.whole, m.part_ids
    )
    SELECT j.revision_id, j.whole_side, j.whole_id, j.whole_key, j.part_ids,
        CASE WHEN NOT j.is_of_day THEN 'loose'
            WHEN o.is_only AND j.parts <= (p_policy).sum_parts_limit AND j.is_one_day
                AND j.tried * w.wholes <= (p_policy).sum_chance * j.possible THEN 'taken'
            ELSE 'day' END,
        j.days
    FROM judged AS j
    JOIN sound AS o ON o.whole = j.whole AND o.part_ids = j.part_ids
    LEFT JOIN wholes AS w ON w.revision_id = j.revision_id;
END;
COMMENT ON FUNCTION app.find_sums(app.sum_part[], app.matching_policies) IS 'Parts that add up exactly to a whole: 2 to 4 of the candidates, or more when they are all there are. Taken are those that are dated on one day, all on the posted or all on the transaction date, stand in no other sum, and are too unlikely to add up by chance: the combinations tried for this person over the amounts that were possible are at most the chance of the policy.';

CREATE OR REPLACE FUNCTION app.find_nets(p_charges app.match_side[], p_receipts app.match_side[], p_policy app.matching_policies)
RETURNS SETOF app.sum_found
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH sides AS (
        SELECT 'charge' AS side, c.* FROM unnest(p_charges) AS c WHERE c.merchant_words IS NOT NULL
        UNION ALL
        SELECT 'receipt', r.* FROM unnest(p_receipts) AS r WHERE r.merchant_words IS NOT NULL
    ), refunds AS (
        SELECT f.*, count(*) OVER (PARTITION BY f.revision_id, f.merchant_words, f.side) AS size
        FROM sides AS f WHERE f.amount < 0
    ), pairs AS (
        SELECT p.side, p.revision_id, p.merchant_words, p.item_id AS purchase_id, f.item_id AS refund_id,
            p.amount + f.amount AS amount, p.day, f.day - p.day AS days
        FROM refunds AS f
        JOIN sides AS p ON p.side = f.side AND p.revision_id = f.revision_id AND p.merchant_words = f.merchant_words
        WHERE p.amount > -f.amount AND f.day - p.day BETWEEN 0 AND (p_policy).far_days
            AND f.size <= (p_policy).sum_candidates_limit
    ), found AS (
        SELECT w.revision_id, w.side, w.item_id, w.natural_key, p.purchase_id, p.refund_id, p.days,
            count(*) OVER (PARTITION BY w.revision_id, w.item_id) AS ways
        FROM pairs AS p
        JOIN sides AS w ON w.side <> p.side AND w.revision_id = p.revision_id
            AND w.merchant_words = p.merchant_words AND w.amount = p.amount
        WHERE w.day - p.day BETWEEN -(p_policy).days_before AND (p_policy).far_days
    )
    SELECT f.revision_id, f.side, f.item_id, f.natural_key, ARRAY[f.purchase_id, f.refund_id], 'net', f.days
    FROM found AS f WHERE f.ways = 1;
END;
COMMENT ON FUNCTION app.find_nets(app.match_side[], app.match_side[], app.matching_policies) IS 'Open rows that are exactly a purchase less its later partial refund, of one merchant, in one way only.';

CREATE OR REPLACE FUNCTION app.match_sums(
    p_charges app.match_side[], p_receipts app.match_side[], p_sums app.sum_found[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH edges AS MATERIALIZED (
        SELECT s.revision_id,
            CASE s.whole_side WHEN 'charge' THEN s.whole_id ELSE m.item_id END AS charge_id,
            CASE s.whole_side WHEN 'charge' THEN m.item_id ELSE s.whole_id END AS transaction_id
        FROM unnest(p_sums) AS s CROSS JOIN LATERAL unnest(s.part_ids) AS m (item_id)
        WHERE s.kind = 'taken'
    ), scored AS (
        SELECT e.*, CASE WHEN abs(c.amount) < abs(r.amount) THEN c.amount ELSE r.amount END AS amount,
            app.date_part_of(c, r, p_policy) AS date_part, app.merchant_part_of(c, r) AS merchant_part,
            coalesce(h.part, 0.500) AS history_part
        FROM edges AS e
        JOIN unnest(p_charges) AS c ON c.revision_id = e.revision_id AND c.item_id = e.charge_id
        JOIN unnest(p_receipts) AS r ON r.revision_id = e.revision_id AND r.item_id = e.transaction_id
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
    )
    SELECT s.revision_id, s.charge_id, s.transaction_id, s.amount, 0.00, 'sum', 'sum', NULL::bigint,
        (p_policy).policy_version, 1.000, s.date_part, s.merchant_part, s.history_part,
        app.score_of(1, s.date_part, s.merchant_part, s.history_part, p_policy), NULL::uuid, NULL::uuid, NULL::numeric
    FROM scored AS s;
END;
COMMENT ON FUNCTION app.match_sums(app.match_side[], app.match_side[], app.sum_found[], app.match_history[], app.matching_policies) IS 'Pass sum: the edges of the sums that are taken.';

COMMIT;
