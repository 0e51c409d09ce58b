-- An old workbook says what the file it was made of says: each other cell, row or column is one difference.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/documents.psql
SELECT no_plan();

-- Ann has a receipt without code and one that lacks nothing; Bob has none.
CREATE FUNCTION tap.side() RETURNS app.compared_side
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    v_entries app.activity_entry[] := ARRAY[
        ROW('ANNROE', 1, tap.entry('{"name": "ANNROE", "car_total": 30.5, "rec_total": 20.0000000001}', tap.receipt('{"rec_id": "40000001"}'),
            tap.receipt('{"rec_id": "40000002", "gl_acct": null, "coded": false, "amt": "10.00"}')) || '{"flags": {"missing_coding_info": true}}'),
        ROW('BOBROE', 2, tap.entry('{"name": "BOBROE", "car_total": -5}'))]::app.activity_entry[];
    v_side app.compared_side;
BEGIN
    v_side.receipts := app.old_receipts(v_entries);
    v_side.people := app.old_people(v_entries, v_side.receipts);
    RETURN v_side;
END
$$;
-- Differences of this workbook, one a line.
CREATE FUNCTION tap.told(p_workbook jsonb) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(', ', v.level, v.path, v.field, v.old_value), E'\n' ORDER BY v.path COLLATE "C", v.field COLLATE "C", v.old_value COLLATE "C")
    FROM app.workbook_values(p_workbook, tap.side(), tap.side()) AS v WHERE v.class IS NULL;
END;
SELECT jsonb_build_object('Summary', jsonb_build_array(
        '["Name", "Card Activity Total", "Receipt Total", "Receipt Count", "Missing Receipt Amount", "Flags"]'::jsonb,
        '["ANNROE", "30.50", "20.00", "1.00", "10.50", "missing_coding_info"]'::jsonb, '["BOBROE", "-5.00", "0.00", "0.00", "-5.00", null]'::jsonb),
    'Receipt Issue Details', jsonb_build_array(
        '["Name", "Expense", "Date", "Amount", "Purpose", "Merchant Name", "Merchant Address", "Status"]'::jsonb,
        (SELECT to_jsonb(r.cells) FROM app.workbook_receipts(tap.side()) AS r WHERE r.source_key = 'ANNROE'),
        '["BOBROE", "N/A", "N/A", "N/A", "N/A", "N/A", "N/A", "Missing All Receipts"]'::jsonb)) AS book \gset
SELECT is((:'book'::jsonb #>> '{Receipt Issue Details,1,7}'), 'Missing Coding', 'a receipt that lacks its code has a row');
SELECT is(tap.told(:'book'), NULL, 'a workbook of just that file says nothing else; by code it counts codes');
SELECT is(tap.told(jsonb_set(:'book', x.path, x.value)), x.told, x.told)
FROM (VALUES ('{Summary,1,1}'::text[], '"30.51"'::jsonb, 'workbook, report.xlsx: Summary, Card Activity Total, 30.51'),
    ('{Summary,1,3}', '"2.00"', 'workbook, report.xlsx: Summary, Receipt Count, 2.00'),
    ('{Summary,2,5}', '"total_mismatch"', 'workbook, report.xlsx: Summary, Flags, total_mismatch'),
    ('{Summary,1,0}', '"CYDROE"', E'workbook, report.xlsx: Summary, entry, a row\nworkbook, report.xlsx: Summary, entry'),
    ('{Summary,0,6}', '"More"', NULL), ('{Summary,1,6}', '"x"', 'file, report.xlsx: Summary: column 7, column 7, a column'),
    ('{Receipt Issue Details,1,3}', '"10.01"', 'workbook, report.xlsx: Receipt Issue Details, row 2, Amount, 10.01'),
    ('{Other}', '[["A"], ["b"]]', 'file, report.xlsx: Other: A, A, a column')) AS x (path, value, told);
SELECT is(tap.told(:'book'::jsonb #- x.path), x.told, x.told)
FROM (VALUES ('{Summary,2}'::text[], 'workbook, report.xlsx: Summary, entry'),
    ('{Receipt Issue Details,1}', 'workbook, report.xlsx: Receipt Issue Details, entry'),
    ('{Receipt Issue Details}', E'workbook, report.xlsx: Receipt Issue Details, entry\nworkbook, report.xlsx: Receipt Issue Details, entry')) AS x (path, told);
SELECT is(app.clear_workbook('{"S": [["a 9999990000001193", null, " 9999990000002222", "9999990000003333.00"]]}', '{9999990000001193}'),
    '{"S": [["a 999999XXXXXX1193", null, " 999999XXXXXX2222", "999999XXXXXX3333.00"]]}', 'cards are cut, and what may be one');
SELECT throws_ok(format('SELECT app.clear_workbook(%L, NULL)', x.book), 'IV008', NULL, x.book || ' is no workbook')
FROM (VALUES ('[]'), ('{"S": 1}'), ('{"S": ["a"]}'), ('{"S": [[1]]}')) AS x (book);
SELECT is(app.clear_workbook('{}', NULL), NULL, 'an empty one is none');
SELECT * FROM finish();
ROLLBACK;
