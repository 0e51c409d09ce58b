-- Each old file that became a closed month is proved against it, and a person signs that.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/closed.psql
SELECT plan(42);
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null

-- One file as the old program wrote it; one with two totals that are more than its receipts, and an employee that is none.
:as_processor
SELECT api.import_activity(jsonb_build_object('ANNROE', tap.entry('{"flags": {"missing_coding_info": false, "own": {"a": 1}}}', tap.receipt('{"rec_id": "7"}'), tap.receipt('{"rec_id": "8", "amt": "2.50"}')),
    'BEAROE', tap.entry('{"employee_id": "1002", "car_total": 0.1, "odd": [1, {"a": null}], "card_no": "9999990000001193"}'))::text,
    'Same', p_file_name => 'same.json', p_programme => 'one') ->> 'session_id' AS same \gset
SELECT api.import_activity(jsonb_build_object('ANNROE', tap.entry('{"rec_total": 20.004}', tap.receipt('{"rec_id": "9"}')),
    'BEAROE', tap.entry('{"employee_id": {}}'), 'CYDROE', tap.entry('{"employee_id": {}, "car_total": []}'))::text, 'Other', p_programme => 'two') ->> 'session_id' AS other \gset
:as_tester
SELECT s.month_id AS same_month FROM report.sessions AS s WHERE s.session_id = :'same' \gset
SELECT s.month_id AS other_month FROM report.sessions AS s WHERE s.session_id = :'other' \gset
CREATE FUNCTION tap.shown(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', p.is_exact, p.is_same, p.entries_changed, p.signature, p.signed_by_name)
    FROM report.history_proof AS p WHERE p.session_id = p_session;
END;
CREATE FUNCTION tap.month_version(p_session uuid) RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT m.version FROM report.sessions AS s JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = p_session;
END;
GRANT EXECUTE ON FUNCTION tap.shown(uuid), tap.month_version(uuid) TO PUBLIC;
SELECT is_empty('SELECT FROM report.history_proof', 'an open month is not proved');
SELECT results_eq('SELECT f.passed, f.evidence -> ''not_complete'' FROM app.check_history_complete() AS f',
    $$VALUES (false, '["one 2025-03, not closed", "two 2025-03, not closed"]'::jsonb)$$, 'nor is it history: of each old file a closed month is asked for');
:as_reviewer
SELECT throws_ok(format('SELECT api.sign_history_proof(%L, %s)', :'same', tap.month_version(:'same')), 'NF001', NULL, 'and not signed');
:as_admin
SELECT count(*) AS closed FROM (VALUES (:'same_month'::uuid), (:'other_month')) AS w (month_id)
JOIN report.months AS m ON m.month_id = w.month_id CROSS JOIN LATERAL api.close_past_month(m.month_id, m.version) AS c \gset

:as_reader
SELECT results_eq(format($$SELECT p.file_name, p.is_latest, p.file_people, p.month_people, p.file_receipts, p.month_receipts, p.file_car_total,
        p.month_car_total, p.file_receipt_total, p.month_receipt_total, p.entries_refused, length(p.sha256)
    FROM report.history_proof AS p WHERE p.session_id = %L$$, :'same'),
    $$VALUES ('same.json', true, 2::bigint, 2::bigint, 2::bigint, 2::bigint, 10.10, 10.10, 10.00, 12.50, 0::bigint, 64)$$,
    'file and month side by side');
SELECT is(tap.shown(:'same'), 't f 0 none', 'exact, though the total in the file is not that of its receipts');
SELECT is(tap.shown(:'other'), 't f 0 none', 'exact as to what was taken');
SELECT is((SELECT concat_ws(' ', p.entries_refused, p.file_people, p.file_receipt_total) FROM report.history_proof AS p WHERE p.session_id = :'other'),
    '2 1 20.00', 'what was refused is told, of each employee once, totals are rounded to the cent');
SELECT throws_ok(format('SELECT api.sign_history_proof(%L, 1)', :'same'), '42501', NULL, 'a reader signs nothing');
:as_processor
SELECT throws_ok(format('SELECT api.sign_history_proof(%L, 1)', :'same'), '42501', NULL, 'nor does a processor');
SELECT tap.month_version(:'same') AS version \gset
SELECT is((api.compare_old_result(:'same', jsonb_build_object('ANNROE', tap.entry('{}', tap.receipt('{"rec_id": "7"}')))::text,
    p_same_files => true, p_shape_in_use => 'by_code')).verdict, 'not_comparable', 'a closed month is compared; with a file as its source that proves nothing');
SELECT is(tap.month_version(:'same'), :version, 'and nothing of it is changed');
:as_reviewer
SELECT throws_ok(format('SELECT api.sign_history_proof(%L, %s, ''x'')', :'same', tap.month_version(:'same') - 1), 'ST001', NULL, 'nor does who saw another version');
SELECT throws_ok(format('SELECT api.sign_history_proof(%L, %s)', :'same', tap.month_version(:'same')), 'IV008', NULL, 'what differs takes a note');
SELECT throws_ok(format('SELECT api.withdraw_history_proof(%L, %s, ''x'')', :'same', tap.month_version(:'same')), 'ST002', NULL, 'nothing is there to withdraw');
SELECT throws_ok($$SELECT api.sign_history_proof('00000000-0000-7000-8000-00000000000a', 1)$$, 'NF001', NULL, 'no such session');
SELECT is(p.signature || ' ' || p.signed_by_name || ' ' || p.note, 'signed rex Its total is an error of the old program',
    'signed with a note')
FROM api.sign_history_proof(:'same', tap.month_version(:'same'), 'Its total is an error of the old program', 'key 1') AS p;
SELECT is(p.signature, 'signed', 'asked again by its request id')
FROM api.sign_history_proof(:'same', tap.month_version(:'same'), 'Its total is an error of the old program', 'key 1') AS p;
:as_tester
SELECT is((SELECT count(*) FROM app.history_signatures), 1::bigint, 'it is there once');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;
SELECT throws_ok('DELETE FROM app.history_signatures', NULL, NULL, 'nobody removes it');

:as_reviewer
SELECT throws_ok(format('SELECT api.withdraw_history_proof(%L, %s, '' '')', :'same', tap.month_version(:'same')), 'IV008', NULL, 'withdrawing takes a reason');
SELECT is(p.signature || ' ' || p.note, 'withdrawn Wrong month', 'it is withdrawn')
FROM api.withdraw_history_proof(:'same', tap.month_version(:'same'), 'Wrong month') AS p;
SELECT throws_ok(format('SELECT api.withdraw_history_proof(%L, %s, ''x'')', :'same', tap.month_version(:'same')), 'ST002', NULL, 'once');
SELECT is(p.signature, 'signed', 'and signed anew')
FROM api.sign_history_proof(:'same', tap.month_version(:'same'), 'After all') AS p;

-- What was changed here comes back otherwise, and the signature was of other figures.
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SELECT (api.reopen_month(:'same_month', m.version, 'Look again')).state AS state FROM report.months AS m WHERE m.month_id = :'same_month' \gset
SELECT is(tap.shown(:'same'), NULL, 'a reopened month is out of the list');
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 0.05 WHERE transaction_id = (
    SELECT t.transaction_id FROM report.transactions AS t WHERE t.session_id = :'same' AND t.external_transaction_id = '7');
:as_admin
SELECT throws_ok(format('SELECT api.close_past_month(%L, %s)', :'same_month', m.version), 'RL051', NULL, 'what somebody worked on is no history')
FROM report.months AS m WHERE m.month_id = :'same_month';
SELECT tap.close_as_it_is(:'same_month') AS state \gset
SELECT is(tap.shown(:'same'), 'f f 1 outdated rex', 'closed again it is not what was signed');
SELECT is((SELECT e.entry #>> '{flags,own}' FROM report.activity_entries(:'same') AS e WHERE e.source_key = 'ANNROE'), '{"a": 1}', 'a flag that nobody knows comes back all the same');
SELECT is(p.signature || ' ' || p.is_exact::text, 'signed false', 'who saw that may sign it, with a note')
FROM api.sign_history_proof(:'same', tap.month_version(:'same'), 'Corrected here') AS p;
SELECT is(tap.shown(:'other'), 't f 0 none', 'the other one is as it was');

-- What one person signs makes nothing exact; two who signed the same figures accept them, until one of them withdraws.
:as_tester
SELECT is((SELECT concat_ws(' ', h.is_exact, h.has_totals, h.accepted_by) FROM app.cutover_history AS h WHERE h.session_id = :'same'),
    'f f', 'a note turns nothing into exact');
SELECT is((SELECT f.passed FROM app.check_history_exact() AS f), false, 'so the check says no');
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SELECT api.sign_history_proof(:'same', tap.month_version(:'same'), 'Bea was corrected after the file was written') \g /dev/null
:as_tester
SELECT is((SELECT concat_ws(' ', h.is_exact, h.has_totals, h.accepted_by) FROM app.cutover_history AS h WHERE h.session_id = :'same'),
    't t ada, ava', 'two people accept what differs');
SELECT is((SELECT concat_ws(' ', h.is_exact, h.has_totals) FROM app.cutover_history AS h WHERE h.session_id = :'other'), 'f f', 'what is not signed is not exact');
SAVEPOINT refused;
:as_reviewer
SELECT api.sign_history_proof(:'other', tap.month_version(:'other'), 'Bea left') \g /dev/null
:as_tester
SELECT is((SELECT concat_ws(' ', h.signature, h.is_complete, h.has_totals, h.is_exact) FROM app.cutover_history AS h WHERE h.session_id = :'other'),
    'signed f f f', 'nor what is signed by one, where an employee of the file was refused');
SELECT is((SELECT f.evidence -> 'not_complete' FROM app.check_history_complete() AS f), '["two 2025-03, signed, 2 employees refused"]'::jsonb, 'which is named');
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_admin; SET LOCAL app.actor = 'ava';
SELECT api.sign_history_proof(:'other', tap.month_version(:'other'), 'She is no employee') \g /dev/null
:as_tester
SELECT is((SELECT concat_ws(' ', c.passed, t.passed, e.passed) FROM app.check_history_complete() AS c, app.check_history_totals() AS t, app.check_history_exact() AS e),
    't t t', 'two people may accept it');
:as_owner
UPDATE app.months SET state = 'open' WHERE month_id = :'same_month';
:as_tester
SELECT is((SELECT concat_ws(' ', c.passed, t.passed, e.passed) FROM app.check_history_complete() AS c, app.check_history_totals() AS t, app.check_history_exact() AS e),
    'f f f', 'a signed month that is open again is proved no more');
SELECT is((SELECT count(*) FROM app.cutover_history), 2::bigint, 'and stays in the list');
ROLLBACK TO SAVEPOINT refused;
:as_reviewer
SELECT api.withdraw_history_proof(:'same', tap.month_version(:'same'), 'Not sure any more') \g /dev/null
SELECT api.sign_history_proof(:'same', tap.month_version(:'same'), 'After all') \g /dev/null
:as_tester
SELECT is((SELECT concat_ws(' ', h.is_exact, h.accepted_by) FROM app.cutover_history AS h WHERE h.session_id = :'same'),
    'f', 'what was withdrawn begins anew');

-- The same to the last figure takes no note.
:as_processor
SELECT api.import_activity(jsonb_build_object('ANNROE', tap.entry('{}', tap.receipt('{"rec_id": "11"}')))::text,
    'Third', p_programme => 'three') ->> 'session_id' AS third \gset
:as_admin
SELECT (api.close_past_month(m.month_id, m.version)).state FROM report.sessions AS s JOIN report.months AS m ON m.month_id = s.month_id
WHERE s.session_id = :'third' \gset
SELECT is(p.is_same::text || ' ' || p.signature, 'true signed', 'what is the same is signed without a word')
FROM api.sign_history_proof(:'third', tap.month_version(:'third')) AS p;
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
