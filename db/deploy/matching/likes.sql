-- Merchants that are alike but not the same, and receipts handed in twice under two ids.
-- requires: matching/series

BEGIN;

CREATE TYPE app.match_kin AS (
    revision_id uuid,
    amount numeric(14, 2),
    charge_key text COLLATE "C",
    receipt_key text COLLATE "C"
);
COMMENT ON TYPE app.match_kin IS 'Two merchant keys, one of a charge and one of a receipt, that may be one merchant.';

CREATE OR REPLACE FUNCTION app.find_kin(p_charges app.match_side[], p_receipts app.match_side[], p_history app.match_history[])
RETURNS SETOF app.match_kin
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH charges AS (
        SELECT DISTINCT c.revision_id, c.amount, c.merchant_key, c.merchant_words
        FROM unnest(p_charges) AS c WHERE c.merchant_key IS NOT NULL
    ), receipts AS (
        SELECT DISTINCT r.revision_id, r.amount, r.merchant_key, r.merchant_words
        FROM unnest(p_receipts) AS r WHERE r.merchant_key IS NOT NULL
    ), pairs AS MATERIALIZED (
        SELECT c.revision_id, c.amount, c.merchant_key AS charge_key, r.merchant_key AS receipt_key,
            c.merchant_words AS one, r.merchant_words AS other
        FROM charges AS c
        JOIN receipts AS r ON r.revision_id = c.revision_id AND r.amount = c.amount
    ), words AS MATERIALIZED (
        -- Worked out once for two names, which meet again and again.
        SELECT x.one, x.other, app.merchant_likeness(x.one, x.other) AS likeness
        FROM (SELECT DISTINCT p.one, p.other FROM pairs AS p WHERE p.charge_key <> p.receipt_key) AS x
    )
    SELECT p.revision_id, p.amount, p.charge_key, p.receipt_key
    FROM pairs AS p
    LEFT JOIN words AS w ON w.one = p.one AND w.other = p.other
    LEFT JOIN unnest(p_history) AS h ON h.charge_merchant_key = p.charge_key AND h.receipt_merchant_key = p.receipt_key
    WHERE p.charge_key = p.receipt_key OR h.part > 0.6 OR (coalesce(h.part, 0.5) >= 0.4 AND w.likeness >= 0.6);
END;
COMMENT ON FUNCTION app.find_kin(app.match_side[], app.match_side[], app.match_history[]) IS 'For each amount of a person the merchants of its charges and receipts that are the same, alike by their words (0.6 and more), or taken for one by what people confirmed; not those that people mostly rejected.';

CREATE OR REPLACE FUNCTION app.find_suspects(
    p_charges app.match_side[], p_receipts app.match_side[], p_history app.match_history[]
) RETURNS SETOF app.match_pair
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH alike AS (
        SELECT r.revision_id, r.amount, r.day, coalesce(r.merchant_key, '') AS merchant_key
        FROM unnest(p_receipts) AS r WHERE r.day IS NOT NULL
        GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
    ), numbered AS (
        SELECT r, row_number() OVER (PARTITION BY r.revision_id, r.amount, r.day, coalesce(r.merchant_key, '')
            ORDER BY r.natural_key COLLATE "C") AS turn
        FROM unnest(p_receipts) AS r
        JOIN alike AS a ON a.revision_id = r.revision_id AND a.amount = r.amount AND a.day = r.day
            AND a.merchant_key = coalesce(r.merchant_key, '')
    ), crowd AS (
        SELECT c FROM unnest(p_charges) AS c
        WHERE (c.revision_id, c.amount) IN (SELECT a.revision_id, a.amount FROM alike AS a)
    ), kin AS (
        SELECT k.* FROM app.find_kin(ARRAY(SELECT x.c FROM crowd AS x), ARRAY(SELECT n.r FROM numbered AS n), p_history) AS k
    ), charged AS (
        SELECT a.revision_id, a.amount, a.day, a.merchant_key, count(*) AS charges
        FROM alike AS a
        JOIN crowd AS x ON (x.c).revision_id = a.revision_id AND (x.c).amount = a.amount
            AND ((x.c).day = a.day OR (x.c).other_day = a.day)
        WHERE a.merchant_key = '' OR EXISTS (
            SELECT FROM kin AS k WHERE k.revision_id = a.revision_id AND k.amount = a.amount
                AND k.charge_key = (x.c).merchant_key AND k.receipt_key = a.merchant_key)
        GROUP BY 1, 2, 3, 4
    )
    SELECT (n.r).revision_id, NULL::uuid, (n.r).item_id
    FROM numbered AS n
    LEFT JOIN charged AS g ON g.revision_id = (n.r).revision_id AND g.amount = (n.r).amount AND g.day = (n.r).day
        AND g.merchant_key = coalesce((n.r).merchant_key, '')
    WHERE n.turn > greatest(coalesce(g.charges, 0), 1);
