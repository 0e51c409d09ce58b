-- What stays open: proposals of near amounts, and for every open row its nearest miss and the gate that failed.
-- requires: matching/sums

BEGIN;

CREATE TYPE app.match_miss AS (
    revision_id uuid,
    side text,
    charge_id uuid,
    transaction_id uuid,
    failed_gate text,
    is_proposed boolean,
    amount_difference numeric(14, 2),
    days_apart integer,
    amount_part numeric,
    date_part numeric,
    merchant_part numeric,
    score numeric
);
COMMENT ON TYPE app.match_miss IS 'The nearest miss of an open row: side tells which of the two is open.';

CREATE OR REPLACE FUNCTION app.propose_near(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Amounts that differ by at most one width lie in one bucket or the next; those of tips in buckets of
    -- their logarithm. Twins meet rank by rank, as in find_candidates.
    WITH charges AS (
        SELECT c, floor(c.amount / (p_policy).near_amount) AS bucket,
            CASE WHEN c.amount > 0 THEN floor(ln(c.amount) / ln(1 + (p_policy).tip_share)) END AS tip_bucket,
            row_number() OVER (
                PARTITION BY c.revision_id, c.amount, c.merchant_key, c.day, c.other_day, c.is_lodging, c.class_key
                ORDER BY c.natural_key COLLATE "C") AS twin
        FROM unnest(p_charges) AS c WHERE c.amount <> 0
    ), receipts AS (
        SELECT r, floor(r.amount / (p_policy).near_amount) AS bucket,
            CASE WHEN r.amount > 0 THEN floor(ln(r.amount) / ln(1 + (p_policy).tip_share)) END AS tip_bucket,
            row_number() OVER (
                PARTITION BY r.revision_id, r.amount, r.merchant_key, r.day, r.is_lodging, r.class_key
                ORDER BY r.natural_key COLLATE "C") AS twin
        FROM unnest(p_receipts) AS r WHERE r.amount <> 0
    ), near AS (
        SELECT x.c, y.r
        FROM charges AS x CROSS JOIN generate_series(-1, 1) AS k (shift)
        JOIN receipts AS y ON (y.r).revision_id = (x.c).revision_id AND y.twin = x.twin
            AND y.bucket = x.bucket + k.shift
        WHERE abs((x.c).amount - (y.r).amount) <= (p_policy).near_amount
        UNION
        SELECT x.c, y.r
        FROM charges AS x CROSS JOIN generate_series(-1, 0) AS k (shift)
        JOIN receipts AS y ON (y.r).revision_id = (x.c).revision_id AND y.twin = x.twin
            AND y.tip_bucket = x.tip_bucket + k.shift
        WHERE ((x.c).is_meal OR (y.r).is_meal)
            AND (x.c).amount BETWEEN (y.r).amount AND (y.r).amount * (1 + (p_policy).tip_share)
    ), scored AS (
        SELECT n.c, n.r, app.amount_part_of((n.c).amount, (n.r).amount) AS amount_part,
            app.date_part_of(n.c, n.r, p_policy) AS date_part,
            app.merchant_part_of((n.c).merchant_key, (n.r).merchant_key) AS merchant_part,
            coalesce(h.part, 0.500) AS history_part
        FROM near AS n
        LEFT JOIN unnest(p_history) AS h ON h.charge_merchant_key = (n.c).merchant_key
            AND h.receipt_merchant_key = (n.r).merchant_key
        WHERE sign((n.c).amount) = sign((n.r).amount) AND app.is_in_window(n.c, n.r, p_policy)
            AND ((n.r).merchant_key = (n.c).merchant_key OR (n.r).day = (n.c).day OR (n.r).day = (n.c).other_day)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS x WHERE x.revision_id = (n.c).revision_id
                AND x.charge_id = (n.c).item_id AND x.transaction_id = (n.r).item_id)
    ), ranked AS (
        SELECT s.*, z.score,
            row_number() OVER (PARTITION BY (s.c).revision_id, (s.c).item_id
                ORDER BY z.score DESC, (s.r).natural_key COLLATE "C") AS charge_rank,
            row_number() OVER (PARTITION BY (s.r).revision_id, (s.r).item_id
                ORDER BY z.score DESC, (s.c).natural_key COLLATE "C") AS receipt_rank
        FROM scored AS s
        CROSS JOIN LATERAL (SELECT app.score_of(s.amount_part, s.date_part, s.merchant_part, s.history_part,
            p_policy) AS score) AS z
    )
    SELECT (k.c).revision_id, v.side, (k.c).item_id, (k.r).item_id, 'amount', true, (k.c).amount - (k.r).amount,
        least(abs((k.r).day - (k.c).day), abs((k.r).day - (k.c).other_day)),
        k.amount_part, k.date_part, k.merchant_part, k.score
    FROM ranked AS k CROSS JOIN (VALUES ('charge'), ('receipt')) AS v (side)
    WHERE k.charge_rank = 1 AND k.receipt_rank = 1;
