-- Batches after what goes wrong in practice: voided, corrected, accepted and handed in twice.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(55);
\ir ../fixtures/batches.psql
CREATE FUNCTION tap.unposted(p_month uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', o.employee_name, substring(o.description FROM 'receipt [0-9]*'), substring(o.description FROM 'batch.*')), '; '
        ORDER BY o.description) FROM report.month_obstacles(p_month) AS o WHERE o.kind = 'not_posted';
END;
CREATE FUNCTION tap.warned(p_session uuid, p_reversals text DEFAULT 'none') RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', w ->> 'line_number', w ->> 'receipt_id', w ->> 'also_in'), '; ' ORDER BY w ->> 'line_number')
    FROM tap.look(p_session, p_reversals, 'all') AS x, jsonb_array_elements(x.warnings) AS w;
END;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

-- Ann is finished; Bob lacks a code.
\set ann 'tap.entry(''{"car_total": 30.00, "rec_total": 30.00}'', tap.receipt(''{}''), tap.receipt(''{"rec_id": "40000002", "amt": "20.00", "code_type": "Job Coding", "job": "19002.", "phase": "410.25", "cost_type": "5", "gl_acct": null}''))'
\set bob 'tap.entry(''{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2], "car_total": 12.00, "rec_total": 12.00}'', tap.receipt(''{"rec_id": "40000003", "amt": "5.00"}''), tap.receipt(''{"rec_id": "40000004", "amt": "7.00", "gl_acct": null}''))'
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BOB', :bob)) AS session \gset

-- A batch of reversals that was voided: they go out again.
SAVEPOINT fault;
SELECT tap.freeze(:'session') \g /dev/null
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET amount = 11.00 WHERE session_id = :'session' AND external_transaction_id = '40000001';
SELECT is(tap.freeze(:'session', 'needed', 'all', 'Now'), 'exported 2 3 6.00', 'what changed is reversed');
:as_admin
SELECT is((SELECT b.is_void FROM api.void_batch('old_program', 2, 'The mail came back') AS b), true, 'that batch was never posted');
:as_processor
SELECT is(tap.freeze(:'session', 'needed', 'all', 'Now'), 'exported 3 3 6.00', 'the next one has the same');
ROLLBACK TO SAVEPOINT fault;

-- A formula is one, too, after what nobody sees: judged is what is written.
:as_tester
SELECT is(app.is_formula(t.text), t.formula, t.name) FROM (VALUES (E'\x01=cmd', true, 'after a control character'),
    (E'\x7f=cmd', true, 'after DEL'), (U&'\0085+1', true, 'after NEL'), (U&'\009f-1', true, 'after another C1 control'),
    (U&'\2028=cmd', true, 'after a line separator'), (U&'\2029@x', true, 'after a paragraph separator'),
    (U&'\00a0=cmd', true, 'after a blank that does not break'), (U&'\200b=cmd', true, 'after a blank without width'),
    (U&'\00ad=cmd', true, 'after a soft hyphen'), (U&'\202e=cmd', true, 'after a change of direction'),
    (U&'\2060=cmd', true, 'after a word joiner'), (U&'\feff=cmd', true, 'after a byte order mark'),
    (U&'\3000"\200b=cmd', true, 'after several of them'), (U&'\fe621', true, 'with a small plus'), (U&'\22121', true, 'with a minus sign'),
    (E'a\x01=1', false, 'not after a letter'), (U&'\00e4=1', false, 'nor after another letter'), (U&'\200bCrew', false, 'nor a word'),
    (E'\x01', false, 'nor a control character alone'), ('', false, 'nor nothing')) AS t (text, formula, name);
SELECT is(app.safe_text(U&'\0085@x'), '', 'a formula is left empty');
SELECT is(app.safe_text(E'Crew\x7fof\u009fsix\x01'), 'Crew of six', 'control characters within a text are blanks');
SELECT is(app.is_formula(NULL) IS TRUE, false, 'an unknown text is none');
SAVEPOINT fault;
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = E'\x7f=HYPERLINK("http://x","y")' WHERE session_id = :'session' AND external_transaction_id = '40000001';
UPDATE api.current_transactions SET merchant_name = U&'\200b+1' WHERE session_id = :'session' AND external_transaction_id = '40000002';
SELECT is(tap.states(:'session'), '40000001 unsafe_text, 40000002 unsafe_text, 40000003 person_not_finished, 40000004 not_coded', 'so is a receipt with one');
SELECT is(tap.freeze(:'session', 'none', 'all', 'Now'), 'exported 1 1 5.00', 'and stays out of a batch');
SELECT is(position('HYPERLINK' IN convert_from(report.batch_content('old_program', 1), 'UTF8')), 0, 'whose bytes have none');
ROLLBACK TO SAVEPOINT fault;