END;
COMMENT ON FUNCTION app.find_suspects(app.match_side[], app.match_side[], app.match_history[]) IS 'Receipts alike in amount, date and merchant beyond the number of charges of that amount and merchant posted or purchased on that date; the first of them, by their keys, is none. They may be handed in twice under two ids.';

CREATE OR REPLACE FUNCTION app.join_likes(p_charges app.match_side[], p_receipts app.match_side[], p_history app.match_history[])
RETURNS SETOF app.match_side
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- One merchant of a charge that is alike to one merchant of a receipt and to no other: nothing rivals.
    WITH kin AS (
        SELECT k.*, count(*) OVER (PARTITION BY k.revision_id, k.amount, k.charge_key) AS of_charge,
            count(*) OVER (PARTITION BY k.revision_id, k.amount, k.receipt_key) AS of_receipt
        FROM app.find_kin(p_charges, p_receipts, p_history) AS k
    )
    SELECT r.revision_id, r.item_id, r.natural_key, r.amount, r.day, r.other_day, r.merchant_key, r.merchant_words,
        k.charge_key, r.is_lodging, r.is_meal, r.is_eligible, r.class_key, r.is_repeat
    FROM unnest(p_receipts) AS r
    JOIN kin AS k ON k.revision_id = r.revision_id AND k.amount = r.amount AND k.receipt_key = r.merchant_key
    WHERE k.of_charge = 1 AND k.of_receipt = 1 AND k.charge_key <> k.receipt_key;
END;
COMMENT ON FUNCTION app.join_likes(app.match_side[], app.match_side[], app.match_history[]) IS 'Receipts whose merchant is alike to that of charges of the same amount and person, one to one, as part of the series of these charges.';

CREATE OR REPLACE FUNCTION app.find_contested(
    p_edges app.match_edge[], p_charges app.match_side[], p_receipts app.match_side[],
    p_open_charges app.match_side[], p_open_receipts app.match_side[], p_history app.match_history[]
) RETURNS SETOF app.match_pair
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- A pair off the dates has a rival in what is left when that is alike and on the very date.
    WITH rivals AS MATERIALIZED (
        SELECT o.revision_id, o.amount FROM unnest(p_open_charges) AS o
        UNION
        SELECT o.revision_id, o.amount FROM unnest(p_open_receipts) AS o
    ), loose AS MATERIALIZED (
        SELECT e.revision_id, c, r
        FROM unnest(p_edges) AS e
        JOIN unnest(p_charges) AS c ON c.revision_id = e.revision_id AND c.item_id = e.charge_id
        JOIN unnest(p_receipts) AS r ON r.revision_id = e.revision_id AND r.item_id = e.transaction_id
        WHERE e.pass = 'exact' AND e.date_part < 0.9
            AND (e.revision_id, e.amount) IN (SELECT x.revision_id, x.amount FROM rivals AS x)
    ), kin AS (
        SELECT k.* FROM app.find_kin(ARRAY(SELECT l.c FROM loose AS l) || p_open_charges,
            ARRAY(SELECT l.r FROM loose AS l) || p_open_receipts, p_history) AS k
        WHERE (SELECT EXISTS (SELECT FROM loose))
    )
    SELECT l.revision_id, (l.c).item_id, (l.r).item_id
    FROM loose AS l
    JOIN unnest(p_open_receipts) AS o ON o.revision_id = l.revision_id AND o.amount = (l.r).amount
    JOIN kin AS k ON k.revision_id = o.revision_id AND k.amount = o.amount AND k.charge_key = (l.c).merchant_key
        AND k.receipt_key = o.merchant_key
    WHERE o.day IN ((l.c).day, (l.c).other_day)
    UNION
    SELECT l.revision_id, (l.c).item_id, (l.r).item_id
    FROM loose AS l
    JOIN unnest(p_open_charges) AS o ON o.revision_id = l.revision_id AND o.amount = (l.c).amount
    JOIN kin AS k ON k.revision_id = o.revision_id AND k.amount = o.amount AND k.charge_key = o.merchant_key
        AND k.receipt_key = (l.r).merchant_key
    WHERE (l.r).day IN (o.day, o.other_day);
END;
COMMENT ON FUNCTION app.find_contested(app.match_edge[], app.match_side[], app.match_side[], app.match_side[], app.match_side[], app.match_history[]) IS 'Exact matches on neither date of the charge, of which one side could as well meet an open row of a like merchant on its very date: they do not stand.';

COMMIT;
