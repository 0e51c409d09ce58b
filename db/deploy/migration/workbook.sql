-- The workbook of the program used before, beside the file that it was made of.
-- requires: migration/csv

BEGIN;

CREATE OR REPLACE FUNCTION app.clear_workbook(p_workbook jsonb, p_known text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.jsonb_typeof(p_workbook) <> 'object' OR pg_catalog.jsonb_path_exists(p_workbook,
        'strict $.* ? (@.type() != "array" || exists(@[*] ? (@.type() != "array" || exists(@[*] ? (@.type() != "string" && @.type() != "null")))))')
    THEN
        PERFORM app.fail('IV008', 'workbook', 'an object of sheets, each a list of rows of texts', pg_catalog.left(p_workbook::text, 100));
    END IF;
    RETURN (
        SELECT pg_catalog.jsonb_object_agg(s.key, (
            SELECT coalesce(pg_catalog.jsonb_agg((
                -- A cell of 13 to 19 digits is a card, whatever its check digit says.
                SELECT coalesce(pg_catalog.jsonb_agg(app.hide_card_numbers(c.value, pg_catalog.array_remove(
                    p_known || pg_catalog.substring(c.value, '^\s*([0-9]{13,19})(?:\.00)?\s*$'), NULL)) ORDER BY c.ordinality), '[]')
                FROM pg_catalog.jsonb_array_elements_text(r.value) WITH ORDINALITY AS c) ORDER BY r.ordinality), '[]')
            FROM pg_catalog.jsonb_array_elements(s.value) WITH ORDINALITY AS r))
        FROM pg_catalog.jsonb_each(p_workbook) AS s);
END
$$;
COMMENT ON FUNCTION app.clear_workbook(jsonb, text[]) IS 'A workbook as rows of texts by sheet, with these and all other card numbers cut. Raises IV008.';

CREATE OR REPLACE FUNCTION app.workbook_lines(p_workbook jsonb) RETURNS TABLE (sheet text, line_number bigint, cells jsonb)
LANGUAGE sql IMMUTABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cells AS MATERIALIZED (
        SELECT s.key AS sheet, r.ordinality AS line, c.ordinality AS place, nullif(c.value, '') AS value
        FROM jsonb_each(p_workbook) AS s
        CROSS JOIN LATERAL jsonb_array_elements(s.value) WITH ORDINALITY AS r
        CROSS JOIN LATERAL jsonb_array_elements_text(r.value) WITH ORDINALITY AS c
    )
    SELECT v.sheet, v.line, jsonb_object_agg(CASE WHEN h.turn = 1 THEN h.value ELSE concat_ws(' ', h.value, 'column', v.place) END, v.value)
    FROM cells AS v
    LEFT JOIN (
        SELECT x.*, row_number() OVER (PARTITION BY x.sheet, x.value ORDER BY x.place) AS turn FROM cells AS x WHERE x.line = 1 AND x.value IS NOT NULL
    ) AS h ON h.sheet = v.sheet AND h.place = v.place
    WHERE v.line > 1 AND (v.value IS NOT NULL OR h.value IS NOT NULL)
    GROUP BY v.sheet, v.line HAVING count(v.value) > 0;
END;
COMMENT ON FUNCTION app.workbook_lines(jsonb) IS 'The rows of a workbook below the first of each sheet, each as an object by heading; a cell beyond the headings, or below one that stands there already, by its number.';

CREATE OR REPLACE FUNCTION app.workbook_people(p_side app.compared_side, p_is_there boolean) RETURNS TABLE (source_key text, field text, value text)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT p.source_key, f.field, coalesce(f.value, '')
    FROM unnest(p_side.people) AS p
    LEFT JOIN (
        SELECT r.source_key, count(DISTINCT coalesce(r.code_key, '')) AS keys FROM unnest(p_side.receipts) AS r GROUP BY r.source_key
    ) AS k ON k.source_key = p.source_key
    CROSS JOIN LATERAL (VALUES
        ('Card Activity Total', p.car_total::text), ('Receipt Total', p.receipt_total::text),
        ('Receipt Count', round(coalesce(k.keys, 0)::numeric, 2)::text), ('Missing Receipt Amount', (p.car_total - p.receipt_total)::text),
        ('Flags', (SELECT string_agg(x.flag, ', ' ORDER BY x.place)
            FROM unnest(ARRAY['missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch']) WITH ORDINALITY AS x (flag, place)
            WHERE p.flags ->> x.flag = 'true' AND (p_is_there OR x.flag <> 'total_mismatch')))) AS f (field, value);
END;
COMMENT ON FUNCTION app.workbook_people(app.compared_side, boolean) IS 'What the sheet Summary has of each name. That program counts the keys of receipts, ids or codes; of our side its last flag, which it never sets, is left out.';

CREATE OR REPLACE FUNCTION app.workbook_receipts(p_there app.compared_side) RETURNS TABLE (source_key text, place bigint, cells text[])
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT r.source_key, r.ordinality, ARRAY[r.source_key, (r.said).exp, (r.said).date, coalesce(r.amount::text, (r.said).amt #>> '{}'), (r.said).purpose,
        (r.said).merch_name, (r.said).merch_addy, concat_ws(', ', CASE WHEN (r.said).coded IS NOT TRUE THEN 'Missing Coding' END,
            CASE WHEN (r.said).attachment IS NOT TRUE THEN 'Missing Attachment' END)]
    FROM unnest(p_there.receipts) WITH ORDINALITY AS r
    WHERE ((r.said).coded AND (r.said).attachment) IS NOT TRUE
    UNION ALL
    SELECT p.source_key, 0, ARRAY[p.source_key, 'N/A', 'N/A', 'N/A', 'N/A', 'N/A', 'N/A', 'Missing All Receipts']
    FROM unnest(p_there.people) AS p WHERE p.receipts = 0;
END;
COMMENT ON FUNCTION app.workbook_receipts(app.compared_side) IS 'The rows that the sheet Receipt Issue Details has to have: receipts that lack code or attachment, and who has none.';

CREATE OR REPLACE FUNCTION app.workbook_values(p_workbook jsonb, p_there app.compared_side, p_here app.compared_side)
RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH lines AS MATERIALIZED (
        SELECT l.sheet, l.line_number, l.cells, l.cells ->> 'Name' AS source_key FROM app.workbook_lines(p_workbook) AS l
    ), headings AS (
        SELECT s.sheet, u.heading, u.place
        FROM (VALUES ('Summary', ARRAY['Name', 'Card Activity Total', 'Receipt Total', 'Receipt Count', 'Missing Receipt Amount', 'Flags']),
            ('Receipt Issue Details', ARRAY['Name', 'Expense', 'Date', 'Amount', 'Purpose', 'Merchant Name', 'Merchant Address', 'Status']))
            AS s (sheet, headings)
        CROSS JOIN LATERAL unnest(s.headings) WITH ORDINALITY AS u (heading, place)
    ), people AS (
        SELECT coalesce(l.source_key, o.source_key) AS source_key, l.cells, o.source_key IS NOT NULL AS is_there
        FROM (
            SELECT x.*, row_number() OVER (PARTITION BY x.source_key ORDER BY x.line_number) AS turn FROM lines AS x WHERE x.sheet = 'Summary'
        ) AS l
        FULL JOIN unnest(p_there.people) AS o ON o.source_key = l.source_key AND l.turn = 1
    ), told AS MATERIALIZED (
        SELECT l.source_key, l.line_number, x.cells, row_number() OVER (PARTITION BY x.cells ORDER BY l.line_number) AS turn
        FROM lines AS l
        CROSS JOIN LATERAL (
            SELECT array_agg(coalesce(CASE WHEN h.heading = 'Amount' THEN round(app.read_amount(l.cells ->> h.heading), 2)::text END,
                l.cells ->> h.heading, '') ORDER BY h.place) AS cells
            FROM headings AS h WHERE h.sheet = l.sheet
        ) AS x
        WHERE l.sheet = 'Receipt Issue Details'
    ), own AS MATERIALIZED (
        SELECT r.source_key, r.place, x.cells, row_number() OVER (PARTITION BY x.cells ORDER BY r.place) AS turn
        FROM app.workbook_receipts(p_there) AS r
        CROSS JOIN LATERAL (SELECT array_agg(coalesce(c.value, '') ORDER BY c.ordinality) AS cells FROM unnest(r.cells) WITH ORDINALITY AS c (value)) AS x
    ), close AS MATERIALIZED (
        SELECT t.source_key AS told_key, t.line_number, t.cells AS told_cells, o.source_key AS own_key, o.place, o.cells AS own_cells
        FROM told AS t FULL JOIN own AS o ON o.cells = t.cells AND o.turn = t.turn
    ), rest AS (
        -- What is left of a name in both is the same row, with another cell.
        SELECT coalesce(t.told_key, o.own_key) AS source_key, t.line_number, t.told_cells, o.own_cells
        FROM (SELECT c.*, row_number() OVER (PARTITION BY c.told_key ORDER BY c.line_number) AS turn FROM close AS c WHERE c.own_cells IS NULL) AS t
        FULL JOIN (SELECT c.*, row_number() OVER (PARTITION BY c.own_key ORDER BY c.place) AS turn FROM close AS c WHERE c.told_cells IS NULL) AS o
            ON o.own_key = t.told_key AND o.turn = t.turn
    )
    SELECT NULL::bigint, 'workbook', v.source_key, v.source_key, 'report.xlsx: ' || v.place, NULL::text, NULL::uuid, NULL::integer, v.field, NULL::text,
        v.old_value, v.new_value, v.own_value, true,
        CASE WHEN v.old_value IN (v.own_value, v.new_value) THEN 'identical' END, NULL::text, NULL::numeric, NULL::text, NULL::integer[], false
    FROM (
        SELECT p.source_key, 'Summary' AS place, o.field, coalesce(CASE WHEN o.field <> 'Flags' THEN round(app.read_amount(p.cells ->> o.field), 2)::text END,
            p.cells ->> o.field, '') AS old_value, n.value AS new_value, o.value AS own_value
        FROM people AS p
        JOIN app.workbook_people(p_there, true) AS o ON o.source_key = p.source_key
        LEFT JOIN app.workbook_people(p_here, false) AS n ON n.source_key = o.source_key AND n.field = o.field
        WHERE p.cells IS NOT NULL AND p.is_there
        UNION ALL
        SELECT c.own_key, 'Receipt Issue Details', 'row', 'row', NULL, 'row' FROM close AS c WHERE c.told_cells IS NOT NULL AND c.own_cells IS NOT NULL
        UNION ALL
        SELECT r.source_key, 'Receipt Issue Details, row ' || r.line_number, h.heading, r.told_cells[h.place], r.own_cells[h.place], r.own_cells[h.place]
        FROM rest AS r JOIN headings AS h ON h.sheet = 'Receipt Issue Details' AND r.told_cells[h.place] <> r.own_cells[h.place]
    ) AS v
    UNION ALL
    -- Rows that one of both has alone.
    SELECT NULL, 'workbook', e.source_key, e.source_key, 'report.xlsx: ' || e.place, NULL, NULL, NULL, 'entry', NULL, e.old_value, e.new_value, NULL, false,
        NULL, NULL, NULL, NULL, NULL, false
    FROM (
        SELECT p.source_key, 'Summary' AS place, CASE WHEN p.cells IS NOT NULL THEN 'a row' END AS old_value, CASE WHEN p.is_there THEN 'a row' END AS new_value
        FROM people AS p WHERE p.cells IS NULL OR NOT p.is_there
        UNION ALL
        SELECT r.source_key, concat_ws(', row ', 'Receipt Issue Details', r.line_number), array_to_string(r.told_cells, ' | '), array_to_string(r.own_cells, ' | ')
        FROM rest AS r WHERE r.told_cells IS NULL OR r.own_cells IS NULL
    ) AS e
    UNION ALL
    SELECT DISTINCT NULL::bigint, 'file', NULL, NULL, concat_ws(': ', 'report.xlsx', l.sheet, c.name), NULL, NULL::uuid, NULL::integer,
        app.shorten(c.name, 200), NULL, 'a column', NULL, NULL, false, NULL, NULL, NULL::numeric, NULL, NULL::integer[], false
    FROM lines AS l CROSS JOIN LATERAL jsonb_object_keys(l.cells) AS c (name)
    WHERE NOT EXISTS (SELECT FROM headings AS h WHERE h.sheet = l.sheet AND h.heading = c.name);
END;
COMMENT ON FUNCTION app.workbook_values(jsonb, app.compared_side, app.compared_side) IS 'Every cell of an old workbook beside what the old file it was made of lets expect there, or what is right here; rows that are alone, and sheets and columns that nobody knows. What differs of both follows from the file, which tells it.';

COMMIT;