-- What is posted and does not stand keeps the month open as what is not posted does.
:as_owner
SELECT api.save_user('roy', NULL, 'reviewer') \g /dev/null
:as_processor
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset
SELECT tap.freeze(:'session') \g /dev/null
SELECT is(tap.unposted(:'month'), NULL, 'what is finished is posted');
SAVEPOINT fault;
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Other words' WHERE session_id = :'session' AND external_transaction_id = '40000001';
SELECT is(tap.unposted(:'month'), NULL, 'other words stand');
UPDATE api.current_transactions SET gl_account = '6999' WHERE session_id = :'session' AND external_transaction_id = '40000001';
DELETE FROM api.current_transactions WHERE session_id = :'session' AND external_transaction_id = '40000002';
SELECT is(tap.unposted(:'month'), 'ANN receipt 40000001 batch 1 of old_program, line 1: codes; ANN receipt 40000002 batch 1 of old_program, line 2: withdrawn',
    'another code does not, nor what is withdrawn');
SAVEPOINT changed;
SELECT is(tap.freeze(:'session', 'needed', 'all', 'Now'), 'exported 2 4 -15.00', 'a batch reverses both');
SELECT is(tap.unposted(:'month'), NULL, 'after which nothing is left');
ROLLBACK TO SAVEPOINT changed;
:as_reviewer
SELECT is((api.accept_unposted(:'month', (SELECT m.version FROM report.months AS m WHERE m.month_id = :'month'), 'By hand')).state, 'open', 'or it is accepted');
SELECT is(tap.unposted(:'month'), NULL, 'which counts');
ROLLBACK TO SAVEPOINT fault;

-- Accepted is what was seen: what a void leaves unposted afterwards is asked for again.
SAVEPOINT fault;
:as_reviewer
SELECT (api.accept_unposted(:'month', (SELECT m.version FROM report.months AS m WHERE m.month_id = :'month'), 'Nothing is open')).state \g /dev/null
:as_admin
SELECT b.is_void FROM api.void_batch('old_program', 1, 'The mail came back') AS b \g /dev/null
SELECT is(tap.unposted(:'month'), 'ANN receipt 40000001; ANN receipt 40000002', 'what was accepted before does not speak for it');
SET LOCAL app.actor = 'roy';
SET LOCAL ROLE ccp_reviewer;
SELECT throws_ok(format('SELECT api.close_month(%L, (SELECT m.version FROM report.months AS m WHERE m.month_id = %L), ''Done'')', :'month', :'month'), 'RL051', NULL, 'and the month is not closed');
SELECT (api.accept_unposted(:'month', (SELECT m.version FROM report.months AS m WHERE m.month_id = :'month'), 'By hand')).state \g /dev/null
SELECT is(tap.unposted(:'month'), NULL, 'accepted anew it counts');
SELECT set_config('app.actor', 'pat', true) \g /dev/null
SET LOCAL ROLE ccp_processor;
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET gl_account = '6120.100' WHERE session_id = :'session' AND external_transaction_id = '40000004';
SET LOCAL app.actor = 'roy';
SET LOCAL ROLE ccp_reviewer;
SELECT (api.accept_unposted(:'month', (SELECT m.version FROM report.months AS m WHERE m.month_id = :'month'), 'By hand')).state \g /dev/null
SELECT throws_ok(format('SELECT api.close_month(%L, (SELECT m.version FROM report.months AS m WHERE m.month_id = %L), ''Done'')', :'month', :'month'), 'PM052', NULL, 'who accepted alone does not close');
SET LOCAL app.actor = 'rae';
SELECT is((api.close_month(:'month', (SELECT m.version FROM report.months AS m WHERE m.month_id = :'month'), 'Done')).state, 'closed', 'somebody else does');
ROLLBACK TO SAVEPOINT fault;

