-- What people say of a receipt is about the month that has it: no call and no other month reaches it, and no receipt is lost.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(35);
\ir ../fixtures/batches.psql
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

\set ann 'tap.entry(''{}'', tap.receipt(''{"rec_id": "11"}''))'
\set bea 'tap.entry(''{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_total": 20.00, "rec_total": 20.00}'', tap.receipt(''{"rec_id": "21", "amt": "20.00"}''))'
\set april 'tap.entry(''{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_total": 20.00, "rec_total": 20.00}'', tap.receipt(''{"rec_id": "41", "amt": "20.00", "date": "04/15/2025"}''))'
\set cyd 'tap.entry(''{"employee_id": "1003", "card_no": "999999XXXXXX3333", "car_total": 5.00, "rec_total": 5.00}'', tap.receipt(''{"rec_id": "51", "amt": "5.00", "date": "04/15/2025"}''))'
CREATE FUNCTION tap.shown(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', left(t.employee_name, 1), t.external_transaction_id, t.amount, t.gl_account), ', '
        ORDER BY t.employee_name, t.external_transaction_id NULLS LAST)
    FROM report.transactions AS t WHERE t.session_id = p_session);
CREATE FUNCTION tap.said(p_session uuid) RETURNS text
LANGUAGE sql
RETURN (SELECT string_agg(concat_ws(' ', c.fate, c.said_by_name), ', ' ORDER BY c.fate, c.number)
    FROM report.corrections AS c WHERE c.session_id = p_session AND c.fate <> 'replaced');
CREATE FUNCTION tap.revision(p_session uuid, p_name text) RETURNS uuid
LANGUAGE sql
RETURN (SELECT e.revision_id FROM report.employee_revisions AS e WHERE e.session_id = p_session AND e.employee_name = p_name);

:as_processor
SET LOCAL app.reason = 'as told by mail';
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BEA', :bea)) AS march \gset
SELECT tap.submit(jsonb_build_object('BEA', :april, 'CYD', :cyd)) AS april \gset
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE external_transaction_id = '11';
SELECT t.transaction_id AS eleven FROM api.current_transactions AS t WHERE t.external_transaction_id = '11' \gset

-- A new receipt is a new one, of the person and submission of the revision it names.
SELECT throws_ok(format('INSERT INTO api.current_transactions (transaction_id, employee_revision_id, amount, gl_account) VALUES (%L, %L, 99.00, ''9999.9'')',
    :'eleven', tap.revision(:'april', 'BEA')), 'IV008', NULL, 'a receipt of another month is not put in again');
SELECT throws_ok(format('INSERT INTO api.current_transactions (transaction_id, employee_revision_id, amount) VALUES (%L, %L, 99.00)',
    :'eleven', tap.revision(:'march', 'ANN')), 'IV008', NULL, 'nor one that is there');
SELECT throws_ok(format('INSERT INTO api.current_transactions (session_id, employee_revision_id, amount) VALUES (%L, %L, 99.00)',
    :'april', tap.revision(:'march', 'ANN')), 'IV008', NULL, 'nor into another submission than its person''s');
SELECT throws_ok(format('INSERT INTO api.current_transactions (is_coded, employee_revision_id, amount) VALUES (true, %L, 99.00)',
    tap.revision(:'march', 'ANN')), 'IV008', NULL, 'nor coded without codes');

-- A move stays within its submission.
UPDATE api.current_transactions SET employee_revision_id = tap.revision(:'march', 'BEA') WHERE transaction_id = :'eleven';
SELECT is(tap.shown(:'march'), 'B 11 10.00 7000.100, B 21 20.00 6120.100', 'a receipt is moved');
SELECT throws_ok(format('UPDATE api.current_transactions SET employee_revision_id = %L WHERE transaction_id = %L',
    tap.revision(:'april', 'CYD'), :'eleven'), 'RL006', NULL, 'not to somebody of another submission');
SELECT throws_ok(format('UPDATE api.current_transactions SET employee_revision_id = %L WHERE transaction_id = %L',
    tap.revision(:'april', 'BEA'), :'eleven'), 'RL006', NULL, 'nor to the same person there');
SELECT is(tap.shown(:'march'), 'B 11 10.00 7000.100, B 21 20.00 6120.100', 'and nothing is other');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED', 'all of it can be committed');

