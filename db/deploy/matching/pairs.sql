-- Open pairs that are in doubt: amounts that differ by little, dates too far apart, merchants with nothing in common.
-- requires: matching/misses

BEGIN;

CREATE OR REPLACE FUNCTION app.are_swapped(p_one numeric, p_other numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT count(*) FILTER (WHERE x.a IS DISTINCT FROM x.b) = 2
    FROM unnest(string_to_array(p_one::text, NULL), string_to_array(p_other::text, NULL)) AS x (a, b)
    WHERE length(p_one::text) = length(p_other::text);
END;
COMMENT ON FUNCTION app.are_swapped(numeric, numeric) IS 'For two amounts of the same digits: true when exactly two of them stand in each other''s place; their difference is a multiple of 0.09.';

CREATE OR REPLACE FUNCTION app.digits_of(p_cents bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (1::bigint << (p_cents % 10)::integer * 4) + (1::bigint << (p_cents / 10 % 10)::integer * 4)
        + (1::bigint << (p_cents / 100 % 10)::integer * 4)
        + CASE WHEN p_cents >= 1000 THEN 1::bigint << (p_cents / 1000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 10000 THEN 1::bigint << (p_cents / 10000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 100000 THEN 1::bigint << (p_cents / 100000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 1000000 THEN 1::bigint << (p_cents / 1000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 10000000 THEN 1::bigint << (p_cents / 10000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 100000000 THEN 1::bigint << (p_cents / 100000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 1000000000 THEN 1::bigint << (p_cents / 1000000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 10000000000 THEN 1::bigint << (p_cents / 10000000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 100000000000 THEN 1::bigint << (p_cents / 100000000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 1000000000000 THEN 1::bigint << (p_cents / 1000000000000 % 10)::integer * 4 ELSE 0 END
        + CASE WHEN p_cents >= 10000000000000 THEN 1::bigint << (p_cents / 10000000000000 % 10)::integer * 4 ELSE 0 END;
END;
COMMENT ON FUNCTION app.digits_of(bigint) IS 'How often each digit stands in an amount in cents, four bits for each: equal exactly when two amounts have the same digits in any order. An amount below a dollar has one zero before its point.';

CREATE OR REPLACE FUNCTION app.propose_pairs(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Amounts that differ by at most one width lie in one bucket or the next; those of shares in buckets of
    -- their logarithm. Twins meet rank by rank, which keeps k and l rows alike from making k times l pairs. The buckets
    -- of a charge are rows before they are joined: else all rows of a person would meet.
    WITH charges AS MATERIALIZED (
        SELECT c.side AS c, c.is_meal, c.revision_id, c.amount, floor(c.amount / (p_policy).near_amount) AS bucket,
            CASE WHEN c.amount > 0 THEN floor(ln(c.amount) / ln(1 + (p_policy).tip_share)) END AS tip_bucket,
            floor(ln(abs(c.amount)) / ln(1 + (p_policy).conversion_share)) AS share_bucket,
            app.digits_of(c.cents) AS digits,
            row_number() OVER (
                PARTITION BY c.revision_id, c.amount, c.merchant_key, c.day, c.other_day, c.is_lodging, c.class_key
                ORDER BY c.natural_key COLLATE "C") AS twin
        FROM (
            SELECT o AS side, o.*, (abs(o.amount) * 100)::bigint AS cents FROM unnest(p_charges) AS o WHERE o.amount <> 0 OFFSET 0
        ) AS c
    ), receipts AS MATERIALIZED (
        SELECT r.side AS r, r.is_meal, r.revision_id, r.amount, floor(r.amount / (p_policy).near_amount) AS bucket,
            CASE WHEN r.amount > 0 THEN floor(ln(r.amount) / ln(1 + (p_policy).tip_share)) END AS tip_bucket,
            floor(ln(abs(r.amount)) / ln(1 + (p_policy).conversion_share)) AS share_bucket,
            app.digits_of(r.cents) AS digits,
            row_number() OVER (
                PARTITION BY r.revision_id, r.amount, r.merchant_key, r.day, r.is_lodging, r.class_key
                ORDER BY r.natural_key COLLATE "C") AS twin
        FROM (
            SELECT o AS side, o.*, (abs(o.amount) * 100)::bigint AS cents FROM unnest(p_receipts) AS o WHERE o.amount <> 0 OFFSET 0
        ) AS r
    ), nears AS MATERIALIZED (
        SELECT x.c, x.revision_id, x.amount, x.twin, unnest(ARRAY[x.bucket - 1, x.bucket, x.bucket + 1]) AS bucket
        FROM charges AS x
    ), tips AS MATERIALIZED (
        SELECT x.c, x.is_meal, x.revision_id, x.amount, x.twin, unnest(ARRAY[x.tip_bucket - 1, x.tip_bucket]) AS bucket
        FROM charges AS x
    ), shares AS MATERIALIZED (
        SELECT x.c, x.revision_id, x.amount, x.twin,
            unnest(ARRAY[x.share_bucket - 1, x.share_bucket, x.share_bucket + 1]) AS bucket
        FROM charges AS x
    ), kinds AS MATERIALIZED (
        -- The smaller the rank, the more a kind says.
        SELECT x.c, y.r, 'near' AS proposal, 1 AS rank
        FROM nears AS x
        JOIN receipts AS y ON y.revision_id = x.revision_id AND y.twin = x.twin AND y.bucket = x.bucket
        WHERE abs(x.amount - y.amount) <= (p_policy).near_amount AND x.amount <> y.amount
            AND app.is_in_window(x.c, y.r, p_policy)
        UNION ALL
        SELECT x.c, y.r, 'digits', 1
        FROM charges AS x
        JOIN receipts AS y ON y.revision_id = x.revision_id AND y.twin = x.twin AND y.digits = x.digits
        WHERE x.amount <> y.amount AND app.is_in_window(x.c, y.r, p_policy) AND app.are_swapped(x.amount, y.amount)
        UNION ALL
        SELECT x.c, y.r, 'tip', 1
        FROM tips AS x
        JOIN receipts AS y ON y.revision_id = x.revision_id AND y.twin = x.twin AND y.tip_bucket = x.bucket
        WHERE (x.is_meal OR y.is_meal) AND x.amount > y.amount AND x.amount <= y.amount * (1 + (p_policy).tip_share)
            AND app.is_in_window(x.c, y.r, p_policy)
        UNION ALL
        SELECT x.c, y.r, CASE w.is_in_window WHEN true THEN 'weak' ELSE 'window' END,
            CASE w.is_in_window WHEN true THEN 3 ELSE 2 END
        FROM charges AS x
        JOIN receipts AS y ON y.revision_id = x.revision_id AND y.twin = x.twin AND y.amount = x.amount
        CROSS JOIN LATERAL (SELECT app.is_in_window(x.c, y.r, p_policy) AS is_in_window) AS w
        UNION ALL
        SELECT x.c, y.r, 'conversion', 4
        FROM shares AS x
        JOIN receipts AS y ON y.revision_id = x.revision_id AND y.twin = x.twin AND y.share_bucket = x.bucket
        WHERE x.amount <> y.amount
            AND abs(x.amount - y.amount) <= (p_policy).conversion_share * greatest(abs(x.amount), abs(y.amount))
            AND app.days_apart(x.c, y.r) <= (p_policy).like_days
    ), words AS MATERIALIZED (
        -- Worked out once for two names, which meet again and again.
        SELECT x.one, x.other, app.merchant_likeness(x.one, x.other) AS likeness
        FROM (SELECT DISTINCT (n.c).merchant_words AS one, (n.r).merchant_words AS other FROM kinds AS n) AS x
    ), judged AS MATERIALIZED (
        SELECT n.*, app.amount_part_of((n.c).amount, (n.r).amount) AS amount_part,
            app.date_part_of(n.c, n.r, p_policy) AS date_part, m.merchant_part, coalesce(h.part, 0.500) AS history_part,
            m.merchant_part >= 0.6 OR coalesce(h.part, 0.500) > 0.6 AS is_kin,
            coalesce((n.r).day = (n.c).day OR (n.r).day = (n.c).other_day, false) AS is_of_day
        FROM kinds AS n
        LEFT JOIN words AS w ON w.one = (n.c).merchant_words AND w.other = (n.r).merchant_words
        CROSS JOIN LATERAL (SELECT CASE WHEN (n.c).merchant_key = (n.r).merchant_key THEN 1.000
            ELSE coalesce(w.likeness, 0.000) END AS merchant_part) AS m
        LEFT JOIN unnest(p_history) AS h ON h.charge_merchant_key = (n.c).merchant_key
            AND h.receipt_merchant_key = (n.r).merchant_key
        WHERE sign((n.c).amount) = sign((n.r).amount)
    ), allowed AS (
        SELECT j.*, j.rank + CASE WHEN j.is_kin THEN 0 ELSE 2 END AS order_rank,
            app.score_of(j.amount_part, j.date_part, j.merchant_part, j.history_part, p_policy) AS score
        FROM judged AS j
        WHERE CASE j.proposal
                WHEN 'near' THEN j.is_kin OR j.is_of_day
                WHEN 'tip' THEN j.is_kin OR j.is_of_day
                WHEN 'window' THEN j.is_kin AND app.days_apart(j.c, j.r) <= (p_policy).far_days
                    + CASE WHEN (j.c).is_lodging OR (j.r).is_lodging THEN greatest((p_policy).lodging_days_before,
                        (p_policy).lodging_days_after) ELSE greatest((p_policy).days_before, (p_policy).days_after) END
                WHEN 'weak' THEN j.is_of_day AND NOT j.is_kin
                ELSE j.is_kin END
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS x WHERE x.revision_id = (j.c).revision_id
                AND x.charge_id = (j.c).item_id AND x.transaction_id = (j.r).item_id)
    ), ranked AS (
        SELECT s.*,
            row_number() OVER (PARTITION BY (s.c).revision_id, (s.c).item_id
                ORDER BY s.order_rank, s.score DESC, (s.r).natural_key COLLATE "C", s.proposal) AS charge_rank,
            row_number() OVER (PARTITION BY (s.r).revision_id, (s.r).item_id
                ORDER BY s.order_rank, s.score DESC, (s.c).natural_key COLLATE "C", s.proposal) AS receipt_rank
        FROM allowed AS s
    )
    SELECT (k.c).revision_id, v.side, (k.c).item_id, (k.r).item_id,
        CASE k.proposal WHEN 'window' THEN 'date_window' WHEN 'weak' THEN 'merchant' ELSE 'amount' END,
        k.proposal, (k.r).item_id, (k.c).amount - (k.r).amount, app.days_apart(k.c, k.r),
        k.amount_part, k.date_part, k.merchant_part, k.score
    FROM ranked AS k CROSS JOIN (VALUES ('charge'), ('receipt')) AS v (side)
    WHERE k.charge_rank = 1 AND k.receipt_rank = 1;
END;
COMMENT ON FUNCTION app.propose_pairs(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Open pairs that are best for each other, one row for each side: amounts that differ by little (near), by two digits swapped, by a tip on a meal, by a conversion of currencies; the same amount too many days apart (window), or of that day but with nothing in common in the merchants (weak). Proposals only.';

COMMIT;
