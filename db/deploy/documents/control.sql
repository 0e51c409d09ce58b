-- Control totals: what the report prints against what its parts add up to.
-- requires: documents/staging
-- requires: validation/rules
-- requires: intake/control

BEGIN;

CREATE OR REPLACE FUNCTION app.total_notices(p_car jsonb)
RETURNS TABLE (page integer, line integer, code text, message text, printed numeric, found numeric)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cards AS (
        SELECT c.ordinality AS place, c.value ->> 'card_number' AS card_number, c.value -> 'totals' AS totals,
            c.value -> 'charges' AS charges
        FROM jsonb_array_elements(p_car -> 'cards') WITH ORDINALITY AS c
    ), charges AS (
        SELECT c.place, c.card_number, x.ordinality AS charge_place, x.value ->> 'number' AS number,
            x.value -> 'totals' AS totals, x.value -> 'lines' AS lines
        FROM cards AS c CROSS JOIN LATERAL jsonb_array_elements(c.charges) WITH ORDINALITY AS x
    ), lines AS (
        SELECT c.place, c.card_number, c.charge_place, c.number, f.*
        FROM charges AS c
        CROSS JOIN LATERAL jsonb_to_recordset(c.lines) AS f (page integer, line integer, ppu numeric,
            quantity numeric, gross numeric, discount numeric, net numeric)
    ), charge_sums AS (
        SELECT l.place, l.charge_place, s.item, s.amount
        FROM (SELECT x.place, x.charge_place, sum(x.gross) AS gross, sum(x.discount) AS discount, sum(x.net) AS net,
                count(*) AS n, count(x.gross) AS gross_n, count(x.discount) AS discount_n, count(x.net) AS net_n
              FROM lines AS x GROUP BY x.place, x.charge_place) AS l
        CROSS JOIN LATERAL (VALUES ('gross', l.gross, l.gross_n), ('discount', l.discount, l.discount_n),
            ('net', l.net, l.net_n)) AS s (item, amount, known)
        WHERE s.known = l.n
    ), card_sums AS (
        -- Known only when every charge of the card is.
        SELECT c.place, i.item, sum(s.amount) AS amount, count(*) = count(s.amount) AS is_known
        FROM charges AS c
        CROSS JOIN (VALUES ('gross'), ('discount'), ('net')) AS i (item)
        LEFT JOIN charge_sums AS s ON s.place = c.place AND s.charge_place = c.charge_place AND s.item = i.item
        GROUP BY c.place, i.item
    )
    -- Rounding alone: half a cent of the result, of the quantity's last digit, of the price's last digit.
    SELECT l.page, l.line, 'line_gross', format('Card %s, transaction %s: %s × %s is %s, gross says %s',
            l.card_number, l.number, l.quantity, l.ppu, round(l.quantity * l.ppu, 2), l.gross),
        l.gross, round(l.quantity * l.ppu, 2)
    FROM lines AS l
    WHERE l.quantity <> 0 AND l.ppu <> 0
        AND abs(l.quantity * l.ppu - l.gross) > 0.0051 + 0.005 * abs(l.ppu) + 0.000005 * abs(l.quantity)
    UNION ALL
    SELECT l.page, l.line, 'line_net', format('Card %s, transaction %s: gross %s less discount %s is %s, net says %s',
            l.card_number, l.number, l.gross, l.discount, l.gross - l.discount, l.net),
        l.net, l.gross - l.discount
    FROM lines AS l WHERE l.gross - l.discount <> l.net
    UNION ALL
    SELECT (c.totals -> 'page')::integer, (c.totals -> 'line')::integer, 'transaction_total',
        format('Card %s, transaction %s: Transaction Totals say %s %s, its lines add up to %s', c.card_number,
            c.number, s.item, c.totals ->> s.item, s.amount),
        (c.totals ->> s.item)::numeric, s.amount
    FROM charges AS c
    JOIN charge_sums AS s ON s.place = c.place AND s.charge_place = c.charge_place
    WHERE (c.totals ->> s.item)::numeric <> s.amount
    UNION ALL
    SELECT (t.value -> 'page')::integer, (t.value -> 'line')::integer, 'card_total',
        format('Card %s: the total line says %s %s, its transactions add up to %s', c.card_number, s.item,
            t.value ->> s.item, coalesce(s.amount, 0)),
        (t.value ->> s.item)::numeric, coalesce(s.amount, 0)
    FROM cards AS c
    CROSS JOIN LATERAL jsonb_array_elements(c.totals) AS t
    JOIN card_sums AS s ON s.place = c.place AND s.is_known
    WHERE (t.value ->> s.item)::numeric <> coalesce(s.amount, 0)
    UNION ALL
    SELECT (t.value -> 'page')::integer, (t.value -> 'line')::integer, 'report_total',
        format('Report Totals say %s %s, all cards add up to %s', s.item, t.value ->> s.item, s.amount),
        (t.value ->> s.item)::numeric, s.amount
    FROM jsonb_array_elements(p_car -> 'report_totals') AS t
    CROSS JOIN (SELECT x.item, sum(x.amount) AS amount FROM card_sums AS x
                GROUP BY x.item HAVING bool_and(x.is_known)) AS s
    WHERE (t.value ->> s.item)::numeric <> s.amount;