-- The proof says so of whoever writes.
CREATE FUNCTION tap.violations(p_statement text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_found text;
BEGIN
    EXECUTE p_statement;
    SELECT string_agg(DISTINCT concat_ws(' ', v.rule, v.expected, v.got), ', ') INTO v_found FROM app.commit_violations(app.tx()) AS v;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = coalesce(v_found, 'sound');
EXCEPTION
    WHEN SQLSTATE 'ZX001' THEN
        RETURN SQLERRM;
END
$$;
-- All that was written so far is of an earlier transaction.
CREATE FUNCTION tap.make_older() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
AS $$
BEGIN
    ALTER TABLE app.employee_revisions DISABLE TRIGGER ALL;
    ALTER TABLE app.employee_revisions DROP CONSTRAINT employee_revisions_created_tx_check;
    UPDATE app.employee_revisions SET created_tx = 1;
    ALTER TABLE app.employee_revisions ENABLE TRIGGER ALL;
END
$$;
CREATE FUNCTION tap.say(p_session uuid, p_transaction uuid, p_group text, p_number integer, p_name text, p_value text) RETURNS void
LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO app.corrections (chain_id, transaction_id, field_group, number, session_id, cardholder_id, base, value, reason, said_by)
    SELECT s.chain_id, p_transaction, p_group, p_number, s.session_id, h.cardholder_id, '{}', coalesce(p_value::jsonb, to_jsonb(h.cardholder_id)),
        'around', app.actor_id()
    FROM app.processing_sessions AS s, app.cardholders AS h WHERE s.session_id = p_session AND h.name_key = p_name;
END;
:as_owner
SELECT is(tap.violations(format('SELECT tap.say(%L, %L, ''amount'', 1, ''BEA'', ''{"amount": 99.00}'')', :'april', :'eleven')),
    'statement a receipt of its chain of submissions none', 'nothing is said in April of a receipt of March');
SELECT matches(tap.violations(format('SELECT tap.make_older(); SELECT tap.say(%1$L, %2$L, ''person'', 2, ''CYD'', NULL);
        SELECT app.revise_people(%1$L, ARRAY(SELECT h.cardholder_id FROM app.cardholders AS h WHERE h.name_key = ''BEA''), ''correction'', ''around'')',
    :'march', :'eleven')), 'receipt one person nobody$', 'a receipt that is given away and not taken is lost to nobody');
SELECT is(tap.violations('SELECT 1'), 'sound', 'nothing else is found');

-- One that was taken out and that a later report says otherwise is there once, and left out until somebody decides.
:as_processor
UPDATE api.current_transactions SET employee_revision_id = tap.revision(:'march', 'ANN') WHERE transaction_id = :'eleven';
DELETE FROM api.current_transactions WHERE transaction_id = :'eleven';
SELECT is(tap.states(:'march'), '11 withdrawn, 21', 'what was taken out is left out');
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "11", "purpose": "Another"}')), 'BEA', :bea), :'march') AS child \gset
SELECT is(tap.states(:'child'), '11 correction_conflict, 21', 'and once, where the report says it again, and otherwise');
SELECT is(tap.freeze(:'child'), 'exported 1 1 20.00', 'others are posted meanwhile');
SELECT i.issue_id AS issue, i.version FROM report.validation_issues AS i
WHERE i.session_id = :'child' AND i.issue_type = 'correction_conflict' AND i.is_open \gset
SELECT throws_ok(format('SELECT api.%s(%L, %s, %s)', x.call, :'issue', :version, x.more), 'RL062', NULL, x.call || ' decides no conflict')
FROM (VALUES ('resolve_issue', '''corrected'''), ('mark_false_positive', '''x'''), ('propose_decision', '''explained'', ''x''')) AS x (call, more);
SELECT is((SELECT concat_ws(' ', a.done, a.items[1].outcome, a.items[1].code) FROM api.resolve_issues(NULL,
    jsonb_build_object('session_id', :'child', 'rule', 'correction_conflict'), 'explained', 'Known') AS a), '0 skipped conflict_undecided', 'nor do many at once');
