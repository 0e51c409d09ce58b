-- For every open row for which nothing is proposed its nearest miss, and the gate that failed.
-- requires: matching/misses

BEGIN;

CREATE OR REPLACE FUNCTION app.find_neighbours(
    p_open app.match_side[], p_open_others app.match_side[], p_others app.match_side[]
) RETURNS TABLE (one app.match_side, other app.match_side)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Nearest in four orders: by date among equal amounts, by amount among what is open of one merchant and of all,
    -- and for rows that found nothing there by amount among everything. Each finds at most the one before and
    -- the one after, in one pass over the rows in their order, so the work does not grow with their square.
    WITH equals AS MATERIALIZED (
        SELECT c FROM unnest(p_others) AS c
        WHERE c.is_eligible AND (c.revision_id, c.amount) IN (SELECT o.revision_id, o.amount FROM unnest(p_open) AS o)
    ), lonely AS MATERIALIZED (
        SELECT o FROM unnest(p_open) AS o
        WHERE o.revision_id NOT IN (SELECT c.revision_id FROM unnest(p_open_others) AS c)
            AND (o.revision_id, o.amount) NOT IN (SELECT (e.c).revision_id, (e.c).amount FROM equals AS e)
    ), placed AS (
        SELECT k.lens, CASE k.lens WHEN 1 THEN o.amount::text WHEN 2 THEN o.merchant_key ELSE '' END COLLATE "C" AS lens_key,
            true AS is_open, o AS side
        FROM unnest(p_open) AS o CROSS JOIN generate_series(1, 3) AS k (lens)
        UNION ALL
        SELECT 1, (e.c).amount::text COLLATE "C", false, e.c FROM equals AS e
        UNION ALL
        SELECT k.lens, CASE k.lens WHEN 2 THEN c.merchant_key ELSE '' END COLLATE "C", false, c
        FROM unnest(p_open_others) AS c CROSS JOIN generate_series(2, 3) AS k (lens)
        UNION ALL
        SELECT 4, '' COLLATE "C", true, l.o FROM lonely AS l
        UNION ALL
        SELECT 4, '' COLLATE "C", false, c FROM unnest(p_others) AS c
        WHERE (SELECT EXISTS (SELECT FROM lonely))
            AND c.is_eligible AND c.amount IS NOT NULL AND c.revision_id IN (SELECT (l.o).revision_id FROM lonely AS l)
    ), counted AS (
        SELECT p.*, (p.side).revision_id, count(*) FILTER (WHERE NOT p.is_open) OVER (block
                ORDER BY CASE p.lens WHEN 1 THEN ((p.side).day - date '2000-01-01')::numeric ELSE (p.side).amount END,
                    p.is_open, (p.side).natural_key COLLATE "C" ROWS UNBOUNDED PRECEDING) AS up,
            count(*) FILTER (WHERE NOT p.is_open) OVER block AS size
        FROM placed AS p
        WHERE p.lens_key IS NOT NULL AND (p.lens > 1 OR (p.side).day IS NOT NULL)
        WINDOW block AS (PARTITION BY p.lens, (p.side).revision_id, p.lens_key)
    ), others AS MATERIALIZED (
        SELECT c.lens, c.revision_id, c.lens_key, c.up, c.side FROM counted AS c WHERE NOT c.is_open
    ), sought AS MATERIALIZED (
        SELECT c.lens, c.revision_id, c.lens_key, c.side, unnest(ARRAY[c.up, c.up + 1]) AS up
        FROM counted AS c WHERE c.is_open AND c.size > 0
    )
    SELECT DISTINCT ON ((n.side).item_id, (o.side).item_id) n.side, o.side
    FROM sought AS n
    JOIN others AS o ON o.lens = n.lens AND o.revision_id = n.revision_id AND o.lens_key = n.lens_key AND o.up = n.up
    ORDER BY (n.side).item_id, (o.side).item_id;
END;
COMMENT ON FUNCTION app.find_neighbours(app.match_side[], app.match_side[], app.match_side[]) IS 'For each open row a few of the other side that lie next to it: among equal amounts by date, among what is open, of its merchant and of all, by amount; where there are none, among everything by amount.';

CREATE OR REPLACE FUNCTION app.find_nearest(
    p_lone_charges app.match_side[], p_lone_receipts app.match_side[],
    p_open_charges app.match_side[], p_open_receipts app.match_side[],
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH pairs AS MATERIALIZED (
        SELECT 'charge' AS side, n.one AS c, n.other AS r, (n.other).item_id AS other_id
        FROM app.find_neighbours(p_lone_charges, p_open_receipts, p_receipts) AS n
        UNION ALL
        SELECT 'receipt', n.other, n.one, (n.other).item_id
        FROM app.find_neighbours(p_lone_receipts, p_open_charges, p_charges) AS n
    ), words AS MATERIALIZED (
        -- Worked out once for two names, which meet again and again.
        SELECT x.one, x.other, app.merchant_likeness(x.one, x.other) AS likeness
        FROM (SELECT DISTINCT (p.c).merchant_words AS one, (p.r).merchant_words AS other FROM pairs AS p) AS x
    ), scored AS (
        SELECT p.side, p.c, p.r, t.item_id IS NULL AS is_taken, n.charge_id IS NOT NULL AS is_rejected,
            app.amount_part_of((p.c).amount, (p.r).amount) AS amount_part, app.date_part_of(p.c, p.r, p_policy) AS date_part,
            CASE WHEN (p.c).merchant_key = (p.r).merchant_key THEN 1.000 ELSE coalesce(w.likeness, 0.000) END AS merchant_part,
            coalesce(h.part, 0.500) AS history_part
        FROM pairs AS p
        LEFT JOIN words AS w ON w.one = (p.c).merchant_words AND w.other = (p.r).merchant_words
        LEFT JOIN (
            SELECT x.revision_id, x.item_id FROM unnest(p_open_charges) AS x
            UNION ALL
            SELECT x.revision_id, x.item_id FROM unnest(p_open_receipts) AS x
        ) AS t ON t.revision_id = (p.c).revision_id AND t.item_id = p.other_id
        LEFT JOIN unnest(p_rejected) AS n ON n.revision_id = (p.c).revision_id AND n.charge_id = (p.c).item_id
            AND n.transaction_id = (p.r).item_id
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = (p.c).merchant_key AND h.receipt_merchant_key = (p.r).merchant_key
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
        NULL::text, NULL::uuid, (k.c).amount - (k.r).amount,
        least(abs((k.r).day - (k.c).day), abs((k.r).day - (k.c).other_day)),
        k.amount_part, k.date_part, k.merchant_part, k.score
    FROM ranked AS k WHERE k.rank = 1;
END;
COMMENT ON FUNCTION app.find_nearest(app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'The best neighbour of each open row for which nothing is proposed, covered ones included at a handicap, and the first gate between the two that is shut.';

COMMIT;
