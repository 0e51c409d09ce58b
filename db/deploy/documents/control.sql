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
        -- Known only when every charge of the card is; of a card without charges when its total line says 0.00.
        SELECT c.place, c.card_number, c.totals, i.item, coalesce(sum(s.amount), 0) AS amount,
            count(x.charge_place) = count(s.amount) AND (count(x.charge_place) > 0
                OR bool_and((c.totals -> 0 ->> i.item)::numeric = 0) IS TRUE) AS is_known
        FROM cards AS c
        CROSS JOIN (VALUES ('gross'), ('discount'), ('net')) AS i (item)
        LEFT JOIN charges AS x ON x.place = c.place
        LEFT JOIN charge_sums AS s ON s.place = x.place AND s.charge_place = x.charge_place AND s.item = i.item
        GROUP BY c.place, c.card_number, c.totals, i.item
    ), report_sums AS (
        SELECT x.item, sum(x.amount) AS amount FROM card_sums AS x GROUP BY x.item HAVING bool_and(x.is_known)
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
        format('Card %s: the total line says %s %s, its transactions add up to %s', s.card_number, s.item,
            t.value ->> s.item, s.amount),
        (t.value ->> s.item)::numeric, s.amount
    FROM card_sums AS s CROSS JOIN LATERAL jsonb_array_elements(s.totals) AS t
    WHERE s.is_known AND (t.value ->> s.item)::numeric <> s.amount
    UNION ALL
    SELECT (t.value -> 'page')::integer, (t.value -> 'line')::integer, 'report_total',
        format('Report Totals say %s %s, all cards add up to %s', s.item, t.value ->> s.item, s.amount),
        (t.value ->> s.item)::numeric, s.amount
    FROM jsonb_array_elements(p_car -> 'report_totals') AS t
    JOIN report_sums AS s ON (t.value ->> s.item)::numeric <> s.amount
    UNION ALL
    -- Unreadable totals: what they would say is not known.
    SELECT (t.value -> 'page')::integer, (t.value -> 'line')::integer, t.code,
        format('%s: %s cannot be read: %s (%s)', t.name, y.value ->> 'field', coalesce(y.value ->> 'raw', 'nothing'),
            y.value ->> 'reason'),
        NULL, NULL
    FROM (
        SELECT 'report_total' AS code, 'Report Totals' AS name, r.value
        FROM jsonb_array_elements(p_car -> 'report_totals') AS r
        UNION ALL
        SELECT 'card_total', 'Card ' || c.card_number, r.value
        FROM cards AS c CROSS JOIN LATERAL jsonb_array_elements(c.totals) AS r
    ) AS t
    CROSS JOIN LATERAL jsonb_array_elements(t.value -> 'problems') AS y;
END;
COMMENT ON FUNCTION app.total_notices(jsonb) IS 'What does not tie in a read card report, each with page and both amounts: quantity × price against gross where both are there (beyond rounding), gross less discount against net, lines against Transaction Totals, charges against the card''s total line, cards against Report Totals. An unknown sum is not compared; a card total or Report Totals that cannot be read are named without amounts. The parts count, never the printed total.';

CREATE OR REPLACE FUNCTION app.name_unread(p_problems jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_agg(DISTINCT jsonb_build_object('field', x.value -> 'field', 'raw', x.value -> 'raw', 'reason', x.value -> 'reason'))
    FROM jsonb_array_elements(p_problems) AS x;
END;
COMMENT ON FUNCTION app.name_unread(jsonb) IS 'Problems of a reader as evidence: field, what is printed and why it is not believed, without the place, which changes from file to file.';

CREATE OR REPLACE FUNCTION app.list_unread(p_problems jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT app.shorten(string_agg(DISTINCT format('%s %s (%s)', replace(x.value ->> 'field', '_', ' '),
        coalesce('"' || left(x.value ->> 'raw', 80) || '"', 'not there'), x.value ->> 'reason'), '; '), 1000)
    FROM jsonb_array_elements(p_problems) AS x;
END;
COMMENT ON FUNCTION app.list_unread(jsonb) IS 'Problems of a reader in words for people, at most 1,000 characters.';

CREATE OR REPLACE FUNCTION app.judge_totals(p_session_id uuid, p_car jsonb) RETURNS app.control_totals
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT ROW(
        CASE WHEN jsonb_array_length(p_car -> 'report_totals') = 0 THEN 'absent'
            WHEN jsonb_path_exists(p_car, '$.report_totals[*] ? (@.gross == null || @.discount == null || @.net == null
                || @.problems.size() > 0)') THEN 'unreadable'
            WHEN n.report THEN 'disagree'
            WHEN jsonb_path_exists(p_car, '$.cards[*].charges[*] ? (exists (@.lines[*] ? (@.gross == null
                || @.discount == null || @.net == null)) || @.lines.size() == 0)')
                OR jsonb_path_exists(p_car, '$.cards[*] ? (@.charges.size() == 0 && !(@.totals[0].gross == "0.00"
                    && @.totals[0].discount == "0.00" && @.totals[0].net == "0.00"))') THEN 'not_compared'
            ELSE 'tie' END,
        (SELECT count(DISTINCT ROW(c.value -> 'page', c.value -> 'line'))::integer
         FROM jsonb_path_query(p_car, '$.cards[*].totals[*]') AS c (value)),
        n.cards)::app.control_totals
    FROM (SELECT coalesce(bool_or(t.code = 'report_total'), false) AS report,
            count(DISTINCT ROW(t.page_number, t.line_number)) FILTER (WHERE t.code = 'card_total')::integer AS cards
          FROM app.document_notices AS t WHERE t.session_id = p_session_id AND t.kind = 'car_pdf') AS n;
