-- What people said about receipts holds in later submissions, until the report says a third thing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(53);

-- Two people; each argument changes what a file says of the receipt with that id, null takes it out.
CREATE FUNCTION tap.file(p_changes jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql
BEGIN ATOMIC
    SELECT jsonb_build_object('ANN', tap.entry(jsonb_build_object('employee_id', '1', 'receipts', (
            SELECT jsonb_build_object('null', coalesce(jsonb_agg(tap.receipt('{"code_type": null, "gl_acct": null, "gl_desc": null, "coded": false}' || jsonb_build_object('rec_id', r.id, 'amt', r.amount)
                || coalesce(p_changes -> r.id, '{}')) ORDER BY r.id), '[]'))
            FROM (VALUES ('11', '10.00'), ('12', '20.00'), ('13', '30.00')) AS r (id, amount)
            WHERE p_changes -> r.id IS DISTINCT FROM 'null'))),
        'BEA', tap.entry(jsonb_build_object('employee_id', '2', 'receipts', (
            SELECT jsonb_build_object('null', coalesce(jsonb_agg(tap.receipt('{"code_type": null, "gl_acct": null, "gl_desc": null, "coded": false}' || jsonb_build_object('rec_id', r.id, 'amt', r.amount)
                || coalesce(p_changes -> r.id, '{}')) ORDER BY r.id), '[]'))
            FROM (VALUES ('21', '40.00'), ('22', '50.00')) AS r (id, amount)
            WHERE p_changes -> r.id IS DISTINCT FROM 'null'))))::text;
END;
-- The receipts of a submission: person, id, amount, code.
CREATE FUNCTION tap.shown(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', left(t.employee_name, 1), t.external_transaction_id, t.amount, t.gl_account), ', '
        ORDER BY t.employee_name, t.external_transaction_id NULLS LAST)
    FROM report.transactions AS t WHERE t.session_id = p_session);
CREATE FUNCTION tap.fates(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(DISTINCT concat_ws(' ', coalesce(t.external_transaction_id, 'by hand'), c.field_group, c.fate), ', '
        ORDER BY concat_ws(' ', coalesce(t.external_transaction_id, 'by hand'), c.field_group, c.fate))
    FROM report.corrections AS c
    LEFT JOIN LATERAL (SELECT x.external_transaction_id FROM report.transactions_history AS x
        WHERE x.transaction_id = c.transaction_id AND x.external_transaction_id IS NOT NULL LIMIT 1) AS t ON true
    WHERE c.session_id = p_session AND c.fate <> 'replaced');
CREATE FUNCTION tap.sound() RETURNS text
LANGUAGE plpgsql
AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN 'sound';
END
$$;

:as_processor
SET LOCAL app.reason = 'as told by mail';
SELECT api.import_activity(tap.file(), 'First') ->> 'session_id' AS first \gset
UPDATE api.current_transactions SET gl_account = '6120.100', coding_type = 'gl_coding' WHERE external_transaction_id IN ('11', '21');
UPDATE api.current_transactions SET amount = 21.00 WHERE external_transaction_id = '12';
DELETE FROM api.current_transactions WHERE external_transaction_id = '13';
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, 7.00, '2025-03-20', 'TOLL GATE' FROM report.employee_revisions AS e
WHERE e.session_id = :'first' AND e.employee_name = 'BEA';
UPDATE api.current_transactions AS t
SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'ANN')
WHERE t.external_transaction_id = '22';
:as_tester
SELECT is(tap.shown(:'first'), 'A 11 10.00 6120.100, A 12 21.00, A 22 50.00, B 21 40.00 6120.100, B 7.00',
    'receipts are coded, corrected, taken out, put in and moved');
SELECT is(tap.sound(), 'sound', 'all of it can be committed');
SELECT is(tap.fates(:'first'), '11 coding in_force, 12 amount in_force, 13 presence in_force, 21 coding in_force, '
    '22 person in_force, by hand amount in_force, by hand attachment in_force, by hand coding in_force, by hand date in_force, '
    'by hand merchant in_force, by hand out_of_pocket in_force, by hand presence in_force, by hand purpose in_force, '
    'by hand receipt_id in_force', 'each of it is a statement that holds');
