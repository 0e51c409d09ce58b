-- What stays open and is in doubt: proposals for people.
-- requires: matching/sums

BEGIN;

CREATE TYPE app.match_miss AS (
    revision_id uuid,
    side text,
    charge_id uuid,
    transaction_id uuid,
    failed_gate text,
    proposal text,
    proposal_id uuid,
    amount_difference numeric(14, 2),
    days_apart integer,
    amount_part numeric,
    date_part numeric,
    merchant_part numeric,
    score numeric
);
COMMENT ON TYPE app.match_miss IS 'The nearest miss of an open row, or what is proposed for it: side tells which of the two is open.';

CREATE OR REPLACE FUNCTION app.propose_knots(
    p_charges app.match_side[], p_receipts app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Rows alike are one class, so that many of them make no more pairs than there are days.
    WITH charges AS (
        SELECT c.revision_id, c.amount, c.merchant_key, c.day, c.other_day, c.is_lodging, c.class_key,
            (array_agg(c ORDER BY c.natural_key COLLATE "C"))[1] AS c, count(*) AS size
        FROM unnest(p_charges) AS c GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), receipts AS (
        SELECT r.revision_id, r.amount, r.merchant_key, r.day, r.is_lodging, r.class_key,
            (array_agg(r ORDER BY r.natural_key COLLATE "C"))[1] AS r, count(*) AS size
        FROM unnest(p_receipts) AS r GROUP BY 1, 2, 3, 4, 5, 6
    ), pairs AS (
        SELECT x.c, y.r, x.size AS charges, y.size AS receipts, app.date_part_of(x.c, y.r, p_policy) AS date_part,
            app.merchant_part_of(x.c, y.r) AS merchant_part
        FROM app.find_kin(p_charges, p_receipts, p_history) AS k
        JOIN charges AS x ON x.revision_id = k.revision_id AND x.amount = k.amount AND x.merchant_key = k.charge_key
        JOIN receipts AS y ON y.revision_id = k.revision_id AND y.amount = k.amount AND y.merchant_key = k.receipt_key
        WHERE app.is_in_window(x.c, y.r, p_policy)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS n WHERE n.revision_id = k.revision_id
                AND n.charge_id = (x.c).item_id AND n.transaction_id = (y.r).item_id)
    ), knots AS (
        SELECT (p.c).revision_id, (p.c).amount, (array_agg((p.r).item_id ORDER BY (p.r).natural_key COLLATE "C"))[1] AS knot_id,
            count(*) = 1 AND max(p.charges) = 1 AND max(p.receipts) = 1 AS is_single
        FROM pairs AS p GROUP BY 1, 2
    ), of_charges AS (
        SELECT DISTINCT ON ((p.c).revision_id, (p.c).item_id) p.* FROM pairs AS p
        ORDER BY (p.c).revision_id, (p.c).item_id, p.date_part DESC, p.merchant_part DESC, (p.r).natural_key COLLATE "C"
    ), of_receipts AS (
        SELECT DISTINCT ON ((p.r).revision_id, (p.r).item_id) p.* FROM pairs AS p
        ORDER BY (p.r).revision_id, (p.r).item_id, p.date_part DESC, p.merchant_part DESC, (p.c).natural_key COLLATE "C"
    ), named AS (
        SELECT 'charge' AS side, o AS c, b.r, b.date_part, b.merchant_part
        FROM unnest(p_charges) AS o
        JOIN of_charges AS b ON (b.c).revision_id = o.revision_id AND (b.c).amount = o.amount
            AND (b.c).merchant_key = o.merchant_key AND (b.c).day IS NOT DISTINCT FROM o.day
            AND (b.c).other_day IS NOT DISTINCT FROM o.other_day AND (b.c).is_lodging = o.is_lodging
            AND (b.c).class_key = o.class_key
        UNION ALL
        SELECT 'receipt', b.c, o, b.date_part, b.merchant_part
        FROM unnest(p_receipts) AS o
        JOIN of_receipts AS b ON (b.r).revision_id = o.revision_id AND (b.r).amount = o.amount
            AND (b.r).merchant_key = o.merchant_key AND (b.r).day = o.day AND (b.r).is_lodging = o.is_lodging
            AND (b.r).class_key = o.class_key
    )
    SELECT (n.c).revision_id, n.side, (n.c).item_id, (n.r).item_id,
        CASE WHEN k.is_single THEN 'date_window' ELSE 'ambiguous' END,
        CASE WHEN k.is_single THEN 'window' ELSE 'knot' END, k.knot_id, 0.00, app.days_apart(n.c, n.r), 1.000,
        n.date_part, n.merchant_part, app.score_of(1, n.date_part, n.merchant_part, 0.5, p_policy)
    FROM named AS n
    JOIN knots AS k ON k.revision_id = (n.c).revision_id AND k.amount = (n.c).amount;