END;
COMMENT ON FUNCTION app.judge_totals(uuid, jsonb) IS 'How the totals that a read card report prints fit its parts, as its notices (app.total_notices, noted with the page ledger) say: Report Totals that are there but cannot be read, or disagree, are told apart from those that are absent or cannot be compared because a sum is not known. A total line of a card that cannot be read counts as one that differs.';

CREATE OR REPLACE FUNCTION app.find_control_total(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH cards AS (
        SELECT d.revision_id, k.card_number, k.printed_gross, k.printed_discount, k.printed_net,
            c.gross, c.discount, c.net,
            jsonb_path_query_array(k.unread_fields, '$[*] ? (@.field starts with "total")') AS unread
        FROM unnest(p_drafts) AS d
        JOIN app.card_totals AS k ON k.session_id = d.session_id AND k.cardholder_id = d.cardholder_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN count(*) = count(x.gross_amount) THEN sum(x.gross_amount) END AS gross,
                CASE WHEN count(*) = count(x.discount_amount) THEN sum(x.discount_amount) END AS discount,
                CASE WHEN count(*) = count(x.net_amount) THEN sum(x.net_amount) END AS net
            FROM app.charges AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id AND x.card_id = k.card_id
        ) AS c
    )
    SELECT k.revision_id, NULL::uuid, 'card ' || left(k.card_number, 6) || right(k.card_number, 4), NULL::boolean,
        abs(k.printed_net - k.net),
        CASE WHEN k.unread <> '[]' THEN format('Card %s: its total line cannot be read: %s', k.card_number,
                app.list_unread(k.unread))
            ELSE format('Card %s: the total line says %s, its transactions add up to %s', k.card_number,
                concat_ws(' ', 'gross', app.dollars(k.printed_gross), 'discount', app.dollars(k.printed_discount), 'net',
                    app.dollars(k.printed_net)),
                concat_ws(' ', app.dollars(k.gross), app.dollars(k.discount), app.dollars(k.net))) END,
        jsonb_build_object('card_number', k.card_number, 'printed_net', k.printed_net::text, 'net', k.net::text)
            || CASE WHEN k.printed_gross <> k.gross OR k.printed_discount <> k.discount
                THEN jsonb_build_object('printed_gross', k.printed_gross::text, 'gross', k.gross::text,
                    'printed_discount', k.printed_discount::text, 'discount', k.discount::text) ELSE '{}' END
            || CASE WHEN k.unread <> '[]' THEN jsonb_build_object('unread', app.name_unread(k.unread)) ELSE '{}' END,
        NULL::uuid, NULL::text
    FROM cards AS k
    WHERE k.printed_net <> k.net OR k.printed_gross <> k.gross OR k.printed_discount <> k.discount OR k.unread <> '[]';
END
$$;
COMMENT ON FUNCTION app.find_control_total(app.revision_draft[], jsonb) IS 'Cards whose printed total line differs from the sum of their charges in gross, discount or net, or cannot be read; a card without the line is none, and what a charge leaves unknown is not compared.';

