-- The report of a comparison, for people: each line is a query.
-- requires: migration/runs outputs/accounting

BEGIN;

CREATE OR REPLACE FUNCTION app.markdown(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT regexp_replace(app.accounting_text(p_text), '([][\\`*_<>|])', '\\\1', 'g');
END;
COMMENT ON FUNCTION app.markdown(text) IS 'The text as Markdown that shows it as it is, on one line: no heading, link, picture or HTML comes of it; empty for null.';

CREATE OR REPLACE FUNCTION app.table_line(VARIADIC p_cells text[]) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT '| ' || string_agg(app.markdown(c.cell), ' | ' ORDER BY c.ordinality) || ' |'
    FROM unnest(p_cells) WITH ORDINALITY AS c (cell);
END;
COMMENT ON FUNCTION app.table_line(text[]) IS 'A row of a table in Markdown.';

CREATE OR REPLACE FUNCTION report.parallel_report(p_run_id uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_run report.parallel_runs;
    v_text text;
BEGIN
    SELECT r.* INTO v_run FROM report.parallel_runs AS r WHERE r.run_id = p_run_id;
    IF v_run.run_id IS NULL THEN
        PERFORM app.fail('NF162', 'run_id', NULL, coalesce(p_run_id::text, 'none'));
    END IF;
    v_text := pg_catalog.concat_ws(E'\n',
        '# Parallel run of ' || app.markdown(pg_catalog.concat_ws(' ', nullif(v_run.programme, ''), v_run.month_name)), '',
        pg_catalog.format('**Verdict: %s.** %s roots unexplained, %s explained, %s pending.', v_run.verdict, v_run.roots_unexplained,
            v_run.roots_explained, v_run.roots_pending), '',
        pg_catalog.format('Run %s by %s, %s', v_run.run_id, app.markdown(v_run.started_by_name),
            pg_catalog.to_char(v_run.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')),
        pg_catalog.format('Old result %s, %s, PDFs: %s', app.markdown(coalesce(v_run.file_name, '(no name)')), coalesce(v_run.shape, 'no receipts'),
            v_run.sources),
        pg_catalog.format('SHA-256 %s', v_run.sha256), '',
        app.table_line('', 'There', 'Here, as read', 'Difference', 'Told'), '|---|--:|--:|--:|--:|',
        app.table_line('Card total', v_run.car_total_old::text, coalesce(v_run.car_total::text, 'unknown'),
            (v_run.car_total_old - v_run.car_total)::text, v_run.car_total_explained::text),
        app.table_line('Receipt total', v_run.receipt_total_old::text, v_run.receipt_total::text,
            (v_run.receipt_total_old - v_run.receipt_total)::text, v_run.receipt_total_explained::text), '',
        pg_catalog.format('Here now: card total %s, receipt total %s, %s finished, %s people corrected.',
            coalesce(v_run.figures #>> '{now,car_total}', 'unknown'), v_run.figures #>> '{now,receipt_total}',
            v_run.figures #>> '{now,finished}', v_run.figures #>> '{now,corrected_people}'),
        pg_catalog.format('Totals that differ as printed: %s people.', v_run.figures ->> 'mismatches_as_printed'), '',
        '## By level and class', '',
        app.table_line('Level', 'Class', 'Deviation', 'Values', 'Places', 'Roots', 'Dollars'), '|---|---|---|--:|--:|--:|--:|',
        (SELECT pg_catalog.string_agg(app.table_line(c.level, c.class, c.deviation_code, c.differences::text, c.places::text, c.roots::text,
                c.dollars::text), E'\n' ORDER BY pg_catalog.array_position(
                ARRAY['file', 'count', 'total', 'person', 'receipt', 'decision', 'csv', 'workbook'], c.level), c.class, c.deviation_code)
         FROM report.parallel_counts AS c WHERE c.run_id = p_run_id), '',
        '## Unexplained', '',
        coalesce((SELECT app.table_line('No.', 'Place', 'There', 'Here', 'Class', 'Dollars') || E'\n|--:|---|---|---|---|--:|\n'
                || pg_catalog.string_agg(x.line, E'\n' ORDER BY x.difference_number)
            FROM (
                SELECT d.difference_number, app.table_line(d.difference_number::text, d.path, d.old_value, d.new_value, d.class,
                    d.dollars::text) AS line
                FROM report.parallel_differences AS d WHERE d.run_id = p_run_id AND d.is_unexplained
                ORDER BY d.difference_number LIMIT 100
            ) AS x), 'None.'), '',
        '## Ten largest', '',
        coalesce((SELECT app.table_line('Place', 'Card', 'There', 'Here', 'Class', 'Dollars') || E'\n|---|---|---|---|---|--:|\n'
                || pg_catalog.string_agg(x.line, E'\n' ORDER BY x.dollars DESC, x.difference_number)
            FROM (
                SELECT d.difference_number, abs(d.dollars) AS dollars, app.table_line(d.path, d.part, d.old_value, d.new_value,
                    coalesce(d.deviation_code, d.class), d.dollars::text) AS line
                FROM report.parallel_differences AS d WHERE d.run_id = p_run_id AND d.dollars IS NOT NULL
                ORDER BY abs(d.dollars) DESC, d.difference_number LIMIT 10
            ) AS x), 'None with dollars.'), '',
        '## Months', '',
        coalesce((SELECT app.table_line('Month', 'Verdict', 'Unexplained', 'Explained', 'Clean in a row') || E'\n|---|---|--:|--:|--:|\n'
                || pg_catalog.string_agg(app.table_line(m.month_name, coalesce(m.verdict, 'no run in the shape in use'),
                    r.roots_unexplained::text, r.roots_explained::text, m.consecutive::text), E'\n' ORDER BY m.period_start)
            FROM report.clean_months AS m LEFT JOIN report.parallel_runs AS r ON r.run_id = m.run_id
            WHERE m.programme = v_run.programme), 'No month says which shape is in use.'), '');
    RETURN app.shown(v_text);
END
$$;
COMMENT ON FUNCTION report.parallel_report(uuid) IS 'A comparison as a report in Markdown: verdict, totals, counts and dollars by level, class and deviation, what nothing explains (the first 100), the ten largest, and the months of the programme. Raises NF162.';
GRANT EXECUTE ON FUNCTION report.parallel_report(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
