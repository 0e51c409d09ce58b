-- Rows of one person, amount and merchant are assigned to each other as a whole.
-- requires: matching/sides
-- requires: matching/assignment

BEGIN;

CREATE TYPE app.match_crowd AS (
    revision_id uuid,
    amount numeric(14, 2),
    series_key text COLLATE "C"
);
COMMENT ON TYPE app.match_crowd IS 'A series: the rows of one person, amount and merchant.';

CREATE TYPE app.match_habit AS (
    revision_id uuid,
    habit text
);
COMMENT ON TYPE app.match_habit IS 'The date that a person''s receipts follow: posted, purchase, or null where it is not known.';

CREATE OR REPLACE FUNCTION app.find_crowds(p_charges app.match_side[], p_receipts app.match_side[])
RETURNS SETOF app.match_crowd
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.revision_id, c.amount, c.series_key FROM unnest(p_charges) AS c
    WHERE c.series_key IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) > 1
    UNION
    SELECT r.revision_id, r.amount, r.series_key FROM unnest(p_receipts) AS r
    WHERE r.series_key IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) > 1;
END;
COMMENT ON FUNCTION app.find_crowds(app.match_side[], app.match_side[]) IS 'Series of which one side has several rows.';

CREATE OR REPLACE FUNCTION app.find_odd(p_charges app.match_side[], p_receipts app.match_side[])
RETURNS SETOF app.match_crowd
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT x.revision_id, x.amount, x.series_key
    FROM (
        SELECT c.revision_id, c.amount, c.series_key, true AS is_charge FROM unnest(p_charges) AS c
        WHERE c.series_key IS NOT NULL
        UNION ALL
        SELECT r.revision_id, r.amount, r.series_key, NULL FROM unnest(p_receipts) AS r
        WHERE r.series_key IS NOT NULL
    ) AS x
    GROUP BY 1, 2, 3 HAVING count(x.is_charge) <> 1 OR count(*) <> 2;
END;
COMMENT ON FUNCTION app.find_odd(app.match_side[], app.match_side[]) IS 'Series that are not one charge and one receipt.';