CREATE OR REPLACE FUNCTION app.find_unread_value(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH found AS (
        SELECT d.revision_id, NULL::uuid AS transaction_id, NULL::uuid AS charge_id,
            'card ' || left(k.card_number, 6) || right(k.card_number, 4) AS subject_key,
            NULL::numeric AS amount, 'Card ' || k.card_number AS name,
            -- Total lines are what control_total looks at; a card without charges makes the total unknown.
            jsonb_path_query_array(k.unread_fields, '$[*] ? (!(@.field starts with "total") && @.field != "charges")') AS unread
        FROM unnest(p_drafts) AS d
        -- By key, each of these: few rows are so, and the planner would begin with all there are.
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.card_totals AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id OFFSET 0
        ) AS k
        WHERE k.unread_fields IS NOT NULL
        UNION ALL
        SELECT d.revision_id, NULL, c.charge_id, 'charge ' || c.natural_key, abs(c.net_amount),
            'Charge on page ' || c.page_number, c.unread_fields
        FROM unnest(p_drafts) AS d
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.charges AS x
            WHERE x.session_id = d.session_id AND x.cardholder_id = d.cardholder_id OFFSET 0
        ) AS c
        WHERE c.unread_fields IS NOT NULL
        UNION ALL
        -- A receipt's amount and date have rules of their own; what somebody has entered since is no longer unread.
        SELECT d.revision_id, t.transaction_id, NULL, t.natural_key, abs(t.amount),
            'Receipt on page ' || t.page_number, y.unread
        FROM unnest(p_drafts) AS d
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = d.revision_id OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (
            SELECT l.transaction_id, l.natural_key, l.page_number, x.* FROM app.receipt_contents AS x
            WHERE x.content_id = l.content_id OFFSET 0
        ) AS t
        CROSS JOIN LATERAL (
            SELECT jsonb_agg(x.value) AS unread
            FROM jsonb_path_query(t.source_fields, '$.problems[*] ? (@.field.type() == "string")') AS x (value)
            WHERE x.value ->> 'field' NOT IN ('amount', 'date') AND CASE x.value ->> 'field'
                WHEN 'transaction_id' THEN t.external_transaction_id WHEN 'expense_type' THEN t.expense_type
                WHEN 'title' THEN t.description WHEN 'purpose' THEN t.purpose
                WHEN 'merchant_name' THEN t.merchant_name WHEN 'merchant_address' THEN t.merchant_address
                WHEN 'coding_type' THEN t.coding_type WHEN 'job' THEN t.job_number WHEN 'phase' THEN t.job_phase
                WHEN 'cost_type' THEN t.cost_type WHEN 'gl_account' THEN t.gl_account END IS NULL
        ) AS y
        WHERE t.source_fields ? 'problems'
    )
    SELECT f.revision_id, f.transaction_id, f.subject_key,
        -- Doubt about a value that decides anything keeps the person from being finished.
        EXISTS (SELECT FROM jsonb_array_elements(f.unread) AS x
                WHERE x.value ->> 'field' <> ALL ('{request_number,expense_type,title,purpose,notes,address,'
                    'merchant_address,request_type,level,city,group,product,ppu,quantity}'::text[])),
        f.amount, format('%s, not read for sure: %s', f.name, app.list_unread(f.unread)),
        jsonb_build_object('amount', f.amount::text, 'unread', app.name_unread(f.unread)), f.charge_id, NULL::text
    FROM found AS f WHERE jsonb_array_length(f.unread) > 0;
END
$$;
COMMENT ON FUNCTION app.find_unread_value(app.revision_draft[], jsonb) IS 'Cards, charges and receipts with values that the reader could not read or was not sure of, one finding each. It blocks unless all of these are texts that nothing is decided by: titles, purposes, addresses, quantities and the like.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, scope, finder, parameters, description,
    suggested_resolution) VALUES
('control_total', 1, 'medium', true, NULL, 'find_control_total', '{}',
    'The printed total of a card differs from the sum of its transactions, or cannot be read.',
    'Look at the pages of the card: a line may be missing from the report. The sum of the transactions counts.'),
('unread_value', 1, 'medium', true, 'pdf', 'find_unread_value',
    '{}', 'A value of a PDF could not be read, or not for sure.',
    'Look at the page and correct the receipt, or say what is right.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
