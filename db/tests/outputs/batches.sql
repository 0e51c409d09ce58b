-- Batches: each receipt is posted once, what changed is reversed, and lines with what was left out are the receipt total.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(67);
\ir ../fixtures/batches.psql
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

-- Ann is finished; Bob lacks a code.
\set ann 'tap.entry(''{"car_total": 30.00, "rec_total": 30.00}'', tap.receipt(''{}''), tap.receipt(''{"rec_id": "40000002", "amt": "20.00", "code_type": "Job Coding", "job": "19002.", "phase": "410.25", "cost_type": "5", "gl_acct": null}''))'
\set again 'tap.entry(''{"car_total": 30.00, "rec_total": 30.00}'', tap.receipt(''{"rec_id": "0040000001"}''), tap.receipt(''{"rec_id": "40000004", "amt": "9.99"}''), tap.receipt(''{"rec_id": "40000002", "amt": "20.00", "code_type": "Job Coding", "job": "19002.", "phase": "410.25", "cost_type": "5", "gl_acct": null}''))'
\set bob 'tap.entry(''{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2], "car_total": 12.00, "rec_total": 12.00}'', tap.receipt(''{"rec_id": "40000003", "amt": "5.00"}''), tap.receipt(''{"rec_id": "40000004", "amt": "7.00", "gl_acct": null}''))'
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BOB', :bob)) AS session \gset
SELECT results_eq(format('SELECT x.outcome, x.batch_number, x.invoice_month, x.line_count, x.line_total, x.left_out FROM tap.look(%L) AS x', :'session'),
    $$VALUES ('dry_run', NULL::integer, '2025-03-01'::date, 2, 30.00, '[{"total": "7.00", "reason": "not_coded", "receipts": 1}, {"total": "5.00", "reason": "person_not_finished", "receipts": 1}]'::jsonb)$$,
    'a look says what a batch would hold, of which invoice month, and what stays out');
SELECT is_empty('SELECT b.batch_number FROM report.accounting_batches AS b', 'and writes nothing');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_expected_sha256 => repeat(''0'', 64))', :'session'), 'ST001', NULL, 'what was not shown is not frozen');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_expected_sha256 => ''abc'')', :'session'), 'IV008', NULL, 'nor by another word');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_people => ''some'')', :'session'), 'IV008', NULL, 'finished or all');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_reversals => ''some'')', :'session'), 'IV008', NULL, 'none, needed or all');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_invoice_month => ''infinity'')', :'session'), 'IV008', NULL, 'a month of this time');
SELECT throws_ok(format('SELECT api.export_lines(%L, ''other'')', :'session'), 'NF090', NULL, 'a profile that is there');
SELECT throws_ok($$SELECT api.export_lines('00000000-0000-7000-8000-00000000000a')$$, 'NF001', NULL, 'a session that is there');
SELECT throws_ok(format('SELECT api.export_lines(%L, p_people => ''all'', p_expected_sha256 => repeat(''0'', 64))', :'session'), 'IV008', NULL,
    'who is not finished is handed over with a reason');
:as_reviewer
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'session'), '42501', NULL, 'a reviewer makes none');

:as_processor
SELECT is(tap.freeze(:'session'), 'exported 1 2 30.00', 'the first batch has what is finished');
:as_tester
SELECT is((SELECT convert_from(report.batch_content('old_program', 1), 'UTF8')), (
    SELECT string_agg(x.record, E'\n' ORDER BY x.line_number) || E'\n' FROM report.accounting_records(:'session') AS x WHERE x.line_number < 3),
    'its bytes are those lines of the file');
SELECT is((SELECT b.sha256 FROM report.accounting_batches AS b), encode(sha256(report.batch_content('old_program', 1)), 'hex'), 'and it has their hash');
SELECT is(tap.states(:'session'), '40000001 exported_before, 40000002 exported_before, 40000003 person_not_finished, 40000004 not_coded', 'which are exported now');
SELECT results_eq('SELECT o.receipt_id, o.reason, o.amount FROM report.accounting_left_out AS o ORDER BY 1',
    $$VALUES ('40000003', 'person_not_finished', 5.00), ('40000004', 'not_coded', 7.00)$$, 'what it left out is kept with it');
:as_processor
SELECT is(tap.freeze(:'session'), 'expected a receipt to post, got 2 exported_before, 1 not_coded, 1 person_not_finished', 'nothing is posted twice');

-- All, with a reason.
SELECT is(tap.freeze(:'session', p_people => 'all', p_reason => 'The books close'), 'exported 2 1 5.00', 'a batch of all has what is coded');
:as_tester
SELECT results_eq($$SELECT b.reason, i ->> 'rule_code' FROM report.accounting_batches AS b, jsonb_array_elements(b.open_issues) AS i WHERE b.batch_number = 2$$,
    $$VALUES ('The books close', 'missing_coding_info')$$, 'and keeps the issues that were open');