-- A receipt id that an earlier batch has of another receipt is a warning, in the same month, too.
\set cat 'tap.entry(''{"employee_id": "1003", "card_no": "999999XXXXXX3333", "car_page_range": [3], "rec_page_range": [3], "car_total": 10.00, "rec_total": 20.00}'', tap.receipt(''{"rec_id": "40000009"}''), tap.receipt(''{"rec_id": "40000009"}''))'
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BOB', :bob, 'CAT', :cat), :'session') AS twice \gset
SELECT tap.freeze(:'twice', p_people => 'all', p_reason => 'Now') AS made \gset
SELECT is(tap.warned(:'twice'), NULL, 'nothing to post, nothing to warn of');
SET LOCAL app.reason = 'as told';
DELETE FROM api.current_transactions WHERE transaction_id = (SELECT l.transaction_id FROM report.accounting_batch_lines AS l WHERE l.receipt_id = '40000009');
SELECT is(tap.warned(:'twice'), '1 40000009 batches 2025-03', 'the other page of a receipt that was posted and withdrawn since');
SELECT is(tap.warned(:'twice', 'needed'), NULL, 'not when the posted one is reversed with it');
SELECT l.batch_number AS batch FROM report.accounting_batch_lines AS l WHERE l.receipt_id = '40000009' \gset
:as_admin
SELECT b.is_void FROM api.void_batch('old_program', :batch, 'The mail came back') AS b \g /dev/null
:as_processor
SELECT is(tap.warned(:'twice'), NULL, 'nor when that batch is void');

-- Pages of one receipt id change places: the receipt is the one that was posted.
\set page 'tap.receipt(jsonb_build_object(''rec_id'', ''61'', ''date'', ''06/15/2025'', ''purpose'', '
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', :page 'A')), :page 'B'))))) AS pages \gset
SELECT tap.freeze(:'pages', p_people => 'all', p_reason => 'Now') AS made \gset
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', :page 'B')), :page 'A')))), :'pages') AS turned \gset
SELECT is(tap.states(:'turned'), '61 duplicate, 61 exported_before', 'what was posted stands, wherever the next file has it');
-- One that people called so, before the one that was posted: it is not posted beside that.
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', :page 'C') || '{"rec_id": "60", "amt": "12.00", "code_type": null, "gl_acct": null, "coded": false}'), :page 'A')))), :'turned') AS called \gset
UPDATE api.current_transactions SET external_transaction_id = '61', coding_type = 'gl_coding', gl_account = '6120.100' WHERE session_id = :'called' AND external_transaction_id = '60';
SELECT is(tap.states(:'called'), '61 uncertain, 61 duplicate', 'which comes first by now is uncertain');
SELECT is(tap.freeze(:'called', p_people => 'all', p_reason => 'Now'), 'expected a receipt to post, got 1 duplicate, 1 uncertain', 'and is not posted');
SELECT is(split_part(tap.freeze(:'called', 'needed', 'all', 'Now'), ' ', 4), '2.00', 'but with the reversal of the other one');

-- What no rule asks about is asked when the month is closed: no code where none is wanted, a card that was not read.
:as_admin
SELECT s.version FROM api.save_rule('missing_coding_info', 1, p_blocks => false) AS s \g /dev/null
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "71", "date": "07/15/2025", "code_type": null, "gl_acct": null, "coded": false}')),
    'DOT', tap.entry('{"employee_id": "1004", "card_no": "None"}', tap.receipt('{"rec_id": "72", "date": "07/15/2025"}')))) AS uncoded \gset
SELECT s.month_id AS july FROM report.sessions AS s WHERE s.session_id = :'uncoded' \gset
:as_admin
SELECT is(tap.unposted(:'july'), 'ANN receipt 71 batch takes it, not coded; DOT receipt 72 batch takes it, no card', 'is named');
SELECT i.issue_id AS asked, i.version AS asked_version FROM report.validation_issues AS i WHERE i.session_id = :'uncoded' AND i.issue_type = 'missing_coding_info' \gset
SELECT i.state FROM api.mark_false_positive(:'asked', :asked_version, 'Never posted') AS i \g /dev/null
SELECT is(tap.unposted(:'july'), 'DOT receipt 72 batch takes it, no card', 'until somebody decides');

:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