END;
COMMENT ON FUNCTION app.propose_knots(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Open rows of the same amount and of merchants that are the same or alike, within the window, that no assignment could tell apart: one knot for each person and amount. A single pair of like merchants is no knot, only too many days apart.';

CREATE OR REPLACE FUNCTION app.propose_sums(
    p_charges app.match_side[], p_receipts app.match_side[], p_sums app.sum_found[], p_kinds text[],
    p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH sums AS (
        SELECT s.*, row_number() OVER (ORDER BY s.revision_id, s.days, cardinality(s.part_ids), s.whole_key COLLATE "C",
            s.whole_side, s.part_ids) AS place
        FROM unnest(p_sums) AS s WHERE s.kind = ANY (p_kinds)
    ), members AS (
        SELECT s.place, s.revision_id, m.item_id FROM sums AS s
        CROSS JOIN LATERAL unnest(s.part_ids || s.whole_id) AS m (item_id)
    ), ranked AS (
        -- Of sums that share a row the first counts, and only what is still open.
        SELECT m.place, m.item_id, rank() OVER (PARTITION BY m.revision_id, m.item_id ORDER BY m.place) AS rank,
            o.item_id IS NOT NULL AS is_open
        FROM members AS m
        LEFT JOIN (
            SELECT c.revision_id, c.item_id FROM unnest(p_charges) AS c
            UNION ALL
            SELECT r.revision_id, r.item_id FROM unnest(p_receipts) AS r
        ) AS o ON o.revision_id = m.revision_id AND o.item_id = m.item_id
    ), chosen AS (
        SELECT s.* FROM sums AS s
        WHERE s.place IN (SELECT k.place FROM ranked AS k GROUP BY k.place HAVING max(k.rank) = 1 AND bool_and(k.is_open))
    ), ends AS MATERIALIZED (
        SELECT s.place, s.revision_id, s.kind, s.whole_id, s.whole_side, m.ordinality,
            CASE s.whole_side WHEN 'charge' THEN s.whole_id ELSE m.item_id END AS charge_id,
            CASE s.whole_side WHEN 'charge' THEN m.item_id ELSE s.whole_id END AS transaction_id
        FROM chosen AS s CROSS JOIN LATERAL unnest(s.part_ids) WITH ORDINALITY AS m (item_id, ordinality)
    ), pairs AS (
        SELECT e.kind, e.whole_id, e.whole_side, c, r, row_number() OVER (PARTITION BY e.place ORDER BY abs(CASE e.whole_side
            WHEN 'charge' THEN r.amount ELSE c.amount END) DESC, e.ordinality) AS turn
        FROM ends AS e
        JOIN unnest(p_charges) AS c ON c.revision_id = e.revision_id AND c.item_id = e.charge_id
        JOIN unnest(p_receipts) AS r ON r.revision_id = e.revision_id AND r.item_id = e.transaction_id
    ), scored AS (
        SELECT p.*, app.amount_part_of((p.c).amount, (p.r).amount) AS amount_part,
            app.date_part_of(p.c, p.r, p_policy) AS date_part, app.merchant_part_of(p.c, p.r) AS merchant_part
        FROM pairs AS p
    )
    -- The parts name their whole, the whole its largest part.
    SELECT (p.c).revision_id, v.side, (p.c).item_id, (p.r).item_id, 'amount',
        CASE p.kind WHEN 'net' THEN 'net' ELSE 'sum' END, p.whole_id, (p.c).amount - (p.r).amount,
        app.days_apart(p.c, p.r), p.amount_part, p.date_part, p.merchant_part,
        app.score_of(p.amount_part, p.date_part, p.merchant_part, 0.5, p_policy)
    FROM scored AS p CROSS JOIN (VALUES ('charge'), ('receipt')) AS v (side)
    WHERE v.side <> p.whole_side OR p.turn = 1;
END;
COMMENT ON FUNCTION app.propose_sums(app.match_side[], app.match_side[], app.sum_found[], text[], app.matching_policies) IS 'Sums of these kinds whose rows are all still open, as proposals that name their parts; of sums that share a row the one of fewest days and parts.';

CREATE OR REPLACE FUNCTION app.propose_repeats(
    p_suspects app.match_side[], p_charges app.match_side[], p_rejected app.match_pair[],
    p_history app.match_history[], p_policy app.matching_policies
) RETURNS SETOF app.match_miss
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH pairs AS (
        SELECT c, r, app.date_part_of(c, r, p_policy) AS date_part, app.merchant_part_of(c, r) AS merchant_part
        FROM app.find_kin(p_charges, p_suspects, p_history) AS k
        JOIN unnest(p_charges) AS c ON c.revision_id = k.revision_id AND c.amount = k.amount AND c.merchant_key = k.charge_key
        JOIN unnest(p_suspects) AS r ON r.revision_id = k.revision_id AND r.amount = k.amount AND r.merchant_key = k.receipt_key
        WHERE app.is_in_window(c, r, p_policy)
            AND NOT EXISTS (SELECT FROM unnest(p_rejected) AS x WHERE x.revision_id = c.revision_id
                AND x.charge_id = c.item_id AND x.transaction_id = r.item_id)
    ), ranked AS (
        SELECT p.*, row_number() OVER (PARTITION BY (p.c).revision_id, (p.c).item_id
                ORDER BY p.date_part DESC, (p.r).natural_key COLLATE "C") AS charge_rank,
            row_number() OVER (PARTITION BY (p.r).revision_id, (p.r).item_id
                ORDER BY p.date_part DESC, (p.c).natural_key COLLATE "C") AS receipt_rank
        FROM pairs AS p
    ), mutual AS (
        SELECT k.* FROM ranked AS k WHERE k.charge_rank = 1 AND k.receipt_rank = 1
    )
    SELECT (k.c).revision_id, v.side, (k.c).item_id, (k.r).item_id, 'suspected_repeat', 'repeat', (k.r).item_id, 0.00,
        app.days_apart(k.c, k.r), 1.000, k.date_part, k.merchant_part,
        app.score_of(1, k.date_part, k.merchant_part, 0.5, p_policy)
    FROM mutual AS k CROSS JOIN (VALUES ('charge'), ('receipt')) AS v (side)
    UNION ALL
    SELECT r.revision_id, 'receipt', NULL::uuid, r.item_id, 'suspected_repeat', 'repeat', r.item_id, NULL::numeric, NULL::integer, NULL::numeric, NULL::numeric,
        NULL::numeric, NULL::numeric
    FROM unnest(p_suspects) AS r
    WHERE NOT EXISTS (SELECT FROM mutual AS k WHERE (k.r).revision_id = r.revision_id AND (k.r).item_id = r.item_id);
END;
COMMENT ON FUNCTION app.propose_repeats(app.match_side[], app.match_side[], app.match_pair[], app.match_history[], app.matching_policies) IS 'Every suspected repeat, with an open charge in its window that it could belong to, if it is none.';

COMMIT;
