-- What the program used before must have stored, worked out from the month: the finders of the known deviations.
-- requires: migration/sides
-- requires: migration/deviations
--
-- Each is called with both sides and tells values it foresees. A difference is explained by the value alone: one that is
-- another by a cent is not. What the two sides are asked for beyond that only narrows what is told.

BEGIN;

CREATE TYPE app.foreseen AS (
    deviation_code text,
    source_key text,
    transaction_id uuid,
    field text,
    value text,
    amount numeric,
    part text
);
COMMENT ON TYPE app.foreseen IS 'What an old file must say if a known deviation came up: of a person, or of a receipt (transaction_id), the field (entry: null when it is missing) and its value; dollars that this makes the total differ, and the card it is about.';

CREATE OR REPLACE FUNCTION app.card_total_parts(
    p_cards app.compared_card[], p_people app.compared_person[], p_models integer[]
) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH wanted AS MATERIALIZED (
        SELECT p.source_key, p.car_total FROM unnest(p_people) AS p
    ), cards AS MATERIALIZED (
        SELECT c.* FROM unnest(p_cards) AS c
    ), models AS MATERIALIZED (
        SELECT m.model, length(replace((m.model::bit(7))::text, '0', '')) AS left_out FROM unnest(p_models) AS m (model)
    ), read AS (
        SELECT m.model, m.left_out, c.*, CASE WHEN m.model & 64 = 0 THEN c.holder_key ELSE c.source_key END AS taker,
            m.model & 64 = 0 AND NOT c.is_seen AS is_odd,
            CASE WHEN c.total_lines = 0 AND m.model & 16 = 0 THEN 'no_total_line'
                WHEN c.is_masked AND m.model & 4 = 0 THEN 'masked_card'
                WHEN coalesce(c.printed_gross, c.gross) < 0 AND m.model & 8 = 0 THEN 'negative_total' END AS unread_by,
            c.total_lines > 0 AND c.printed_gross <> c.gross AND m.model & 32 = 0 AS is_misprint,
            CASE WHEN m.model & 1 = 0 THEN c.gross ELSE coalesce(c.net, c.gross) END
                + CASE WHEN c.total_lines > 0 AND m.model & 32 = 0 THEN c.printed_gross - c.gross ELSE 0 END AS value
        FROM cards AS c CROSS JOIN models AS m
        WHERE c.total_lines IS NOT NULL AND c.is_masked IS NOT NULL
    ), counted AS (
        SELECT r.*, r.unread_by IS NULL AND r.taker IS NOT NULL AND (r.model & 2 <> 0 OR r.place
            = max(r.place) FILTER (WHERE r.unread_by IS NULL) OVER (PARTITION BY r.model, r.taker)) AS is_counted
        FROM read AS r
    ), hits AS MATERIALIZED (
        SELECT w.source_key, w.car_total AS value, t.model, t.left_out
        FROM wanted AS w
        JOIN (
            SELECT c.model, c.left_out, k.source_key,
                coalesce(sum(c.value) FILTER (WHERE c.is_counted AND c.taker = k.source_key), 0) AS value
            FROM counted AS c CROSS JOIN LATERAL (
                SELECT c.source_key UNION SELECT c.taker WHERE c.taker IS NOT NULL
            ) AS k (source_key)
            GROUP BY c.model, c.left_out, k.source_key
        ) AS t ON t.source_key = w.source_key AND t.value = w.car_total
    ), unattested AS (
        -- That it is without a deviation is seen by two totals at least: one alone may be wrong by chance.
        SELECT h.model
        FROM hits AS h CROSS JOIN unnest(ARRAY[1, 2, 4, 8, 16, 32, 64]) AS b (bit)
        LEFT JOIN hits AS x ON x.source_key = h.source_key AND x.model = h.model - b.bit
        WHERE h.model & b.bit <> 0
        GROUP BY h.model, b.bit HAVING count(*) - count(x.model) < 2
    ), totals AS (
        -- One program wrote the whole file.
        SELECT h.source_key, h.value, h.model
        FROM hits AS h
        WHERE h.model = (SELECT x.model FROM hits AS x WHERE x.model NOT IN (SELECT u.model FROM unattested AS u)
            GROUP BY x.model, x.left_out ORDER BY count(*) DESC, x.left_out, x.model LIMIT 1)
    ), parts AS (
        SELECT t.source_key, t.value, c.card_number, c.place,
            CASE WHEN c.is_counted AND c.taker = t.source_key THEN c.value ELSE 0 END
                - CASE WHEN c.source_key = t.source_key THEN coalesce(c.net, 0) ELSE 0 END AS amount,
            c.source_key = t.source_key AND c.net IS NULL AS is_unknown,
            CASE WHEN c.source_key <> t.source_key OR c.is_odd THEN 'odd_id'
                WHEN NOT c.is_counted THEN coalesce(c.unread_by, (
                    SELECT CASE WHEN o.source_key <> c.source_key THEN 'odd_id'
                        WHEN o.employee_id <> c.employee_id THEN 'merged_names' ELSE 'last_card' END
                    FROM counted AS o WHERE o.model = c.model AND o.taker = c.taker AND o.is_counted))
                WHEN c.is_misprint THEN 'printed_total' WHEN c.net IS NULL THEN 'no_total_line' ELSE 'gross_not_net' END AS code
        FROM totals AS t
        JOIN counted AS c ON c.model = t.model AND (c.source_key = t.source_key OR (c.taker = t.source_key AND c.is_counted))
    )
    SELECT p.code, p.source_key, NULL::uuid, 'car_total', p.value::text, p.amount, p.card_number
    FROM parts AS p WHERE p.amount <> 0 OR p.is_unknown ORDER BY p.source_key, p.place;
