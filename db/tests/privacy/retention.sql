-- Each kind of document has its own time, a legal hold stops all of it, and what went is written down.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT no_plan();
\ir ../fixtures/calls.psql
:as_processor
SELECT api.attach_document(:'session', :'receipt', :'ann_now', 'scan.png', decode('89504e470d0a1a0a', 'hex'), 'Found it') \g /dev/null
SELECT api.compare_old_result(:'session', '{"ANNROE": {"name": "ANNROE", "employee_id": "1001", "car_total": 10.0}}') \g /dev/null
SELECT (tap.import_activity('{"CYDROE": {"zzz": 1, "name": "CYDROE", "employee_id": "1003", "car_total": 10.0, "card_no": "999999XXXXXX3333"}}', 'old')) ->> 'session_id' AS old \gset
:as_admin
SELECT api.save_setting(s.setting_name, s.days, s.version) FROM (
    SELECT x.setting_name, x.version, CASE x.setting_name WHEN 'receipt_retention_days' THEN 100 WHEN 'attachment_retention_days' THEN 110
        WHEN 'old_result_retention_days' THEN 120 WHEN 'kept_entry_retention_days' THEN 130 END AS days
    FROM report.settings AS x) AS s WHERE s.days IS NOT NULL \g /dev/null
:as_tester
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset
SELECT is((SELECT count(*) FROM app.kept_entries), 1::bigint, 'an entry is kept as it was written');
SELECT set_eq('SELECT r.kind FROM app.removable AS r', $$VALUES ('card_report'), ('receipts'), ('attachment'), ('old_result'), ('kept_entries')$$,
    'there is something of every kind');
-- What goes in the last moment of its time, and just after it.
CREATE FUNCTION tap.sweep(p_days integer, p_more interval DEFAULT '1 microsecond') RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    PERFORM app.remove_expired(now() + p_days * interval '1 day' + p_more);
    RETURN (SELECT string_agg(r.kind, ', ' ORDER BY r.kind) FROM report.removals AS r);
END
$$;
:as_admin
SELECT is(api.remove_expired_documents(), 0, 'nothing is due');
SELECT is(tap.sweep(90, '0'), NULL, 'nothing goes too early');

-- Under hold nothing goes at all.
SELECT throws_ok($$SELECT api.place_legal_hold('00000000-0000-7000-8000-00000000000a', 'x')$$, 'NF006', NULL, 'no hold of a month that is not there');
SELECT throws_ok(format('SELECT api.place_legal_hold(%L, '' '')', :'month'), 'IV008', NULL, 'nor without reason');
SELECT results_eq(format('SELECT h.is_in_force, h.placed_by_name, h.reason FROM api.place_legal_hold(%L, ''Case 7'', ''key 1'') AS h', :'month'),
    $$VALUES (true, 'ada', 'Case 7')$$, 'an administrator places one');
SELECT (api.place_legal_hold(:'month', 'Case 7', 'key 1')).hold_id AS hold, (api.place_legal_hold(:'month', 'Case 8')).hold_id AS other \gset
SELECT is((SELECT count(*) FROM report.legal_holds), 2::bigint, 'one key is one hold');
SELECT is(tap.sweep(4000), 'kept_entries', 'only what is of another month goes');
SELECT throws_ok(format('SELECT api.lift_legal_hold(%L, ''x'')', :'hold'), 'PM170', NULL, 'nobody lifts what they placed');
:as_processor
SELECT throws_ok(format('SELECT api.lift_legal_hold(%L, ''x'')', :'hold'), '42501', NULL, 'a processor lifts nothing');
SELECT throws_ok(format('SELECT api.place_legal_hold(%L, ''x'')', :'month'), '42501', NULL, 'and places nothing');
:as_reviewer
SELECT throws_ok(format('SELECT api.lift_legal_hold(%L, NULL)', :'hold'), 'IV008', NULL, 'lifting takes a reason');
SELECT throws_ok($$SELECT api.lift_legal_hold('00000000-0000-7000-8000-00000000000a', 'x')$$, 'NF170', NULL, 'and a hold');
SELECT results_eq(format('SELECT h.is_in_force, h.lifted_by_name, h.lift_reason FROM api.lift_legal_hold(%L, ''Over'') AS h', :'hold'),
    $$VALUES (false, 'rex', 'Over')$$, 'another person lifts it');
SELECT throws_ok(format('SELECT api.lift_legal_hold(%L, ''x'')', :'hold'), 'ST002', NULL, 'once');
:as_admin
SELECT is(tap.sweep(4000), 'kept_entries', 'while there is another one nothing goes');
:as_reviewer
SELECT (api.lift_legal_hold(:'other', 'Over too')).is_in_force AS held \gset

:as_admin
SELECT is(tap.sweep(90), 'card_report, kept_entries', 'then the card report goes');
SELECT is(tap.sweep(100, '0'), 'card_report, kept_entries', 'the receipts stay to their last moment');
SELECT is(tap.sweep(100), 'card_report, kept_entries, receipts', 'and go');
SELECT is(tap.sweep(110), 'attachment, card_report, kept_entries, receipts', 'then the scan');
SELECT is(tap.sweep(120, '0'), 'attachment, card_report, kept_entries, receipts', 'the old result stays to its last moment');
-- It was handed in a moment after the transaction began.
SELECT is(tap.sweep(120, '1 hour'), 'attachment, card_report, kept_entries, old_result, receipts', 'and goes');
SELECT is(tap.sweep(4000), 'attachment, card_report, kept_entries, old_result, receipts', 'each goes once');
SELECT results_eq($$SELECT DISTINCT r.cause, r.removed_bytes > 0, r.month_name IS NOT NULL FROM report.removals AS r WHERE r.kind <> 'kept_entries'$$,
    $$VALUES ('retention', true, true)$$, 'of each it is known what it was of');
:as_tester
SELECT is_empty('SELECT FROM app.document_chunks', 'no bytes are left');
SELECT is_empty('SELECT FROM app.old_result_texts', 'no text of an old result');
SELECT isnt_empty('SELECT FROM app.old_results', 'but the row about it');
SELECT lives_ok(format('SELECT report.activity_json(%L)', :'old'), 'an old month is written back of its rows');
SELECT throws_ok('DELETE FROM app.removals', 'RL002', NULL, 'nobody takes back what was written down');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
