-- A month that was read with an alias is compared so when the alias is taken back.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT plan(6);

CREATE FUNCTION tap.said(p_id text) RETURNS jsonb
LANGUAGE sql STABLE
RETURN tap.receipt(jsonb_build_object('rec_id', p_id, 'merch_name', 'GANTRY DOOR COMPANY', 'merch_addy', '2000 OLD MILL RD'));
-- What the old program makes of it, which knows that Rob is Bob, or does not.
CREATE FUNCTION tap.old_month(p_knows boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT (jsonb_build_object(
        'ANNROE', tap.entry('{"name": "ANNROE", "car_total": 0.0, "rec_total": 10.0, "files": ["ANNROE.pdf", "ANNROE.pdf"]}', tap.said('40000001')),
        'BOBROE', CASE WHEN p_knows THEN tap.entry('{"name": "BOBROE", "employee_id": "1002", "car_page_range": [2], "rec_page_range": [2],
                "car_total": 0.0, "rec_total": 10.0, "card_no": "999999XXXXXX2222", "files": ["BOBROE.pdf", "BOBROE.pdf"]}', tap.said('40000002'))
            ELSE tap.entry('{"name": "BOBROE", "employee_id": "1002", "car_page_range": [2], "car_total": 0.0, "card_no": "999999XXXXXX2222",
                "files": ["BOBROE.pdf"], "flags": {"missing_coding_info": false, "missing_receipt": false, "missing_all_receipts": true,
                "total_mismatch": false}}') END)
        || CASE WHEN p_knows THEN '{}' ELSE jsonb_build_object('ROBROE', tap.receipts_only('{"name": "ROBROE", "rec_page_range": [2],
            "rec_total": 10.0, "files": ["ROBROE.pdf"]}', tap.said('40000002'))) END)::text;
END;
CREATE FUNCTION tap.verdict(p_session uuid, p_knows boolean) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_run report.parallel_answer := api.compare_old_result(p_session, tap.old_month(p_knows), p_shape_in_use => 'by_code', p_same_files => true);
BEGIN
    RETURN concat_ws(' ', v_run.verdict, (
        SELECT string_agg(concat_ws(' ', d.person, d.receipt, d.field, d.class), ', ' ORDER BY d.difference_number)
        FROM report.parallel_differences AS d WHERE d.run_id = v_run.run_id AND (d.is_unexplained OR d.class IN ('alias_pending', 'corrected_here'))));
END
$$;
:as_admin
SELECT api.approve_alias('ROBROE', 'BOBROE', 'Known', p_is_sure => true) \g /dev/null
:as_owner
SELECT tap.hand_in('aliases', tap.pdf_report('{}',
        tap.pdf_card(jsonb_build_object('totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00'))), tap.pdf_charge('{}')),
        tap.pdf_card(jsonb_build_object('employee_id', '1002', 'cardholder_name', 'BOBROE', 'card_number', '999999XXXXXX2222',
            'pages', '[2]'::jsonb, 'totals', jsonb_build_array(tap.pdf_totals('10.00', '0.00', '10.00', 2))), tap.pdf_charge('{"page": 2}'))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"employee": "Rob Roe"}'))) ->> 'session_id' AS session \gset
:as_tester
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;
:as_processor
SELECT is(tap.verdict(:'session', true), 'clean', 'who knows the alias agrees');
SELECT is(tap.verdict(:'session', false), 'pending ROBROE entry alias_pending, ROBROE 40000002 person alias_pending', 'who does not waits for it');
:as_admin
SELECT api.withdraw_alias(a.receipt_key, a.version, 'Not he') FROM report.name_aliases AS a \g /dev/null
:as_processor
SELECT is((SELECT count(*) FROM report.employee_revisions AS e WHERE e.session_id = :'session' AND e.employee_name = 'ROBROE'), 1::bigint,
    'taken back, the name is somebody here');
SELECT is(tap.verdict(:'session', true), 'clean', 'but was not when the month was read');
SELECT is(tap.verdict(:'session', false), 'clean ROBROE entry corrected_here, ROBROE 40000002 person corrected_here', 'and is no question any more');
SELECT is((SELECT r.figures #>> '{now,people}' FROM report.parallel_runs AS r ORDER BY r.run_id DESC LIMIT 1), '3', 'as it is now there are three');
SELECT * FROM finish();
ROLLBACK;