-- Voiding.
:as_processor
SELECT throws_ok('SELECT api.void_batch(''old_program'', 2, ''Lost'')', '42501', NULL, 'a processor voids none');
:as_admin
SELECT throws_ok('SELECT api.void_batch(''old_program'', 9, ''Lost'')', 'NF091', NULL, 'one that is there');
SELECT throws_ok('SELECT api.void_batch(''old_program'', 2, '' '')', 'IV008', NULL, 'with a reason');
SELECT is((SELECT b.is_void FROM api.void_batch('old_program', 2, 'The mail came back') AS b), true, 'another person voids it');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which is sound');
SELECT throws_ok('SELECT api.void_batch(''old_program'', 2, ''Again'')', 'ST002', NULL, 'once');
SELECT is(tap.states(:'session'), '40000001 exported_before, 40000002 exported_before, 40000003 person_not_finished, 40000004 not_coded', 'its lines are free');
SELECT is(tap.freeze(:'session', p_people => 'all', p_reason => 'The books close'), 'exported 3 1 5.00', 'and go out again');
SELECT throws_ok('SELECT api.void_batch(''old_program'', 3, ''Mine'')', 'PM090', NULL, 'nobody voids their own');

-- Changes after a batch.
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 11.00 WHERE session_id = :'session' AND external_transaction_id = '40000001';
UPDATE api.current_transactions SET purpose = 'Other words' WHERE session_id = :'session' AND external_transaction_id = '40000002';
SELECT is(tap.changed(:'session'), '1.1 {amount}{}: 10.00 to 11.00; 1.2 {}{purpose}: 20.00 to 20.00', 'both states of what changed');
SELECT e.status AS ann_status FROM report.employee_revisions AS e WHERE e.session_id = :'session' AND e.employee_name = 'ANN' \gset
SELECT is(:'ann_status'::text, 'unfinished', 'the totals differ, so Ann is not finished');
SELECT is((SELECT x.line_count FROM tap.look(:'session', 'needed') AS x), 0, 'and not reversed as somebody finished');
SAVEPOINT reversal;
SELECT is(tap.freeze(:'session', 'none', 'all', 'Now'), 'expected a receipt to post, got 1 changed_since_export, 2 exported_before, 1 not_coded', 'not unless asked');
SELECT is(tap.freeze(:'session', 'needed', 'all', 'Now'), 'exported 4 2 1.00', 'the old line is reversed, the new one posted');
SELECT results_eq('SELECT l.kind, l.transaction_amount, l.transaction_name, l.invoice_number, l.reversed_batch, l.reversed_line FROM report.accounting_batch_lines AS l WHERE l.batch_number = 4 ORDER BY l.line_number',
    $$VALUES ('reversal', '-10.00', 'REVERSAL of batch 1 line 1', '1193 030125', 1, 1), ('posting', '11.00', 'Crew of six', '1193 030125', NULL, NULL)$$,
    'as posted, with the opposite amount');
SELECT is(tap.changed(:'session'), '1.2 {}{purpose}: 20.00 to 20.00', 'what is left is words');
SELECT is(tap.freeze(:'session', 'all', 'all', 'Now'), 'exported 5 2 0.00', 'which are reversed when all is asked for');
:as_admin
SELECT throws_ok('SELECT api.void_batch(''old_program'', 1, ''x'')', 'ST090', NULL, 'one that was built on stays');
SELECT is((SELECT b.is_void FROM api.void_batch('old_program', 5, 'x') AS b), true, 'the last one may go');
SELECT is((SELECT b.is_void FROM api.void_batch('old_program', 4, 'x') AS b), true, 'then the one before');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which is sound');
SELECT is(tap.changed(:'session'), '1.1 {amount}{}: 10.00 to 11.00; 1.2 {}{purpose}: 20.00 to 20.00', 'and as before');
ROLLBACK TO SAVEPOINT reversal;