END;
COMMENT ON FUNCTION app.card_total_parts(app.compared_card[], app.compared_person[], integer[]) IS 'Card totals of these people as the old program takes them from total lines, divided exactly over the cards, where the model gives the total that is there; a card whose own total is unknown here is a part, too. Of several models the one counts, for all of them, that gives most totals, of equal ones that which leaves out least; what is left out is seen by two totals at least that are there and would be others with it. Bits of a model are what it leaves out: gross 1, last card 2, masked 4, negative 8, no line 16, printed 32, odd ids 64.';

CREATE OR REPLACE FUNCTION app.foresee_card_totals(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_found app.foreseen[] := ARRAY(SELECT p FROM app.card_total_parts(p_here.cards, p_there.people, ARRAY[0]) AS p);
    v_bits integer;
BEGIN
    -- A program may have been without some of these deviations: where all of them together leave a total open, the whole
    -- file is asked whether less of them, of those that the month gives occasion to, foretell more of it.
    IF EXISTS (
        SELECT FROM pg_catalog.unnest(p_there.people) AS o
        JOIN pg_catalog.unnest(p_here.people) AS n ON n.source_key = o.source_key AND n.car_total <> o.car_total
        WHERE NOT EXISTS (SELECT FROM pg_catalog.unnest(v_found) AS f WHERE f.source_key = o.source_key))
    THEN
        SELECT CASE WHEN pg_catalog.bool_or(c.gross <> c.net) THEN 1 ELSE 0 END
                + CASE WHEN pg_catalog.count(*) > pg_catalog.count(DISTINCT c.holder_key) THEN 2 ELSE 0 END
                + CASE WHEN pg_catalog.bool_or(c.is_masked) THEN 4 ELSE 0 END
                + CASE WHEN pg_catalog.bool_or(c.gross < 0 OR c.printed_gross < 0) THEN 8 ELSE 0 END
                + CASE WHEN pg_catalog.bool_or(c.total_lines = 0) THEN 16 ELSE 0 END
                + CASE WHEN pg_catalog.bool_or(c.printed_gross <> c.gross) THEN 32 ELSE 0 END
                + CASE WHEN pg_catalog.bool_or(NOT c.is_seen) THEN 64 ELSE 0 END
        INTO v_bits FROM pg_catalog.unnest(p_here.cards) AS c;
        v_found := ARRAY(SELECT p FROM app.card_total_parts(p_here.cards, p_there.people, ARRAY(
            SELECT m.model FROM pg_catalog.generate_series(0, 127) AS m (model) WHERE m.model & ~v_bits = 0)) AS p);
    END IF;
    RETURN QUERY SELECT f.* FROM pg_catalog.unnest(v_found) AS f;
END
$$;
COMMENT ON FUNCTION app.foresee_card_totals(app.compared_side, app.compared_side) IS 'Card totals as the old program takes them from total lines: of whole numbers only, gross, not negative, the last of each person seen, with those of people it does not see. A wrong total is divided exactly over the cards. A file that is without some of this altogether is foreseen without it. Without the printed facts nothing is foreseen.';

CREATE OR REPLACE FUNCTION app.foresee_reading(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH receipts AS MATERIALIZED (
        SELECT r.transaction_id, r.source_key, r.page_number, r.receipt_id, r.amount, (r.said).code_type AS code_type,
            r.facts ->> 'printed_name' AS printed_name
        FROM unnest(p_here.receipts) AS r
    ), there AS MATERIALIZED (
        SELECT DISTINCT r.receipt_id FROM unnest(p_there.receipts) AS r
    ), hard AS MATERIALIZED (
        -- Any sign beyond letters A to Z, blanks and dots.
        SELECT min(r.page_number) AS page FROM receipts AS r WHERE r.printed_name COLLATE "C" ~ '[^A-Za-z. ]'
    ), stop AS (
        SELECT 'no_coding_type' AS code, 0 AS page FROM hard AS h
        WHERE NOT EXISTS (SELECT FROM there) AND EXISTS (
            SELECT FROM receipts AS r WHERE r.code_type IS NULL AND (r.page_number < h.page OR h.page IS NULL))
        UNION ALL
        SELECT 'hard_name', h.page FROM hard AS h
        -- Where a receipt of a later page is there, it was read on.
        WHERE NOT EXISTS (
            SELECT FROM receipts AS r JOIN there AS t ON t.receipt_id = r.receipt_id
            WHERE r.page_number >= h.page AND NOT EXISTS (
                SELECT FROM receipts AS b WHERE b.receipt_id = r.receipt_id AND b.page_number < h.page))
        ORDER BY 2 LIMIT 1
    )
    SELECT s.code, r.source_key, r.transaction_id, 'entry', NULL, -coalesce(r.amount, 0), NULL
    FROM stop AS s JOIN receipts AS r ON r.page_number >= s.page;
END;
COMMENT ON FUNCTION app.foresee_reading(app.compared_side, app.compared_side) IS 'Receipts that are missing since the reading ended: all of them by a page without coding type; by a hard name those from that page on, as long as none of them is there.';

CREATE OR REPLACE FUNCTION app.foresee_people(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH names AS (
        SELECT c.source_key, count(DISTINCT c.employee_id) AS people, bool_or(NOT c.is_seen) AS has_unseen,
            (array_agg(c.employee_id ORDER BY c.place) FILTER (WHERE c.is_seen))[1] AS employee_id,
            (array_agg(c.card_number ORDER BY c.place) FILTER (WHERE c.is_seen))[1] AS card_number
        FROM unnest(p_here.cards) AS c GROUP BY c.source_key
        HAVING count(DISTINCT c.employee_id) > 1 OR bool_or(NOT c.is_seen)
    ), pages AS (
        SELECT c.source_key, string_agg(DISTINCT lpad(g.page::text, 9), ',') AS pages
        FROM unnest(p_here.cards) AS c CROSS JOIN LATERAL unnest(c.pages) AS g (page) WHERE c.is_seen GROUP BY c.source_key
    )
    SELECT CASE WHEN n.has_unseen THEN 'odd_id' ELSE 'merged_names' END, n.source_key, NULL::uuid, f.field, f.value, NULL::numeric,
        NULL
    FROM names AS n
    LEFT JOIN pages AS g ON g.source_key = n.source_key
    CROSS JOIN LATERAL (VALUES ('employee_id', n.employee_id), ('card_no', n.card_number),
        ('car_page_range', coalesce(replace(replace(g.pages, ' ', ''), ',', ', '), ''))) AS f (field, value)
    UNION ALL
    -- Nobody but a person of whom a receipt was read has an entry without being seen.
    SELECT 'odd_id', n.source_key, NULL, 'entry', NULL, NULL, NULL FROM names AS n
    WHERE n.employee_id IS NULL AND n.source_key NOT IN (
        SELECT r.source_key FROM unnest(p_here.receipts) AS r
        WHERE r.transaction_id NOT IN (SELECT l.transaction_id FROM app.foresee_reading(p_here, p_there) AS l));
END;
COMMENT ON FUNCTION app.foresee_people(app.compared_side, app.compared_side) IS 'Id, card and pages of people who were merged or not seen, and who is missing because of that.';

CREATE OR REPLACE FUNCTION app.foreseen_amount(p_receipt app.compared_receipt) RETURNS numeric
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN a.line = '' THEN coalesce((p_receipt).amount, 0)
        ELSE coalesce(app.cents(replace(substring(a.line COLLATE "C" FROM '^-?[0-9][0-9,]*(?:[.][0-9]+)?'), ',', '')::numeric), 0) END
    FROM (SELECT split_part(coalesce((p_receipt).facts ->> 'printed_address', ''), E'\n', 2)) AS a (line);
END;
COMMENT ON FUNCTION app.foreseen_amount(app.compared_receipt) IS 'The amount the old program reads on a page: with an office address on two lines the number that the second begins with, perhaps with commas and cents, else 0; an amount that cannot be read is 0.';

CREATE OR REPLACE FUNCTION app.foresee_repeats(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH left_over AS MATERIALIZED (
        SELECT r.source_key, r.receipt_id, count(*) AS receipts, bool_and(r.is_by_id) AS is_by_id
        FROM unnest(p_there.receipts) AS r GROUP BY r.source_key, r.receipt_id
    ), unread AS MATERIALIZED (
        SELECT f.transaction_id FROM app.foresee_reading(p_here, p_there) AS f
    ), hidden AS MATERIALIZED (
        -- What the form by id cannot show: pages of one id beyond the one that is left, or that was lost.
        SELECT r.source_key, r.transaction_id, app.foreseen_amount(r) AS value, coalesce(r.amount, 0) AS amount, o.receipts IS NULL AS is_lost
        FROM unnest(p_here.receipts) AS r
        LEFT JOIN left_over AS o ON o.source_key = r.source_key AND o.receipt_id = r.receipt_id
        WHERE r.turn > 1 AND r.transaction_id NOT IN (SELECT u.transaction_id FROM unread AS u) AND CASE WHEN o.receipts IS NULL THEN (SELECT bool_and(x.is_by_id) FROM left_over AS x)
            ELSE o.receipts = 1 AND o.is_by_id END
    ), totals AS (
        -- Whether the total still has those of what was lost.
        SELECT p.source_key
        FROM (SELECT h.source_key, sum(h.value) AS hidden, sum(h.value) FILTER (WHERE h.is_lost) AS lost FROM hidden AS h GROUP BY h.source_key) AS x
        JOIN unnest(p_there.people) AS p ON p.source_key = x.source_key
        LEFT JOIN (SELECT r.source_key, sum(r.amount) AS shown FROM unnest(p_there.receipts) AS r GROUP BY r.source_key) AS s
            ON s.source_key = x.source_key
        WHERE x.lost <> 0 AND p.receipt_total = coalesce(s.shown, 0) + x.hidden
    )
    SELECT 'duplicate_page', r.source_key, r.transaction_id, 'repeat', 'counted', NULL::numeric, NULL
    FROM unnest(p_here.receipts) AS r WHERE r.is_repeat
    UNION ALL
    -- The total has it all the same, with the amount that was read.
    SELECT 'duplicate_page', h.source_key, h.transaction_id, 'entry', NULL, h.value - h.amount, NULL
    FROM hidden AS h WHERE NOT h.is_lost OR h.source_key IN (SELECT t.source_key FROM totals AS t);
END;
COMMENT ON FUNCTION app.foresee_repeats(app.compared_side, app.compared_side) IS 'Pages that repeat a receipt id: counted as any other; by id all but the last that was read are missing, and the total has those that were, those of an id that was lost only where it adds up with them.';

CREATE OR REPLACE FUNCTION app.foresee_receipts(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT f.code, r.source_key, r.transaction_id, f.field, f.value, NULL::numeric, NULL
    FROM unnest(p_here.receipts) AS r
    CROSS JOIN LATERAL (
        SELECT split_part(coalesce(r.facts ->> 'printed_address', ''), E'\n', 2) <> '' AS has_two_lines,
            split_part(r.facts ->> 'printed_merchant_address', E'\n', 1) AS first_line
    ) AS p
    CROSS JOIN LATERAL (VALUES
        ('address_as_amount', 'amt', round(app.foreseen_amount(r), 2)::text,
            p.has_two_lines AND (r.amount IS NOT NULL OR app.foreseen_amount(r) <> 0)),
        ('amount_not_found', 'amt', '0.00', r.amount IS NULL AND app.foreseen_amount(r) = 0),
        ('two_attachments', 'attachment', 'false', (r.facts ->> 'attachments')::integer > 1),
        ('label_as_purpose', 'purpose', 'Receipts Notes (' || (r.facts ->> 'notes') || '):', (r.said).purpose IS NULL),
        ('empty_title', 'title', (r.said).exp, (r.said).title IS NULL),
        ('cut_address', 'merch_addy', p.first_line, p.first_line <> (r.said).merch_addy),
        ('part_code', 'job', NULL, NOT r.is_whole_code),
        ('part_code', 'phase', NULL, NOT r.is_whole_code),
        ('part_code', 'cost_type', NULL, NOT r.is_whole_code)) AS f (code, field, value, applies)
    WHERE f.applies;
END;
COMMENT ON FUNCTION app.foresee_receipts(app.compared_side, app.compared_side) IS 'What single fields of a receipt become: amount, attachment, purpose, title, address, codes.';

CREATE OR REPLACE FUNCTION app.foresee_decisions(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT 'never_mismatch', p.source_key, NULL::uuid, 'flags.total_mismatch', 'false', NULL::numeric, NULL::text
    FROM unnest(p_here.people) AS p WHERE (p.flags -> 'total_mismatch')::boolean
    UNION ALL
    -- By the four flags, where the rules that were asked here say otherwise: one beyond them, one of a namesake, one that is off.
    SELECT CASE WHEN p.rules <@ app.field_names('flags') AND position(', ' IN p.employee_id) > 0 THEN 'merged_names' ELSE 'other_rules' END,
        p.source_key, NULL, 'finished', (NOT app.is_flagged(p.flags))::text, NULL, NULL
    FROM unnest(p_here.people) AS p
    WHERE p.rules IS NOT NULL AND p.is_finished = app.is_flagged(p.flags) AND (p.is_finished OR p.car_total IS NOT NULL);
END;
COMMENT ON FUNCTION app.foresee_decisions(app.compared_side, app.compared_side) IS 'Flags that are never set; who is finished by the four flags alone, and is not by the rules that were asked here, or the other way round.';

CREATE OR REPLACE FUNCTION app.foresee(p_here app.compared_side, p_there app.compared_side) RETURNS app.foreseen[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_finder text;
    v_found app.foreseen[];
    v_all app.foreseen[] := ARRAY[]::app.foreseen[];
BEGIN
    FOR v_finder IN
        SELECT DISTINCT d.finder FROM app.known_deviations AS d WHERE d.level <> 'csv' ORDER BY 1
    LOOP
        EXECUTE pg_catalog.format('SELECT pg_catalog.array_agg(f) FROM app.%I($1, $2) AS f', v_finder)
        INTO v_found USING p_here, p_there;
        v_all := v_all || v_found;
    END LOOP;
    RETURN ARRAY(
        SELECT ROW(f.*)::app.foreseen FROM pg_catalog.unnest(v_all) AS f
        JOIN app.known_deviations AS d ON d.deviation_code = f.deviation_code
        WHERE d.valid_until IS NULL OR d.valid_until >= current_date);
END
$$;
COMMENT ON FUNCTION app.foresee(app.compared_side, app.compared_side) IS 'What all known deviations that are approved today foresee.';

COMMIT;