END;
COMMENT ON FUNCTION app.total_notices(jsonb) IS 'What does not tie in a read card report, each with page and both amounts: quantity × price against gross where both are there (beyond rounding), gross less discount against net, lines against Transaction Totals, charges against the card''s total line, cards against Report Totals. What cannot be read is not compared. The parts count, never the printed total.';

CREATE OR REPLACE FUNCTION app.judge_totals(p_car jsonb) RETURNS app.control_totals
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT ROW(
        CASE WHEN jsonb_array_length(p_car -> 'report_totals') = 0 THEN 'absent'
            WHEN jsonb_path_exists(p_car, '$.report_totals[*] ? (@.gross == null || @.discount == null || @.net == null
                || @.problems.size() > 0)') THEN 'unreadable'
            WHEN n.report THEN 'disagree'
            WHEN jsonb_path_exists(p_car, '$.cards[*].charges[*] ? (exists (@.lines[*] ? (@.gross == null
                || @.discount == null || @.net == null)) || @.lines.size() == 0)') THEN 'not_compared'
            ELSE 'tie' END,
        (SELECT count(*)::integer FROM jsonb_array_elements(p_car -> 'cards') AS c WHERE jsonb_array_length(c.value -> 'totals') > 0),
        n.cards)::app.control_totals
    FROM (SELECT coalesce(bool_or(t.code = 'report_total'), false) AS report,
            count(DISTINCT (t.page, t.line)) FILTER (WHERE t.code = 'card_total')::integer AS cards
          FROM app.total_notices(p_car) AS t) AS n;
END;
COMMENT ON FUNCTION app.judge_totals(jsonb) IS 'How the totals that a read card report prints fit its parts: Report Totals that are there but cannot be read, or disagree, are told apart from those that are absent or cannot be compared because a charge cannot be read.';

CREATE OR REPLACE FUNCTION app.find_control_total(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, 'card ' || left(k.card_number, 6) || right(k.card_number, 4), NULL::boolean,
        abs(k.printed_net - c.net),
        format('Card %s: the total line says %s, its transactions add up to %s', k.card_number, k.printed_net, c.net),
        jsonb_build_object('card_number', k.card_number, 'printed_net', k.printed_net::text, 'net', c.net::text)
    FROM unnest(p_drafts) AS d
    JOIN app.card_totals AS k ON k.session_id = d.session_id AND k.cardholder_id = d.cardholder_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(x.net_amount), 0)::numeric(14, 2) AS net, count(*) = count(x.net_amount) AS is_known
        FROM app.charges AS x
        WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id AND x.card_id = k.card_id
    ) AS c
    WHERE k.printed_net <> c.net AND c.is_known;
END
$$;
COMMENT ON FUNCTION app.find_control_total(app.revision_draft[], jsonb) IS 'Cards whose printed total line differs from the sum of their charges; a card without the line, or with a charge that cannot be read, is none.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, description, suggested_resolution) VALUES
('control_total', 1, 'medium', false, 'find_control_total',
    'The printed total of a card differs from the sum of its transactions.',
    'Look at the pages of the card: a line may be missing from the report. The sum of the transactions counts.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
