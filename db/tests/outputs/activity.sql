-- The way back to activity.json: people of one name are one entry only when asked for, and what is written otherwise is counted.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/closed.psql
SELECT plan(37);
CREATE FUNCTION tap.counts(p_session uuid, p_shape text DEFAULT 'as_imported', p_merge boolean DEFAULT false) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(c.change || '=' || c.number, ' ' ORDER BY c.change) FROM report.activity_changes(p_session, p_shape, p_merge) AS c;
END;
CREATE FUNCTION tap.refused(p_session uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM report.activity_json(p_session, 'by_id', false);
    RETURN 'written';
EXCEPTION WHEN SQLSTATE 'RL095' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
CREATE FUNCTION tap.said(p_session uuid, p_receipt_id text, p_field text DEFAULT 'purpose') RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT e.entry -> 'receipts' -> p_receipt_id ->> p_field FROM report.activity_entries(p_session) AS e;
END;
CREATE FUNCTION tap.codes(p_session uuid, p_receipt_id text) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(coalesce(tap.said(p_session, p_receipt_id, f.name), '-'), ' ' ORDER BY f.place)
    FROM unnest('{code_type,job,phase,cost_type,gl_acct,coded}'::text[]) WITH ORDINALITY AS f (name, place);
END;
CREATE FUNCTION tap.written(p_session uuid, p_key text) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT rtrim(concat_ws(' ', max((e.entry -> 'rec_page_range')::text::jsonb::text), string_agg(concat_ws(' ', x.receipt ->> 'rec_id', x.receipt ->> 'job', x.receipt ->> 'phase'), ', ')))
    FROM report.activity_entries(p_session) AS e
    LEFT JOIN LATERAL json_each(e.entry -> 'receipts') AS c ON true
    LEFT JOIN LATERAL json_array_elements(c.value) AS x (receipt) ON true
    WHERE e.source_key = p_key
    GROUP BY e.source_key;
END;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

-- Two cards of one name, and receipts of that name which nobody can give to one of them.
:as_owner
SELECT tap.hand_in('two', tap.pdf_report('{}', tap.pdf_card('{}'), tap.pdf_card('{"employee_id": "2002", "card_number": "999999XXXXXX2222", "pages": [2]}',
        tap.pdf_charge('{"page": 2, "number": "000000002"}', tap.pdf_line('{"page": 2, "net": "7.00", "gross": "7.00"}')))),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"amount": "7.00"}'))) \g /dev/null
:as_reader
SELECT s.session_id AS session FROM report.sessions AS s \gset
SELECT throws_ok(format('SELECT report.%s(%L)', t.name, :'session'), 'RL095', NULL, t.name || ' does not merge people by itself')
FROM (VALUES ('activity_json'), ('activity_entries'), ('activity_changes')) AS t (name);
SELECT is(tap.refused(:'session'), 'expected one person of each name, got ANNROE: 1001, 2002, no number', 'and names both by their numbers');
SELECT results_eq(format('SELECT e.source_key, e.people, e.entry ->> ''card_no'', (e.entry ->> ''car_total'')::numeric, (e.entry ->> ''rec_total'')::numeric, (e.entry -> ''car_page_range'')::text::jsonb FROM report.activity_entries(%L, p_merge_names => true) AS e', :'session'),
    $$VALUES ('ANNROE', 3::bigint, '999999XXXXXX1193', 17.0, 17.0, '[1, 2]'::jsonb)$$, 'asked for, they are one entry with both totals and all pages');
SELECT is((SELECT count(*) FROM report.activity_entries(:'session', p_merge_names => true) AS e, json_object_keys(e.entry -> 'receipts') AS k), 2::bigint, 'and all receipts');
SELECT is(tap.counts(:'session', p_merge => true), 'person_merged=2', 'which is told');

-- What the old program cannot read otherwise.
:as_owner
SELECT tap.hand_in('odd', tap.pdf_report('{}', tap.pdf_card('{"employee_id": "3001", "cardholder_name": "BOBROE", "card_number": "999999XXXXXX3333"}')),
    tap.pdf_receipts('{}', tap.pdf_receipt(1, '{"employee": "Bob Roe"}'),
        tap.pdf_receipt(2, '{"employee": "Bob Roe", "coding_type": "job_coding", "gl_account": null, "gl_description": null, "job": "19002.", "phase": "410.25", "coded": false}'),
        tap.pdf_receipt(3, '{"employee": "Bob Roe", "coding_type": null, "gl_account": null, "gl_description": null, "coded": false}'),
        tap.pdf_receipt(4, '{"employee": "Bob Roe", "purpose": null, "notes": 2}'),
        tap.pdf_receipt(5, '{"employee": "Bob Roe", "transaction_id": null}'),
        tap.pdf_receipt(6, '{"employee": "Bob Roe", "transaction_id": "40000001", "purpose": "Crew of seven"}'), tap.pdf_receipt(7, '{"employee": "Bob Roe", "amount": null}'))) \g /dev/null
:as_reader
SELECT s.session_id AS odd FROM report.sessions AS s WHERE s.session_id <> :'session' \gset
SELECT is(tap.counts(:'odd'), 'amount_unknown=1 half_code=1 no_coding_type=1 no_purpose=1 no_receipt_id=1 page_left_out=1', 'each is counted once');
SELECT is(tap.counts(:'odd', 'by_code'), 'amount_unknown=1 half_code=1 no_coding_type=1 no_purpose=1 no_receipt_id=1', 'by code no page is left out');
SELECT is(tap.codes(:'odd', '40000002'), 'Job Coding - - - - false', 'half a code is none');
SELECT is(tap.codes(:'odd', '40000003'), 'Job Coding - - - - false', 'no coding type is that of jobs, without codes');
SELECT is(tap.said(:'odd', '40000004'), 'Receipts Notes (2):', 'no purpose is the label with the number of notes');
SELECT is(tap.said(:'odd', '40000007', 'amt'), '0', 'an unknown amount is 0');
SELECT is(tap.said(:'odd', '40000001'), 'Crew of seven', 'of two pages with one id the last one');
SELECT is(tap.said(:'odd', '900000000001'), 'Crew of six', 'a number of its own is none that an expense system gives');
SELECT is((SELECT count(DISTINCT r.key) FROM report.activity_entries(:'odd') AS e, json_each(e.entry -> 'receipts') AS r WHERE r.key <> '' AND r.value ->> 'rec_id' = r.key), 6::bigint, 'no id is one of its own');
SELECT is((SELECT count(*) FROM report.activity_entries(:'odd') AS e WHERE e.fault IS NOT NULL), 0::bigint, 'so the old program reads it');
SELECT is((SELECT (e.entry ->> 'rec_total')::numeric FROM report.activity_entries(:'odd') AS e), 60.0, 'and the total has all pages');

-- An entry whose own text is kept, and of which every receipt was taken out since.
:as_processor
SELECT tap.import(jsonb_build_object('CARA', tap.entry('{"employee_id": "4001", "card_no": "999999XXXXXX4444"}', tap.receipt('{}'), tap.receipt('{"rec_id": "40000002"}')))) AS kept \gset
SET LOCAL app.reason = 'as told';
DELETE FROM api.current_transactions WHERE session_id = :'kept' AND external_transaction_id = '40000002';
:as_reader
SELECT results_eq(format('SELECT x.receipt ->> ''rec_id'', (e.entry ->> ''rec_total'')::numeric, e.entry ->> ''rec_page_range'' FROM report.activity_entries(%L) AS e, json_array_elements(e.entry -> ''receipts'' -> ''6120.100'') AS x (receipt)', :'kept'),
    $$VALUES ('40000001', 10.0, '[1]')$$, 'what is left of an old entry stands as it stood');
:as_processor
SET LOCAL app.reason = 'as told';
DELETE FROM api.current_transactions WHERE session_id = :'kept';
:as_reader
SELECT results_eq(format('SELECT e.entry ->> ''receipts'', (e.entry ->> ''rec_total'')::numeric, e.entry ->> ''rec_page_range'', e.entry #>> ''{flags,missing_all_receipts}'' FROM report.activity_entries(%L) AS e', :'kept'),
    $$VALUES ('{}', 0.0, '[]', 'true')$$, 'and nothing of it when nothing is left');

-- A text that may be no code: kept while the receipt is as it was, else none, which is counted. Who is given a receipt has its page.
:as_processor
SELECT tap.import(jsonb_build_object(
    'DORA', tap.entry('{"employee_id": "6001", "card_no": "999999XXXXXX5555", "rec_page_range": [7]}', tap.receipt(
        '{"rec_id": "40000005", "code_type": "Job Coding", "gl_acct": null, "gl_desc": null, "job": "<19002>", "phase": "410.25", "cost_type": "3", "coded": false}')),
    'EVA', tap.entry('{"employee_id": "6002", "card_no": "999999XXXXXX6666", "rec_page_range": [3, 1]}', tap.receipt('{"rec_id": "40000006"}')))) AS strange \gset
SELECT is(tap.written(:'strange', 'DORA'), '[7] 40000005 <19002> 410.25', 'a text that is no code comes back');
SELECT is(tap.counts(:'strange'), 'unfit_entry=2', 'which is no change');
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Crew of seven' WHERE session_id = :'strange' AND external_transaction_id = '40000005';
SELECT is(tap.written(:'strange', 'DORA'), '[7] 40000005', 'but not with the corrected receipt');
SELECT is(tap.counts(:'strange'), 'half_code=1 unfit_entry=2', 'which is told');
SELECT (api.move_transaction(:'strange', t.transaction_id, t.employee_revision_id, b.revision_id, 'Hers')) IS NULL AS moved
FROM report.transactions AS t JOIN report.employee_revisions AS b ON b.session_id = t.session_id AND b.employee_name = 'EVA'
WHERE t.session_id = :'strange' AND t.external_transaction_id = '40000005' \gset
SELECT is(tap.written(:'strange', 'EVA'), '[1, 3, 7] 40000006, 40000005', 'the pages of a receipt go with it');
SELECT is(tap.written(:'strange', 'DORA'), '[]', 'from whom had it');

-- Who has a receipt: what moved by an alias stands under its entry as before, what was given away under who has it.
:as_tester
CREATE FUNCTION tap.entries(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
RETURN (SELECT string_agg(e.source_key || ' ' || coalesce((SELECT string_agg(x.receipt ->> 'rec_id', ' ' ORDER BY x.receipt ->> 'rec_id')
        FROM json_each(e.entry -> 'receipts') AS c, json_array_elements(c.value) AS x (receipt)), '-'), ', ' ORDER BY e.source_key)
    FROM report.activity_entries(p_session, 'by_code') AS e);
GRANT EXECUTE ON FUNCTION tap.entries(uuid) TO PUBLIC;
:as_processor
SELECT tap.import(jsonb_build_object('DORADOE', tap.entry('{"employee_id": "5001"}', tap.receipt('{"rec_id": "51"}'), tap.receipt('{"rec_id": "52"}')),
    'EVAROE', tap.entry('{"employee_id": "5002"}', tap.receipt('{"rec_id": "53"}')),
    'FAYROE', tap.receipts_only('{}', tap.receipt('{"rec_id": "55"}')),
    'DODOE', '{}'::jsonb || jsonb_build_object('receipts', jsonb_build_object('6120.100', jsonb_build_array(tap.receipt('{"rec_id": "54"}')))))) AS given \gset
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions AS t SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'EVAROE')
WHERE t.session_id = :'given' AND t.external_transaction_id IN ('52', '55');
SELECT api.approve_alias('DODOE', 'DORADOE', 'It is her') \g /dev/null
:as_reader
SELECT is((SELECT string_agg(t.employee_name || ' ' || t.external_transaction_id, ', ' ORDER BY t.external_transaction_id) FROM report.transactions AS t
    WHERE t.session_id = :'given'), 'DORADOE 51, EVAROE 52, EVAROE 53, DORADOE 54, EVAROE 55', 'two are given away, one moved by an alias');
SELECT is(tap.entries(:'given'), 'DODOE 54, DORADOE 51, EVAROE 52 53 55', 'the file has those under who has them, and nobody without; the other where it was');
-- Withdrawn when the month is closed, the alias still says where the receipt stood; nobody else's entry has it.
:as_admin
SELECT tap.close_as_it_is(s.month_id) AS closed FROM report.sessions AS s WHERE s.session_id = :'given' \gset
SELECT convert_from(report.closed_file(:'given', 'activity.json', 'old_program', NULL, 'as_imported'), 'UTF8') AS stored \gset
:as_processor
SELECT is((api.withdraw_alias('DODOE', 1, 'Her sister')).moved_receipts, NULL, 'an alias withdrawn later moves nothing of a closed month');
:as_reader
SELECT is(tap.entries(:'given'), 'DODOE 54, DORADOE 51, EVAROE 52 53 55', 'whose file has every receipt where it was');
SELECT is(report.activity_json(:'given', 'as_imported', true)::text, :'stored', 'as it was stored');

-- Asked for wrongly.
SELECT throws_ok(format('SELECT report.activity_json(%L, ''by_name'')', :'odd'), 'IV008', NULL, 'another shape');
SELECT throws_ok('SELECT report.activity_json(''00000000-0000-7000-8000-00000000000a'')', 'NF001', NULL, 'no such session');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