SELECT t.transaction_id FROM api.decide_conflict(:'child', :'eleven', tap.revision(:'child', 'ANN'), false, 'It was right') AS t \g /dev/null
SELECT is(tap.freeze(:'child'), 'exported 2 1 10.00', 'and it is when the report is right');
SELECT is(tap.states(:'child'), '11 exported_before, 21 exported_before', 'for good');

-- To go back to the first revision is to take back all that was said about the person's receipts.
\set first 'tap.receipt(''{"rec_id": "61", "date": "05/15/2025"}''), tap.receipt(''{"rec_id": "62", "date": "05/16/2025"}'')'
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', :first, tap.receipt('{"rec_id": "63", "date": "05/17/2025"}')))) AS may \gset
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE session_id = :'may';
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "61", "date": "05/15/2025", "gl_acct": "8000.100"}'),
    tap.receipt('{"rec_id": "62", "date": "05/16/2025"}'))), :'may') AS later \gset
SELECT is(tap.said(:'later'), 'conflict pat, in_force pat, waiting pat', 'one of three holds');
SELECT (api.restore_revision(r.revision_id, tap.revision(:'later', 'ANN'), 'All of it was wrong')).revision_number
FROM report.employee_revisions_history AS r WHERE r.session_id = :'later' AND r.revision_number = 1 \g /dev/null
SELECT is(tap.said(:'later'), 'withdrawn pat, withdrawn pat, withdrawn pat', 'the first revision ends all three');
SELECT is((SELECT count(*) FROM report.validation_issues AS i WHERE i.session_id = :'later' AND i.issue_type = 'correction_conflict' AND i.is_open), 0::bigint,
    'and what asked');
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', :first, tap.receipt('{"rec_id": "63", "date": "05/17/2025"}'))), :'later') AS last \gset
SELECT is(tap.shown(:'last'), 'A 61 10.00 6120.100, A 62 10.00 6120.100, A 63 10.00 6120.100', 'nothing of it comes back');

-- A month that is brought back after all of it was cancelled goes on: ids, statements, who spoke, and what is asked.
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "71", "date": "06/15/2025"}'), tap.receipt('{"rec_id": "72", "date": "06/16/2025"}')))) AS june \gset
UPDATE api.current_transactions SET gl_account = '7000.100' WHERE session_id = :'june';
SELECT t.transaction_id AS lacked FROM report.transactions AS t WHERE t.session_id = :'june' AND t.external_transaction_id = '72' \gset
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "71", "date": "06/15/2025", "gl_acct": "8000.100"}'))), :'june') AS second \gset
:as_admin
SELECT a.outcome FROM report.sessions AS s, api.cancel_session(:'second', s.version) AS a WHERE s.session_id = :'second' \g /dev/null
SELECT a.outcome FROM report.sessions AS s, api.cancel_session(:'june', s.version) AS a WHERE s.session_id = :'june' \g /dev/null
SELECT throws_ok(format('SELECT api.restore_session(%L, %L, ''x'')', :'june', :'last'), 'ST050', 'submission is of another month or programme than those before it',
    'nothing is carried into another month');
SELECT r.session_id AS back FROM api.restore_session(:'second', NULL, 'It was right') AS r \gset
SELECT throws_ok(format('SELECT api.restore_session(%L, NULL, ''x'')', :'june'), 'ST052', 'the month has a submission already',
    'nor beside a submission of its own month');
SELECT is(tap.said(:'back'), 'conflict pat, waiting pat', 'what was said is there, by whom it was said');
SELECT is((SELECT t.gl_account FROM report.transactions AS t
    JOIN LATERAL api.decide_conflict(:'back', t.transaction_id, t.employee_revision_id, true, 'As told') AS d ON true WHERE t.session_id = :'back'),
    '8000.100', 'and can be decided');
SELECT tap.submit(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"rec_id": "71", "date": "06/15/2025"}'), tap.receipt('{"rec_id": "72", "date": "06/16/2025"}'))), :'back') AS again \gset
SELECT is(tap.shown(:'again'), 'A 71 10.00 7000.100, A 72 10.00 7000.100', 'what waited holds again');
SELECT is((SELECT t.transaction_id FROM report.transactions AS t WHERE t.session_id = :'again' AND t.external_transaction_id = '72'), :'lacked', 'under the id it had');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