-- A receipt that is taken out, or moved, or stays away from a later submission.
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 10.00, purpose = purpose WHERE session_id = :'session' AND external_transaction_id = '40000001';
DELETE FROM api.current_transactions WHERE session_id = :'session' AND external_transaction_id = '40000002';
SELECT is(tap.states(:'session'), '40000001 exported_before, 40000002 withdrawn, 40000003 exported_before, 40000004 not_coded', 'withdrawn is a reason, too');
SELECT is(tap.changed(:'session'), '1.2 {withdrawn}{}: 20.00 to 20.00', 'and its line falls');
SELECT is(tap.freeze(:'session', 'needed', 'all', 'Now'), 'exported 4 1 -20.00', 'so it is reversed and nothing is posted');
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BOB', tap.entry('{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2], "car_total": 7.00, "rec_total": 7.00}', tap.receipt('{"rec_id": "40000004", "amt": "7.00"}'))), :'session') AS later \gset
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'session'), 'ST006', NULL, 'only the newest submission is handed over');
SELECT is(tap.states(:'later'), '40000001 exported_before, 40000002 withdrawn, 40000004', 'a receipt that came again counts as exported');
SELECT is(tap.changed(:'later'), '3.1 {gone}{}: 5.00 to ', 'one that did not falls');
SELECT is(tap.freeze(:'later', 'needed'), 'exported 5 2 2.00', 'and the new ones go out');
-- Handed in anew, after all of it was cancelled: what the batches have is not forgotten.
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset
:as_admin
SELECT x.status FROM report.sessions AS s, api.cancel_session(:'later', s.version) AS x WHERE s.session_id = :'later' \gset
SELECT x.status FROM report.sessions AS s, api.cancel_session(:'session', s.version) AS x WHERE s.session_id = :'session' \gset
SELECT is(tap.changed(:'later'), '1.1 {gone}{}: 10.00 to ; 5.1 {gone}{}: 7.00 to ', 'lines of a month without submission stand no more');
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :again)) AS anew \gset
SELECT is(tap.changed(:'anew'), '1.1 {gone}{}: 10.00 to ; 5.1 {gone}{}: 7.00 to ', 'and wait for the next one to reverse them');
SELECT is(tap.states(:'anew'), '0040000001 uncertain, 40000004 uncertain, 40000002 person_not_finished', 'what an earlier batch has is uncertain, by person, amount and date, or by id');
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET external_transaction_id = '40000011', amount = 12.00 WHERE session_id = :'anew' AND external_transaction_id = '0040000001';
SELECT is(tap.states(:'anew'), '40000011 uncertain, 40000004 uncertain, 40000002 person_not_finished', 'and stays so whatever is corrected');
SELECT is(tap.freeze(:'anew', 'none', 'all', 'Now'), 'exported 6 1 20.00', 'so it is not posted');
SELECT results_eq('SELECT o.receipt_id, o.reason FROM report.accounting_left_out AS o WHERE o.batch_number = 6 ORDER BY 1', $$VALUES ('40000004', 'uncertain'), ('40000011', 'uncertain')$$, 'but left out');
SELECT is((SELECT string_agg(substring(o.description FROM 'receipt [0-9]*'), '; ' ORDER BY o.description) FROM report.month_obstacles(:'month') AS o WHERE o.kind = 'not_posted'),
    'receipt 40000001; receipt 40000004; receipt 40000004; receipt 40000011', 'and the month waits for what does not stand, and for what is uncertain');
SELECT is(tap.freeze(:'anew', 'needed', 'all', 'Now'), 'exported 7 4 4.99', 'the old lines are reversed, and it is posted with them');
SELECT results_eq('SELECT l.kind, l.receipt_id, l.amount, l.reversed_batch, l.reversed_line FROM report.accounting_batch_lines AS l WHERE l.batch_number = 7 ORDER BY l.amount',
    $$VALUES ('reversal', '40000001', -10.00, 1, 1), ('reversal', '40000004', -7.00, 5, 1), ('posting', '40000004', 9.99, NULL, NULL), ('posting', '40000011', 12.00, NULL, NULL)$$, 'in one batch');
SELECT is(tap.changed(:'anew'), NULL, 'after which all stand');

-- Cancelled by mistake and brought back: its receipts are the same ones, and none is uncertain.
:as_admin
SELECT x.status FROM report.sessions AS s, api.cancel_session(:'anew', s.version) AS x WHERE s.session_id = :'anew' \gset
:as_processor
SELECT s.session_id AS back FROM api.restore_session(:'anew', NULL, 'It was right') AS s \gset
SELECT is(tap.states(:'back'), '40000011 exported_before, 40000004 exported_before, 40000002 exported_before', 'what is brought back counts as exported');
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 13.00 WHERE session_id = :'back' AND external_transaction_id = '40000011';
SELECT is(tap.states(:'back'), '40000011 changed_since_export, 40000004 exported_before, 40000002 exported_before', 'what is corrected then is changed, not uncertain');
SELECT is(tap.freeze(:'back', 'needed', 'all', 'Now'), 'exported 8 2 1.00', 'and posted anew');

-- Nobody changes what was made.
:as_owner
SELECT throws_ok('UPDATE app.accounting_batches SET line_count = 1', 'RL002', NULL, 'no batch is changed');
SELECT throws_ok('DELETE FROM app.accounting_batch_lines', 'RL002', NULL, 'no line goes');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