END;
COMMENT ON FUNCTION app.propose_near(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Pass near: open pairs whose amounts differ by at most the near amount, or by a tip on a meal, pass the other gates, agree in date or merchant and are best for each other. Proposals only, one row for each side.';

CREATE OR REPLACE FUNCTION app.find_ambiguous(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH ranked AS (
        SELECT k.*,
            row_number() OVER (PARTITION BY k.revision_id, k.charge_id
                ORDER BY k.score DESC, k.receipt_key COLLATE "C") AS charge_rank,
            row_number() OVER (PARTITION BY k.revision_id, k.transaction_id
                ORDER BY k.score DESC, k.charge_key COLLATE "C") AS receipt_rank
        FROM app.find_candidates(p_charges, p_receipts, p_rejected, p_history, p_policy) AS k
    )
    SELECT k.revision_id, v.side, k.charge_id, k.transaction_id, 'ambiguous', false, 0.00,
        least(abs(r.day - c.day), abs(r.day - c.other_day)), 1.000, k.date_part, k.merchant_part, k.score
    FROM ranked AS k
    CROSS JOIN (VALUES ('charge'), ('receipt')) AS v (side)
    JOIN unnest(p_charges) AS c ON c.revision_id = k.revision_id AND c.item_id = k.charge_id
    JOIN unnest(p_receipts) AS r ON r.revision_id = k.revision_id AND r.item_id = k.transaction_id
    WHERE (v.side = 'charge' AND k.charge_rank = 1) OR (v.side = 'receipt' AND k.receipt_rank = 1);
END;
COMMENT ON FUNCTION app.find_ambiguous(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Open rows that have candidates of the same amount within all gates, of which none was far enough ahead: each with its best.';

CREATE OR REPLACE FUNCTION app.find_neighbours(
    p_open app.match_side[], p_open_others app.match_side[], p_others app.match_side[]
) RETURNS TABLE (revision_id uuid, open_id uuid, other_id uuid)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Nearest in four orders: by date among equal amounts, by amount among what is open of one merchant and of all,
    -- and for rows that found nothing there by amount among everything. Each finds at most the one before and
    -- the one after, so the work grows with the rows and not with their square.
    WITH open AS (
        SELECT o.*, k.lens,
            CASE k.lens WHEN 1 THEN o.amount::text WHEN 2 THEN o.merchant_key ELSE '' END COLLATE "C" AS lens_key
        FROM unnest(p_open) AS o CROSS JOIN generate_series(1, 3) AS k (lens)
    ), others AS (
        SELECT c.*, 1 AS lens, c.amount::text COLLATE "C" AS lens_key FROM unnest(p_others) AS c
        WHERE c.is_eligible AND EXISTS (
            SELECT FROM unnest(p_open) AS o WHERE o.revision_id = c.revision_id AND o.amount = c.amount)
        UNION ALL
        SELECT c.*, k.lens, CASE k.lens WHEN 2 THEN c.merchant_key ELSE '' END COLLATE "C"
        FROM unnest(p_open_others) AS c CROSS JOIN generate_series(2, 3) AS k (lens)
    ), lonely AS (
        SELECT o.* FROM unnest(p_open) AS o
        WHERE NOT EXISTS (
            SELECT FROM open AS k JOIN others AS c
                ON c.revision_id = k.revision_id AND c.lens = k.lens AND c.lens_key = k.lens_key
            WHERE k.revision_id = o.revision_id AND k.item_id = o.item_id)
    ), placed AS (
        SELECT l.lens, l.lens_key, l.is_open, l.revision_id, l.item_id,
            row_number() OVER (PARTITION BY l.lens, l.revision_id, l.lens_key
                ORDER BY CASE l.lens WHEN 1 THEN (l.day - date '2000-01-01')::numeric ELSE l.amount END,
                    l.is_open, l.natural_key COLLATE "C") AS ordinal
        FROM (
            SELECT x.*, true AS is_open FROM open AS x
            UNION ALL
            SELECT x.*, false FROM others AS x
            UNION ALL
            SELECT x.*, 4, '' COLLATE "C", true FROM lonely AS x
            UNION ALL
            SELECT c.*, 4, '' COLLATE "C", false FROM unnest(p_others) AS c
            WHERE c.is_eligible AND c.revision_id IN (SELECT x.revision_id FROM lonely AS x)
        ) AS l
        WHERE l.lens_key IS NOT NULL AND CASE l.lens WHEN 1 THEN l.day IS NOT NULL ELSE l.amount IS NOT NULL END
    ), neighbours AS (
        SELECT p.*,
            max(CASE WHEN NOT p.is_open THEN p.ordinal END) OVER (PARTITION BY p.lens, p.revision_id, p.lens_key
                ORDER BY p.ordinal ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before,
            min(CASE WHEN NOT p.is_open THEN p.ordinal END) OVER (PARTITION BY p.lens, p.revision_id, p.lens_key
                ORDER BY p.ordinal DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS after
        FROM placed AS p
    )
    SELECT DISTINCT n.revision_id, n.item_id, o.item_id
    FROM neighbours AS n
    CROSS JOIN LATERAL (VALUES (n.before), (n.after)) AS w (ordinal)
    JOIN placed AS o ON o.lens = n.lens AND o.revision_id = n.revision_id AND o.lens_key = n.lens_key
        AND o.ordinal = w.ordinal
    WHERE n.is_open;
END;
COMMENT ON FUNCTION app.find_neighbours(app.match_side[], app.match_side[], app.match_side[]) IS 'For each open row a few of the other side that lie next to it: among equal amounts by date, among what is open, of its merchant and of all, by amount; where there are none, among everything by amount.';

CREATE OR REPLACE FUNCTION app.find_nearest(
    p_open_charges app.match_side[], p_open_receipts app.match_side[],
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH pairs AS (
        SELECT 'charge' AS side, n.revision_id, n.open_id AS charge_id, n.other_id AS transaction_id
        FROM app.find_neighbours(p_open_charges, p_open_receipts, p_receipts) AS n
        UNION ALL
        SELECT 'receipt', n.revision_id, n.other_id, n.open_id
        FROM app.find_neighbours(p_open_receipts, p_open_charges, p_charges) AS n
    ), scored AS (
        SELECT p.side, c, r, t.item_id IS NULL AS is_taken, n.charge_id IS NOT NULL AS is_rejected,
            app.amount_part_of(c.amount, r.amount) AS amount_part, app.date_part_of(c, r, p_policy) AS date_part,
            app.merchant_part_of(c.merchant_key, r.merchant_key) AS merchant_part,
            coalesce(h.part, 0.500) AS history_part
        FROM pairs AS p
        JOIN unnest(p_charges) AS c ON c.revision_id = p.revision_id AND c.item_id = p.charge_id
        JOIN unnest(p_receipts) AS r ON r.revision_id = p.revision_id AND r.item_id = p.transaction_id
        LEFT JOIN (
            SELECT x.revision_id, x.item_id FROM unnest(p_open_charges) AS x
            UNION ALL
            SELECT x.revision_id, x.item_id FROM unnest(p_open_receipts) AS x
        ) AS t ON t.revision_id = p.revision_id
            AND t.item_id = CASE p.side WHEN 'charge' THEN p.transaction_id ELSE p.charge_id END
        LEFT JOIN unnest(p_rejected) AS n ON n.revision_id = p.revision_id AND n.charge_id = p.charge_id
            AND n.transaction_id = p.transaction_id
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
    ), ranked AS (
        -- What is covered already is worth naming only when nothing open comes about as near.
        SELECT s.*, z.score,
            row_number() OVER (PARTITION BY s.side, (s.c).revision_id,
                    CASE s.side WHEN 'charge' THEN (s.c).item_id ELSE (s.r).item_id END
                ORDER BY z.score - CASE WHEN s.is_taken THEN 0.2 ELSE 0 END DESC,
                    CASE s.side WHEN 'charge' THEN (s.r).natural_key ELSE (s.c).natural_key END COLLATE "C") AS rank
        FROM scored AS s
        CROSS JOIN LATERAL (SELECT app.score_of(s.amount_part, s.date_part, s.merchant_part, s.history_part,
            p_policy) AS score) AS z
    )
    SELECT (k.c).revision_id, k.side, (k.c).item_id, (k.r).item_id,
        CASE WHEN k.is_rejected THEN 'rejected'
            WHEN sign((k.c).amount) <> sign((k.r).amount) THEN 'sign'
            WHEN (k.r).day IS NULL OR coalesce((k.c).day, (k.c).other_day) IS NULL THEN 'date_unknown'
            WHEN NOT app.is_in_window(k.c, k.r, p_policy) THEN 'date_window'
            WHEN (k.c).amount <> (k.r).amount THEN 'amount'
            WHEN k.is_taken THEN 'taken'
            ELSE 'date_and_merchant' END,
        false, (k.c).amount - (k.r).amount,
        least(abs((k.r).day - (k.c).day), abs((k.r).day - (k.c).other_day)),
        k.amount_part, k.date_part, k.merchant_part, k.score
    FROM ranked AS k WHERE k.rank = 1;
END;
COMMENT ON FUNCTION app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'The best neighbour of each open row, covered ones included at a handicap, and the first gate between the two that is shut.';

COMMIT;