SELECT t.transaction_id AS moved FROM report.transactions AS t WHERE t.external_transaction_id = '22' \gset
SELECT t.transaction_id AS toll FROM report.transactions AS t WHERE t.amount = 7.00 \gset

-- A file of what is shown: all that a file can say has arrived. A receipt without an id gets one there.
SAVEPOINT told;
:as_processor
SELECT api.import_activity(report.activity_json(:'first', 'by_code', false)::text, 'Told', :'first') AS answer \gset
:as_tester
SELECT tap.shown(s.id) AS shown, tap.fates(s.id) AS fates, tap.sound() AS sound, (SELECT count(*) FROM report.validation_issues AS i
    WHERE i.session_id = s.id AND i.issue_type = 'correction_conflict') AS asked
FROM (SELECT (:'answer'::jsonb ->> 'session_id')::uuid AS id) AS s \gset
ROLLBACK TO SAVEPOINT told;
SELECT is(:'shown'::text, 'A 11 10.00 6120.100, A 12 21.00, A 22 50.00, B 21 40.00 6120.100, B 900000000001 7.00', 'what is shown and handed in is shown');
SELECT is(regexp_replace(:'fates'::text, ', 900000000001 (attachment|coding|date|merchant|out_of_pocket|purpose|receipt_id|amount) arrived', '', 'g'),
    '11 coding arrived, 12 amount arrived, 13 presence arrived, 21 coding arrived, 22 person arrived, 900000000001 presence arrived', 'every statement has arrived');
SELECT is(concat_ws(' ', :'sound', :asked), 'sound 0', 'nothing is asked, and it can be committed');

