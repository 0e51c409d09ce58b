-- The accounting import of the program used before: each line beside its receipt.
-- requires: migration/judging
-- requires: outputs/accounting

BEGIN;

CREATE OR REPLACE FUNCTION app.csv_lines(p_csv text) RETURNS TABLE (line_number bigint, cells jsonb)
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cells AS (
        SELECT m.ordinality AS place, coalesce(replace(m.cell[1], '""', '"'), m.cell[2]) AS value, m.cell[3] <> ',' AS is_last
        FROM regexp_matches(ltrim(p_csv, E'\uFEFF'), '(?:"((?:[^"]|"")*)"|([^,"\r\n]*))(,|\r\n|\n|\r|$)', 'g') WITH ORDINALITY AS m (cell)
    ), numbered AS (
        SELECT c.value, c.place, count(*) FILTER (WHERE c.is_last) OVER (ORDER BY c.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS line
        FROM cells AS c
    ), placed AS (
        SELECT n.value, n.line, row_number() OVER (PARTITION BY n.line ORDER BY n.place) AS column_number FROM numbered AS n
    )
    SELECT v.line, jsonb_object_agg(CASE WHEN h.turn = 1 THEN h.value ELSE concat_ws(' ', h.value, 'column', v.column_number) END, v.value)
    FROM placed AS v
    LEFT JOIN (
        SELECT x.value, x.column_number, row_number() OVER (PARTITION BY x.value ORDER BY x.column_number) AS turn
        FROM placed AS x WHERE x.line = 0
    ) AS h ON h.column_number = v.column_number
    WHERE v.line > 0
    GROUP BY v.line
    -- What stands after the last line end is none.
    HAVING count(*) > 1 OR min(v.value) <> '';
END;
COMMENT ON FUNCTION app.csv_lines(text) IS 'The lines of a CSV below its header, each as an object by column; a cell beyond the header, or below one that stands there already, by its number.';

CREATE OR REPLACE FUNCTION app.refuse_csv(p_csv text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_columns text[] := ARRAY['Transaction ID', 'Transaction Date', 'Transaction Amount', 'Transaction Name', 'Vendor', 'Invoice #',
        'Invoice Date', 'Header Description', 'Job', 'Phase', 'Cost Type', 'GL Account', 'Item Description', 'UM', 'Tax', 'Pay Type',
        'Card Holder', 'Credit Card Number', 'Credit Card Vendor'];
    v_text text := pg_catalog.ltrim(p_csv, E'\uFEFF');
    v_head text[] := pg_catalog.string_to_array(
        pg_catalog.replace(pg_catalog.substring(v_text, '^[^\r\n]*'), '"', ''), ',');
    -- As far as it is made of whole cells.
    v_cells text := pg_catalog.substring(v_text, '^(?:(?:"(?:[^"]|"")*"|[^,"\r\n]*)(?:,|\r\n|\n|\r))*');
    v_place integer;
    v_line record;
BEGIN
    IF p_csv IS NULL THEN
        RETURN;
    END IF;
    SELECT c.ordinality::integer INTO v_place FROM pg_catalog.unnest(v_columns) WITH ORDINALITY AS c (name)
    WHERE v_head[c.ordinality] IS DISTINCT FROM c.name ORDER BY c.ordinality LIMIT 1;
    IF v_place IS NOT NULL OR pg_catalog.cardinality(v_head) > pg_catalog.cardinality(v_columns) THEN
        v_place := coalesce(v_place, 1 + pg_catalog.cardinality(v_columns));
        PERFORM app.fail('IV008', 'csv', pg_catalog.format('as column %s of 19 %s', v_place, coalesce(v_columns[v_place], 'none')),
            coalesce(app.shorten(v_head[v_place], 200), 'none'));
    ELSIF pg_catalog.substr(v_text, 1 + pg_catalog.length(v_cells)) !~ '^(?:"(?:[^"]|"")*"|[^,"\r\n]*)$' THEN
        PERFORM app.fail('IV008', 'csv', 'quotes around whole cells, and twice within',
            pg_catalog.format('others in line %s', 1 + pg_catalog.regexp_count(v_cells, '\r\n|\n|\r')));
    END IF;
    SELECT l.line_number + 1 AS number, k.cells INTO v_line
    FROM app.csv_lines(p_csv) AS l
    CROSS JOIN LATERAL (SELECT pg_catalog.count(*) AS cells FROM pg_catalog.jsonb_object_keys(l.cells)) AS k
    WHERE k.cells <> pg_catalog.cardinality(v_columns) ORDER BY 1 LIMIT 1;
    IF v_line.number IS NOT NULL THEN
        PERFORM app.fail('IV008', 'csv', '19 cells in each line', pg_catalog.format('%s in line %s', v_line.cells, v_line.number));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_csv(text) IS 'Refuses a file that is not an accounting import of the program used before: a first line that is not its 19 columns, cells that are not whole, a line with more or less cells. None is none. Raises IV008 with column or line.';

CREATE OR REPLACE FUNCTION app.foresee_csv(p_pairs app.receipt_pair[], p_people app.compared_person[]) RETURNS SETOF app.foreseen
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT f.code, (p.there).source_key, (p.here).transaction_id, f.field, f.value, NULL::numeric, NULL
    FROM unnest(p_pairs) AS p
    JOIN unnest(p_people) AS o ON o.source_key = (p.there).source_key
    CROSS JOIN LATERAL (VALUES ('csv_pay_type', 'Pay Type', '2'),
        ('csv_first_card', 'Credit Card Number', coalesce(o.card_number, 'None'))) AS f (code, field, value)
    JOIN app.known_deviations AS d ON d.deviation_code = f.code AND (d.valid_until IS NULL OR d.valid_until >= current_date)
    WHERE (p.here).transaction_id IS NOT NULL;
END;
COMMENT ON FUNCTION app.foresee_csv(app.receipt_pair[], app.compared_person[]) IS 'What the old accounting import has as pay type and card, whatever is right.';

CREATE OR REPLACE FUNCTION app.csv_values(
    p_csv text, p_pairs app.receipt_pair[], p_people app.compared_person[], p_rows app.accounting_row[]
) RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH lines AS MATERIALIZED (
        SELECT l.cells, l.cells ->> 'Header Description' AS source_key, l.cells ->> 'Transaction ID' AS receipt_id,
            -- In the order of the file by code: by its keys.
            row_number() OVER (PARTITION BY l.cells ->> 'Header Description', l.cells ->> 'Transaction ID'
                ORDER BY coalesce(nullif(l.cells ->> 'Job', ''), nullif(l.cells ->> 'GL Account', ''), 'null') COLLATE "C", l.line_number) AS turn
        FROM app.csv_lines(p_csv) AS l
    ), form AS (
        -- Made of a file by id, it has one line for an id.
        SELECT coalesce(max(l.turn), 0) > 1 AS has_repeats,
            -- One run wrote it, so all lines are of one month, by its first day.
            mode() WITHIN GROUP (ORDER BY l.cells ->> 'Invoice Date')
                FILTER (WHERE l.cells ->> 'Invoice Date' ~ '^(0[1-9]|1[0-2])/01/[0-9]{4}$') AS invoice_date
        FROM lines AS l
    ), joined AS (
        SELECT l.cells, coalesce(l.source_key, (p.there).source_key) AS source_key, coalesce(l.receipt_id, (p.there).receipt_id) AS receipt_id,
            p.there AS o, p.here AS n, (p.there).said AS s, (p.here).said AS t, coalesce(e.card_number, 'None') AS first_card,
            coalesce(u.card_number, '') AS card_number,
            concat_ws(', ', m.invoice_date, replace(substr(m.invoice_date, 1, 6) || substr(m.invoice_date, 9), '/', '')) AS invoice
        FROM lines AS l
        FULL JOIN (
            SELECT x.* FROM unnest(p_pairs) AS x WHERE (x.there).turn = 1 OR ((x.there).turn > 1 AND (SELECT f.has_repeats FROM form AS f))
        ) AS p ON (p.there).source_key = l.source_key AND (p.there).receipt_id = l.receipt_id AND (p.there).turn = l.turn
        LEFT JOIN unnest(p_people) AS e ON e.source_key = l.source_key
        LEFT JOIN unnest(p_rows) AS u ON u.transaction_id = (p.here).transaction_id
        CROSS JOIN form AS m
        OFFSET 0
    )
    SELECT NULL::bigint, 'csv', j.source_key, j.source_key, j.receipt_id || '.' || f.field, j.receipt_id, (j.n).transaction_id,
        (j.n).page_number, f.field, NULL::text, f.old_value, f.new_value, f.own_value, true,
        CASE WHEN f.old_value = f.new_value THEN 'identical' END, NULL::text, NULL::numeric, NULL::text, NULL::integer[], false
    FROM joined AS j
    CROSS JOIN LATERAL (VALUES
        ('Transaction Date', j.cells ->> 'Transaction Date', (j.s).date, CASE WHEN app.is_alike_date((j.s).date, (j.t).date) THEN (j.s).date ELSE (j.t).date END),
        ('Transaction Amount', coalesce(round(app.read_amount(j.cells ->> 'Transaction Amount'), 2)::text, j.cells ->> 'Transaction Amount'), coalesce((j.o).amount, 0)::text, (j.n).amount::text),
        ('Transaction Name', j.cells ->> 'Transaction Name', replace((j.s).purpose, ',', ''), replace((j.t).purpose, ',', '')),
        ('Vendor', j.cells ->> 'Vendor', '12332', '12332'),
        ('Invoice #', split_part(j.cells ->> 'Invoice #', ' ', 1), right(j.first_card, 4), right(j.card_number, 4)),
        ('Invoice Date', concat_ws(', ', j.cells ->> 'Invoice Date', split_part(j.cells ->> 'Invoice #', ' ', 2)), j.invoice, j.invoice),
        ('Header Description', j.cells ->> 'Header Description', (j.o).source_key, (j.n).source_key),
        ('Job', j.cells ->> 'Job', (j.s).job, CASE WHEN (j.n).is_whole_code THEN (j.t).job END),
        ('Phase', j.cells ->> 'Phase', (j.s).phase, CASE WHEN (j.n).is_whole_code THEN (j.t).phase END),
        ('Cost Type', j.cells ->> 'Cost Type', (j.s).cost_type, CASE WHEN (j.n).is_whole_code THEN (j.t).cost_type END),
        ('GL Account', j.cells ->> 'GL Account', (j.s).gl_acct, CASE WHEN (j.n).is_whole_code THEN (j.t).gl_acct END),
        ('Item Description', j.cells ->> 'Item Description', replace((j.s).purpose, ',', ''), replace((j.t).purpose, ',', '')),
        ('UM', j.cells ->> 'UM', 'LS', 'LS'), ('Tax', j.cells ->> 'Tax', 'XX', 'XX'),
        ('Pay Type', j.cells ->> 'Pay Type', '2', CASE WHEN NOT (j.n).is_whole_code THEN '' WHEN (j.t).code_type = 'GL Coding' THEN '1' ELSE '2' END),
        ('Card Holder', j.cells ->> 'Card Holder', (j.o).source_key, (j.n).source_key),
        ('Credit Card Number', j.cells ->> 'Credit Card Number', j.first_card, j.card_number),
        ('Credit Card Vendor', j.cells ->> 'Credit Card Vendor', (j.s).merch_name, (j.t).merch_name)
        ) AS c (field, old_text, own_text, new_text)
    CROSS JOIN LATERAL (SELECT c.field, coalesce(c.old_text, '') AS old_value, coalesce(c.own_text, '') AS own_value,
        coalesce(c.new_text, '') AS new_value) AS f
    WHERE j.cells IS NOT NULL AND (j.n).source_key IS NOT NULL AND (j.o).source_key IS NOT NULL
    UNION ALL
    -- A line without receipt, a receipt of the file without line.
    SELECT NULL, 'csv', j.source_key, j.source_key, j.receipt_id, j.receipt_id, (j.n).transaction_id, (j.n).page_number, 'entry', NULL,
        j.cells ->> 'Transaction Amount', (j.o).amount::text, NULL, false, NULL, NULL, NULL, NULL, NULL, false
    FROM joined AS j WHERE (j.cells IS NULL OR (j.o).source_key IS NULL);
END;
COMMENT ON FUNCTION app.csv_values(text, app.receipt_pair[], app.compared_person[], app.accounting_row[]) IS 'Every cell of an old accounting import beside what the old file lets expect there and what is right here; lines and receipts that are alone.';

COMMIT;