CREATE OR REPLACE FUNCTION app.match_singles(
    p_charges app.match_side[], p_receipts app.match_side[], p_crowds app.match_crowd[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies, p_pass text
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH pairs AS (
        SELECT c.revision_id, c.item_id AS charge_id, r.item_id AS transaction_id, c.amount,
            app.date_part_of(c, r, p_policy) AS date_part, coalesce(h.part, 0.500) AS history_part,
            CASE p_pass WHEN 'like' THEN app.merchant_part_of(c, r) ELSE 1.000 END AS merchant_part,
            app.is_in_window(c, r, p_policy) AND n.charge_id IS NULL
                AND (p_pass <> 'like' OR app.days_apart(c, r) <= (p_policy).like_days) AS is_match
        FROM unnest(p_charges) AS c
        JOIN unnest(p_receipts) AS r
            ON r.revision_id = c.revision_id AND r.amount = c.amount AND r.series_key = c.series_key
        LEFT JOIN unnest(p_history) AS h
            ON h.charge_merchant_key = c.merchant_key AND h.receipt_merchant_key = r.merchant_key
        LEFT JOIN unnest(p_rejected) AS n
            ON n.revision_id = c.revision_id AND n.charge_id = c.item_id AND n.transaction_id = r.item_id
        WHERE NOT EXISTS (SELECT FROM unnest(p_crowds) AS k WHERE k.revision_id = c.revision_id
                AND k.amount = c.amount AND k.series_key = c.series_key)
    )
    SELECT p.revision_id, p.charge_id, p.transaction_id, p.amount, 0.00, w.pass, w.pass, NULL::bigint,
        (p_policy).policy_version, 1.000, p.date_part, p.merchant_part, p.history_part,
        app.score_of(1, p.date_part, p.merchant_part, p.history_part, p_policy), NULL::uuid, NULL::uuid, NULL::numeric
    FROM pairs AS p
    CROSS JOIN LATERAL (SELECT CASE WHEN NOT p.is_match THEN NULL
        WHEN p_pass = 'exact' AND p.date_part = 1 THEN 'identical' ELSE p_pass END) AS w (pass);
END;
COMMENT ON FUNCTION app.match_singles(app.match_side[], app.match_side[], app.match_crowd[], app.match_pair[], app.match_history[], app.matching_policies, text) IS 'Series of one charge and one receipt: a match when the receipt is in the window and nobody rejected the pair, else a pair without pass. On the posted date an exact match is called identical. p_crowds are series to leave out.';

CREATE OR REPLACE FUNCTION app.learn_habits(
    p_charges app.match_side[], p_edges app.match_edge[], p_crowds app.match_crowd[], p_policy app.matching_policies
) RETURNS SETOF app.match_habit
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Only rows posted on another day than purchased can tell, and only for people who have a series.
    SELECT v.revision_id, CASE WHEN v.posted >= (p_policy).habit_votes AND v.posted * 10 >= v.votes * 9 THEN 'posted'
        WHEN v.purchased >= (p_policy).habit_votes AND v.purchased * 10 >= v.votes * 9 THEN 'purchase' END
    FROM (
        -- The part of the date says which one it is, see app.date_part_of.
        SELECT c.revision_id, count(*) AS votes, count(*) FILTER (WHERE e.date_part = 1) AS posted,
            count(*) FILTER (WHERE e.date_part = 0.9) AS purchased
        FROM unnest(p_edges) AS e
        JOIN unnest(p_charges) AS c ON c.revision_id = e.revision_id AND c.item_id = e.charge_id
        WHERE c.day <> c.other_day AND e.revision_id IN (SELECT k.revision_id FROM unnest(p_crowds) AS k)
        GROUP BY c.revision_id
    ) AS v;
END;
COMMENT ON FUNCTION app.learn_habits(app.match_side[], app.match_edge[], app.match_crowd[], app.matching_policies) IS 'For each person with a series the date that the receipts of the single matches follow, posted or purchase: so many votes as the policy asks for and nine of ten; else null.';

CREATE OR REPLACE FUNCTION app.match_series(
    p_charges app.match_side[], p_receipts app.match_side[], p_habits app.match_habit[], p_crowds app.match_crowd[],
    p_rejected app.match_pair[], p_history app.match_history[], p_policy app.matching_policies, p_pass text
) RETURNS SETOF app.match_edge
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH charges AS (
        SELECT c, row_number() OVER (PARTITION BY c.revision_id, c.amount, c.series_key ORDER BY coalesce(c.day, c.other_day),
            coalesce(c.other_day, c.day), c.class_key = '', c.natural_key COLLATE "C") AS n
        FROM unnest(p_charges) AS c
        JOIN unnest(p_crowds) AS k
            ON k.revision_id = c.revision_id AND k.amount = c.amount AND k.series_key = c.series_key
        WHERE coalesce(c.day, c.other_day) IS NOT NULL
    ), receipts AS (
        SELECT r, row_number() OVER (PARTITION BY r.revision_id, r.amount, r.series_key
            ORDER BY r.day, r.class_key <> '', r.natural_key COLLATE "C") AS n
        FROM unnest(p_receipts) AS r
        JOIN unnest(p_crowds) AS k
            ON k.revision_id = r.revision_id AND k.amount = r.amount AND k.series_key = r.series_key
        WHERE r.day IS NOT NULL
    ), charge_groups AS (
        SELECT (x.c).revision_id, (x.c).amount, (x.c).series_key, count(*) AS size,
            array_agg(coalesce((x.c).day, (x.c).other_day) - date '2000-01-01' ORDER BY x.n) AS posted,
            array_agg(coalesce((x.c).other_day, (x.c).day) - date '2000-01-01' ORDER BY x.n) AS purchased
        FROM charges AS x GROUP BY 1, 2, 3
    ), receipt_groups AS (
        SELECT (y.r).revision_id, (y.r).amount, (y.r).series_key, count(*) AS size,
            array_agg((y.r).day - date '2000-01-01' ORDER BY y.n) AS days
        FROM receipts AS y GROUP BY 1, 2, 3
    ), may AS MATERIALIZED (
        SELECT (x.c).revision_id, (x.c).amount, (x.c).series_key, array_agg(CASE
            WHEN app.is_in_window(x.c, y.r, p_policy) AND NOT EXISTS (
                SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = (x.c).revision_id
                    AND n.charge_id = (x.c).item_id AND n.transaction_id = (y.r).item_id)
            THEN 1 ELSE 0 END ORDER BY x.n, y.n) AS pairs
        FROM charge_groups AS g
        JOIN receipt_groups AS h
            ON h.revision_id = g.revision_id AND h.amount = g.amount AND h.series_key = g.series_key
        JOIN charges AS x
            ON (x.c).revision_id = g.revision_id AND (x.c).amount = g.amount AND (x.c).series_key = g.series_key
        JOIN receipts AS y
            ON (y.r).revision_id = g.revision_id AND (y.r).amount = g.amount AND (y.r).series_key = g.series_key
        WHERE g.size * h.size <= 40000
        GROUP BY 1, 2, 3
    ), answers AS MATERIALIZED (
        -- Once for each series, whatever the planner makes of what follows.
        SELECT g.revision_id, g.amount, g.series_key,
            app.assign_series(g.posted, g.purchased, h.days, m.pairs, b.habit, (p_policy).clear_days) AS charges
        FROM charge_groups AS g
        JOIN receipt_groups AS h
            ON h.revision_id = g.revision_id AND h.amount = g.amount AND h.series_key = g.series_key
        LEFT JOIN may AS m
            ON m.revision_id = g.revision_id AND m.amount = g.amount AND m.series_key = g.series_key
        LEFT JOIN unnest(p_habits) AS b
            ON b.revision_id = g.revision_id
    ), assigned AS (
        SELECT n.revision_id, n.amount, n.series_key, a.charge, a.receipt
        FROM answers AS n CROSS JOIN LATERAL unnest(n.charges) WITH ORDINALITY AS a (charge, receipt)
        WHERE a.charge > 0
    ), pairs AS (
        SELECT x.c, y.r, app.date_part_of(x.c, y.r, p_policy) AS date_part, coalesce(k.part, 0.500) AS history_part,
            CASE p_pass WHEN 'like' THEN app.merchant_part_of(x.c, y.r) ELSE 1.000 END AS merchant_part
        FROM assigned AS a
        JOIN charges AS x ON (x.c).revision_id = a.revision_id AND (x.c).amount = a.amount
            AND (x.c).series_key = a.series_key AND x.n = a.charge
        JOIN receipts AS y ON (y.r).revision_id = a.revision_id AND (y.r).amount = a.amount
            AND (y.r).series_key = a.series_key AND y.n = a.receipt
        LEFT JOIN unnest(p_history) AS k
            ON k.charge_merchant_key = (x.c).merchant_key AND k.receipt_merchant_key = (y.r).merchant_key
        WHERE (p_pass <> 'like' OR app.days_apart(x.c, y.r) <= (p_policy).like_days)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = a.revision_id
                AND n.charge_id = (x.c).item_id AND n.transaction_id = (y.r).item_id)
    ), next_best AS (
        -- The same receipt with the next charge of the series that is not alike.
        SELECT DISTINCT ON ((p.r).revision_id, (p.r).item_id) (p.r).revision_id, (p.r).item_id, (x.c).item_id AS charge_id,
            app.score_of(1, app.date_part_of(x.c, p.r, p_policy), p.merchant_part, p.history_part, p_policy) AS score
        FROM pairs AS p
        JOIN charges AS x ON (x.c).revision_id = (p.c).revision_id AND (x.c).amount = (p.c).amount
            AND (x.c).series_key = (p.c).series_key
        WHERE ROW((x.c).day, (x.c).other_day) IS DISTINCT FROM ROW((p.c).day, (p.c).other_day)
            AND app.is_in_window(x.c, p.r, p_policy)
        ORDER BY (p.r).revision_id, (p.r).item_id, app.date_part_of(x.c, p.r, p_policy) DESC,
            (x.c).natural_key COLLATE "C"
    )
    SELECT (p.c).revision_id, (p.c).item_id, (p.r).item_id, (p.c).amount, 0.00, w.pass, w.pass, NULL::bigint,
        (p_policy).policy_version, 1.000, p.date_part, p.merchant_part, p.history_part,
        app.score_of(1, p.date_part, p.merchant_part, p.history_part, p_policy), b.charge_id,
        CASE WHEN b.charge_id IS NOT NULL THEN (p.r).item_id END, b.score
    FROM pairs AS p
    CROSS JOIN LATERAL (SELECT CASE WHEN p_pass = 'exact' AND p.date_part = 1 THEN 'identical' ELSE p_pass END) AS w (pass)
    LEFT JOIN next_best AS b ON b.revision_id = (p.r).revision_id AND b.item_id = (p.r).item_id;
END;
COMMENT ON FUNCTION app.match_series(app.match_side[], app.match_side[], app.match_habit[], app.match_crowd[], app.match_pair[], app.match_history[], app.matching_policies, text) IS 'Series with several charges or receipts, assigned as a whole, see app.assign_series; the runner-up is the next charge of the series.';

COMMIT;