-- The same file with other bytes, handed in by somebody whose own card it is about: what others said is not theirs to refuse.
:as_owner
SELECT u.user_name FROM report.employee_revisions AS e, api.save_user('ann', NULL, 'processor', p_cardholder_id => e.cardholder_id) AS u
WHERE e.session_id = :'first' AND e.employee_name = 'ANN' \g /dev/null
:as_processor
SELECT is(api.import_activity(tap.file('{"11": {"amt": 10.0}}'), 'Second', :'first', p_dry_run => true) #> '{report,corrections}', '{"in_force": 6}', 'a dry run counts before');
SET LOCAL app.actor = 'ann';
SELECT api.import_activity(tap.file('{"11": {"amt": 10.0}}'), 'Second', :'first') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS second \gset
:as_tester
SELECT is(tap.shown(:'second'), tap.shown(:'first'), 'a later submission of the same keeps everything');
SELECT results_eq(format('SELECT DISTINCT e.created_by, c.said_by_name FROM report.corrections AS c JOIN report.employee_revisions AS e
        ON e.session_id = c.session_id AND e.employee_name = c.employee_name WHERE c.session_id = %L AND e.employee_name = ''ANN''', :'second'),
    $$SELECT u.user_id, 'pat' FROM app.users AS u WHERE u.user_name = 'ann'$$, 'the importer carried, who spoke is named as before');
SELECT is(tap.sound(), 'sound', 'and can be committed');
SELECT is(:'answer'::jsonb #> '{report,corrections}', '{"in_force": 6}', 'the answer counts the receipts people said something about');
SELECT is((SELECT count(*) FROM report.validation_issues AS i WHERE i.issue_type = 'correction_conflict'), 0::bigint, 'nothing is asked');
SELECT results_eq(format('SELECT t.transaction_id::text FROM report.transactions AS t WHERE t.session_id = %L AND t.amount IN (7.00, 50.00) ORDER BY t.amount', :'second'),
    format('VALUES (%L), (%L)', :'toll', :'moved'), 'receipts keep their ids over the month, those of people too');
SELECT results_eq(format('SELECT h.revision_number, h.origin, h.validation_flags IS NULL, h.created_by = e.created_by FROM report.employee_revisions_history AS h
    JOIN report.employee_revisions AS e ON e.session_id = h.session_id AND e.cardholder_id = h.cardholder_id
    WHERE h.session_id = %L AND h.employee_name = ''ANN'' ORDER BY 1', :'second'),
    $$VALUES (1, 'import', true, true), (2, 'carried', false, true)$$, 'the source is kept, and only what follows it is judged');
SELECT is((SELECT e.changed_from_previous FROM report.employee_revisions AS e WHERE e.session_id = :'second' AND e.employee_name = 'ANN'),
    false, 'for people nothing changed');

-- The report says the same, another thing, nothing.
:as_processor
SELECT api.import_activity(tap.file('{"11": {"code_type": "GL Coding", "gl_acct": "7000.100"}, "12": {"amt": "21.00"}, "13": {"purpose": "Other"},
    "21": null}'), 'Third', :'second') AS answer \gset
SELECT :'answer'::jsonb ->> 'session_id' AS third \gset
:as_tester
SELECT is(tap.shown(:'third'), 'A 11 10.00 7000.100, A 12 21.00, A 13 30.00, A 22 50.00, B 7.00', 'a third thing is shown, what is gone is gone');
SELECT is(tap.sound(), 'sound', 'and can be committed');
SELECT matches(tap.fates(:'third'), '11 coding conflict, 12 amount arrived, 13 presence conflict, 21 coding waiting, 22 person in_force',
    'and each statement says what became of it');
SELECT results_eq(format('SELECT i.blocks, i.description, i.evidence #> ''{groups,coding,theirs,gl_account}'' FROM report.validation_issues AS i
        WHERE i.session_id = %L AND i.issue_type = ''correction_conflict'' ORDER BY i.description', :'third'),
    $$VALUES (true, 'The report and what people said differ in coding: receipt 11 of $10.00 from LANDING SEAFOOD CO on 2025-03-29', '"7000.100"'::jsonb),
        (true, 'The report and what people said differ in whether it counts: receipt 13 of $30.00 from LANDING SEAFOOD CO on 2025-03-29', NULL)$$,
    'conflicts are issues that block');
SELECT is((SELECT c.fate_since = s.processing_completed_at FROM report.corrections AS c JOIN report.sessions AS s ON s.session_id = :'third'
    WHERE c.session_id = :'third' AND c.fate = 'arrived'), true, 'with the submission since which it is so');
SELECT alike(report.import_report(:'third'), '%* ANN: coding of a receipt is said otherwise by the report, said by pat%', 'the report names them');

-- Decided: one each way.
SELECT t.transaction_id AS eleven, t.employee_revision_id AS seen FROM report.transactions AS t
WHERE t.session_id = :'third' AND t.external_transaction_id = '11' \gset
SELECT t.transaction_id AS thirteen FROM report.transactions AS t WHERE t.session_id = :'third' AND t.external_transaction_id = '13' \gset
:as_processor
SELECT throws_ok(format('SELECT api.decide_conflict(%L, %L, %L, true, '' '')', :'third', :'eleven', :'seen'), 'IV008', NULL, 'a decision has a reason');
SELECT throws_ok(format('SELECT api.decide_conflict(%L, %L, %L, true, ''x'', ''{coding,amount}'')', :'third', :'eleven', :'seen'), 'ST060', NULL,
    'only what is in conflict is decided');
SELECT is((SELECT t.gl_account FROM api.decide_conflict(:'third', :'eleven', :'seen', true, 'the code is right', NULL, 'd1') AS t), '6120.100', 'the correction holds');
SELECT is((SELECT t.gl_account FROM api.decide_conflict(:'third', :'eleven', :'seen', true, 'the code is right', NULL, 'd1') AS t), '6120.100', 'the same request gets the same answer');
SELECT throws_ok(format('SELECT api.decide_conflict(%L, %L, %L, false, ''x'')', :'third', :'thirteen', :'seen'), 'ST001', NULL, 'who saw an older state is told');
SELECT is((SELECT t.amount FROM api.decide_conflict(:'third', :'thirteen', (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = :'third' AND e.employee_name = 'ANN'), false, 'it came again') AS t), 30.00, 'or the report does');
:as_tester
SELECT is(tap.shown(:'third'), 'A 11 10.00 6120.100, A 12 21.00, A 13 30.00, A 22 50.00, B 7.00', 'as decided');
SELECT is((SELECT count(*) FROM report.validation_issues AS i WHERE i.session_id = :'third' AND i.issue_type = 'correction_conflict' AND i.is_open),
    0::bigint, 'nothing is left to decide');
SELECT is(tap.sound(), 'sound', 'and can be committed');

-- A wrong one is cancelled: what was said in it belongs to the month.
:as_processor
SELECT api.import_activity(tap.file('{"12": {"amt": "22.00"}}'), 'Fourth', :'third') ->> 'session_id' AS fourth \gset
UPDATE api.current_transactions SET gl_account = '6500.200', coding_type = 'gl_coding' WHERE session_id = :'fourth' AND external_transaction_id = '13';
:as_tester
SELECT is(tap.shown(:'fourth'), 'A 11 10.00 6120.100, A 12 22.00, A 13 30.00 6500.200, A 22 50.00, B 21 40.00 6120.100, B 7.00',
    'what came back has its correction again');
SELECT results_eq(format('SELECT r.* FROM report.recalled_corrections(%L) AS r', :'fourth'), $$VALUES
    ('ANN', 'conflict', 'arrived', 1::bigint, 0::bigint), ('ANN', 'in_force', 'in_force', 1, 1), ('BEA', 'in_force', 'waiting', 1, 0)$$,
    'what would go back is told before, by person');
:as_admin
SELECT is((SELECT (a.outcome, a.corrections)::text FROM report.sessions AS s, api.cancel_session(s.session_id, s.version, true) AS a WHERE s.session_id = :'fourth'),
    (SELECT ('dry_run', jsonb_agg(to_jsonb(r)))::text FROM report.recalled_corrections(:'fourth') AS r), 'the dry run of cancelling tells the same');
SELECT is(tap.shown(:'fourth'), 'A 11 10.00 6120.100, A 12 22.00, A 13 30.00 6500.200, A 22 50.00, B 21 40.00 6120.100, B 7.00', 'and takes nothing back');
SELECT is((SELECT a.corrections #>> '{0,employee_name}' FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'fourth'),
    'ANN', 'cancelling answers whose went back');
:as_tester
SELECT is(tap.shown(:'third'), 'A 11 10.00 6120.100, A 12 21.00, A 13 30.00 6500.200, A 22 50.00, B 7.00', 'after cancelling it holds in the one before');
SELECT is(tap.sound(), 'sound', 'and can be committed');

-- A decision has a way back: the next correction.
:as_processor
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE session_id = :'third' AND external_transaction_id = '11';
:as_tester
SELECT matches(tap.fates(:'third'), '11 coding withdrawn', 'what was kept is given up by saying what the report says');
:as_processor
UPDATE api.current_transactions SET gl_account = '6120.100' WHERE session_id = :'third' AND external_transaction_id = '11';
:as_tester
SELECT matches(tap.fates(:'third'), '11 coding in_force', 'and holds again when it is said again');

-- Back to the source: everything is taken back.
SELECT h.revision_id AS source, e.revision_id AS seen FROM report.employee_revisions_history AS h
JOIN report.employee_revisions AS e ON e.session_id = h.session_id AND e.cardholder_id = h.cardholder_id
WHERE h.session_id = :'third' AND h.employee_name = 'ANN' AND h.revision_number = 1 \gset
:as_processor
SELECT api.restore_revision(:'source', :'seen', 'from the beginning') \g /dev/null
:as_tester
SELECT is(tap.shown(:'third'), 'A 11 10.00 7000.100, A 12 21.00, A 13 30.00, B 22 50.00, B 7.00', 'a restored source is the source, what was moved goes back');
SELECT is(tap.sound(), 'sound', 'and can be committed');
SELECT matches(tap.fates(:'third'), '11 coding withdrawn, 12 amount withdrawn.*22 person withdrawn', 'statements are taken back, also one that arrived');

-- One made by hand arrives, with an id of its own.
:as_processor
SELECT api.import_activity((tap.file()::jsonb || jsonb_build_object('BEA', tap.entry('{"employee_id": "2"}', tap.receipt('{"code_type": null, "gl_acct": null, "gl_desc": null, "coded": false, "rec_id": "29", "amt": "7.00",
    "date": "03/20/2025", "merch_name": "TOLL GATE"}'))))::text, 'Fifth', :'third') ->> 'session_id' AS fifth \gset
:as_tester
SELECT is((SELECT t.transaction_id || ' ' || t.external_transaction_id FROM report.transactions AS t WHERE t.session_id = :'fifth' AND t.amount = 7.00),
    :'toll' || ' 29', 'one that people made arrives under its id');
SELECT matches(tap.fates(:'fifth'), '29 presence arrived', 'and is no addition any more');
SELECT is(tap.sound(), 'sound', 'and can be committed');

-- One made by hand and given to somebody else stays there, whoever had it first.
:as_processor
INSERT INTO api.current_transactions (employee_revision_id, amount, transaction_date, merchant_name)
SELECT e.revision_id, 8.00, '2025-03-21', 'FERRY' FROM report.employee_revisions AS e
WHERE e.session_id = :'fifth' AND e.employee_name = 'BEA';
UPDATE api.current_transactions AS t
SET employee_revision_id = (SELECT e.revision_id FROM report.employee_revisions AS e
    WHERE e.session_id = t.session_id AND e.employee_name = 'ANN')
WHERE t.session_id = :'fifth' AND t.amount = 8.00;
SELECT api.import_activity((tap.file('{"13": null}')::jsonb - 'BEA')::text, 'Sixth', :'fifth') ->> 'session_id' AS sixth \gset
:as_tester
SELECT is(tap.shown(:'sixth'), 'A 11 10.00, A 12 20.00, A 8.00', 'in a submission without that person, too');
SELECT is(tap.sound(), 'sound', 'and can be committed');
SELECT is((SELECT string_agg(DISTINCT c.fate, ' ') FROM report.corrections AS c JOIN report.transactions AS t
    ON t.session_id = c.session_id AND t.transaction_id = c.transaction_id WHERE c.session_id = :'sixth' AND t.amount = 8.00),
    'in_force', 'all that was said about it holds');
SELECT matches(report.import_report(:'sixth'), E'\\n\\| waiting \\| 2 \\|(.|\\n)*\\n\\* BEA: coding of a receipt waits, BEA is not in the report, said by pat',
    'who is left out waits, is counted and named');

-- A code that is not valid any more is carried, and a rule speaks. To another month nothing is carried.
:as_admin
SELECT api.load_chart('gl_account', '[{"code": "6120.100", "valid_until": "2025-01-01"}]', 1) \g /dev/null
:as_processor
SELECT api.import_activity(tap.file(), 'Seventh', :'sixth') ->> 'session_id' AS seventh \gset
SELECT api.import_activity(tap.file(), 'Hotels', p_programme => 'Hotels') ->> 'session_id' AS hotels \gset
:as_tester
SELECT results_eq(format('SELECT t.external_transaction_id, t.gl_account FROM report.validation_issues AS i JOIN report.transactions AS t
        ON t.session_id = i.session_id AND t.transaction_id = i.transaction_id WHERE i.session_id = %L AND i.issue_type = ''coding_inactive''', :'seventh'),
    $$VALUES ('21', '6120.100')$$, 'what was carried is judged');
SELECT is(tap.shown(:'hotels') || coalesce(tap.fates(:'hotels'), ''), 'A 11 10.00, A 12 20.00, A 13 30.00, B 21 40.00, B 22 50.00', 'another month begins with what its source says');
SELECT is(tap.sound(), 'sound', 'and can be committed');

SELECT set_eq($$SELECT f.key FROM jsonb_each(app.said_groups(jsonb_populate_record(NULL::app.receipt_contents,
        '{"transaction_type": "expense"}'))) AS g, jsonb_object_keys(g.value) AS f (key)$$,
    $$SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = 'app.receipt_contents'::regclass AND a.attnum > 0
        AND NOT a.attisdropped AND a.attname NOT IN ('content_id', 'created_tx', 'source_fields')$$,
    'people can say something about each column of a receipt');
SELECT * FROM finish();
ROLLBACK;
