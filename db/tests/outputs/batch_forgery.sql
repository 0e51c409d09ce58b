-- Batches, voids, hand-outs and files of closed months that are written around the calls: what one is is worked out anew.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/closed.psql
SELECT plan(55);
\ir ../fixtures/batches.psql
-- Writes the row of the next batch as it would be, but for some columns; what is asked of it may be another from the start.
CREATE FUNCTION tap.forge(p_session uuid, p_changes jsonb DEFAULT '{}', p_asked jsonb DEFAULT '{}', p_text text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    b app.accounting_batches;
BEGIN
    b.session_id := p_session;
    b.profile_name := 'old_program';
    b.profile_version := 1;
    b.batch_number := 1 + (SELECT count(*) FROM app.accounting_batches);
    b.invoice_month := '2025-03-01';
    b.people := 'all';
    b.reversals := 'none';
    b.reason := 'By hand';
    b := (app.draft_batch(jsonb_populate_record(b, p_asked))).batch;
    b.created_by := app.actor_id();
    b := jsonb_populate_record(b, p_changes);
    IF p_text IS NOT NULL THEN
        b.content := convert_to(replace(convert_from(b.content, 'UTF8'), p_text, 'OTHER'), 'UTF8');
        b.sha256 := sha256(b.content);
    END IF;
    INSERT INTO app.accounting_batches (target, batch_number, month_id, chain_id, session_id, profile_name, profile_version, invoice_month,
        people, reversals, reason, open_issues, revisions_sha256, receipt_total, line_count, line_total, left_out_count, content, sha256, created_by)
    VALUES (b.target, b.batch_number, b.month_id, b.chain_id, b.session_id, b.profile_name, b.profile_version, b.invoice_month,
        b.people, b.reversals, b.reason, b.open_issues, b.revisions_sha256, b.receipt_total, b.line_count, b.line_total, b.left_out_count,
        b.content, b.sha256, b.created_by);
END
$$;
CREATE FUNCTION tap.told(p_sql text) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    EXECUTE p_sql;
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN SQLSTATE || ' ' || CASE SQLSTATE WHEN '23514' THEN substring(SQLERRM FROM '"([a-z_]+_check)"') ELSE v_detail END;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

\set ann 'tap.entry(''{"car_total": 30.00, "rec_total": 30.00}'', tap.receipt(''{}''), tap.receipt(''{"rec_id": "40000002", "amt": "20.00"}''))'
\set bob 'tap.entry(''{"employee_id": "1002", "card_no": "999999XXXXXX2222", "car_page_range": [2], "rec_page_range": [2], "car_total": 12.00, "rec_total": 12.00}'', tap.receipt(''{"rec_id": "40000003", "amt": "5.00"}''), tap.receipt(''{"rec_id": "40000004", "amt": "7.00", "gl_acct": null}''))'
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :ann, 'BOB', :bob)) AS session \gset
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset

-- The head of a batch.
:as_owner
SELECT u.user_name AS owner FROM app.users AS u WHERE u.user_id = app.actor_id() \gset
SAVEPOINT forged;
SELECT is(tap.told(format('SELECT tap.forge(%L)', :'session')), 'taken', 'a batch as it is may be written by hand');
SELECT is((SELECT count(*) FROM app.accounting_batch_lines), 3::bigint, 'its lines come by themselves');
SELECT is((SELECT string_agg(o.receipt_id || ' ' || o.reason, ', ') FROM app.accounting_left_out AS o), '40000004 not_coded', 'and what it leaves out');
ROLLBACK TO SAVEPOINT forged;
SELECT is(tap.told(format('SELECT tap.forge(%L, %L)', :'session', t.changes)),
    'RL001 expected what its session, profile and choices give, got batch 1 of old_program: other ' || t.told, t.name)
FROM (VALUES ('{"line_count": 2}', 'line_count', 'another number of lines'),
    ('{"line_total": 36}', 'line_total', 'another sum'), ('{"receipt_total": 41}', 'receipt_total', 'another receipt total'),
    ('{"left_out_count": 0}', 'left_out_count', 'fewer left out'), ('{"open_issues": []}', 'open_issues', 'issues left away'),
    (jsonb_build_object('revisions_sha256', '\x' || repeat('00', 32)), 'revisions_sha256', 'other revisions'),
    ('{"people": "finished"}', 'content, left_out_count, line_count, line_total, open_issues, sha256', 'of finished people, with one who is not')
) AS t (changes, told, name);
SELECT is(tap.told(format('SELECT tap.forge(%L, p_text => ''10.00'')', :'session')),
    'RL001 expected what its session, profile and choices give, got batch 1 of old_program: other content, sha256', 'a printed text that is not that of the receipt');
SELECT is(tap.told(format('SELECT tap.forge(%L, jsonb_build_object(''created_by'', (SELECT u.user_id FROM app.users AS u WHERE u.user_name = ''ron'')))', :'session')),
    '23514 accounting_batches_created_by_check', 'by somebody who did not make it');
-- A change in the same transaction excuses nothing.
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Other' WHERE session_id = :'session' AND external_transaction_id = '40000004';
:as_owner
SELECT is(tap.told(format('SELECT tap.forge(%L, jsonb_build_object(''line_total'', 36, ''revisions_sha256'', ''\x'' || repeat(''00'', 32)))', :'session')),
    'RL001 expected what its session, profile and choices give, got batch 1 of old_program: other line_total, revisions_sha256', 'nor beside a new revision');
-- Nor is something put right for the batch alone.
ROLLBACK TO SAVEPOINT forged;
SELECT e.cardholder_id AS bob FROM app.session_employees AS e WHERE e.session_id = :'session' AND e.status = 'unfinished' \gset
SELECT matches(tap.told(format($$UPDATE app.session_employees SET status = 'finished' WHERE session_id = %1$L AND cardholder_id = %2$L;
    SELECT tap.forge(%1$L, p_asked => '{"people": "finished"}');
    UPDATE app.session_employees SET status = 'unfinished' WHERE session_id = %1$L AND cardholder_id = %2$L;$$, :'session', :'bob')),
    '^RL001 expected unfinished, got .*finished', 'who is not finished is not called so for a moment');
ROLLBACK TO SAVEPOINT forged;
-- A draft that loses a receipt does not tie.
CREATE OR REPLACE FUNCTION app.left_out_of_batch(p_states app.accounting_state[], p_lines app.accounting_batch_lines[])
RETURNS app.accounting_left_out[] LANGUAGE sql STABLE RETURN '{}'::app.accounting_left_out[];
SELECT is(tap.told(format('SELECT tap.forge(%L)', :'session')),
    'RL001 expected receipts of 42.00, got batch 1 of old_program: lines of 35.00, 0 of them fallen, and 0 left out', 'every dollar goes out or stays for a reason');
ROLLBACK TO SAVEPOINT forged;

-- Rows beside the batch.
:as_processor
SELECT tap.freeze(:'session') \g /dev/null
:as_owner
SAVEPOINT made;
SELECT is(tap.told($$INSERT INTO app.accounting_batch_lines SELECT (jsonb_populate_record(l, jsonb_build_object('line_number', 3, 'kind', 'reversal',
    'step', 2, 'reversed_batch', 1, 'reversed_line', 1, 'amount', -10))).* FROM app.accounting_batch_lines AS l WHERE l.line_number = 1$$),
    '23514 accounting_batch_lines_reversed_check', 'no batch reverses its own lines');
SELECT is(tap.told($$INSERT INTO app.accounting_batch_lines SELECT (jsonb_populate_record(l, jsonb_build_object('line_number', 3,
    'transaction_id', app.new_id()))).* FROM app.accounting_batch_lines AS l WHERE l.line_number = 1$$),
    'RL001 expected 2 lines, 2 left out, got batch 1 of old_program: 3 lines, 2 left out', 'no line joins a batch');
SELECT is(tap.told($$INSERT INTO app.accounting_left_out (target, batch_number, transaction_id, cardholder_id, reason, amount)
    SELECT l.target, l.batch_number, l.transaction_id, l.cardholder_id, 'out_of_pocket', 10 FROM app.accounting_batch_lines AS l WHERE l.line_number = 1$$),
    'RL001 expected 2 lines, 2 left out, got batch 1 of old_program: 2 lines, 3 left out', 'nothing is left out afterwards');
SELECT is(tap.told(format('SELECT tap.forge(%L, ''{"target": "other"}'')', :'session')), '23503 ' || (
    SELECT 'Key (target, prior_number)=(other, 1) is not present in table "accounting_batches".'), 'nor in another target than the profile''s');
SELECT throws_ok('UPDATE app.accounting_left_out SET amount = 1', 'RL002', NULL, 'no row is changed');
SELECT throws_ok('TRUNCATE app.accounting_voids', 'RL002', NULL, 'none goes');

-- Voids.
\set void 'INSERT INTO app.accounting_voids (target, batch_number, author, voided_by, reason) SELECT b.target, b.batch_number, b.created_by, u.user_id, ''x'' FROM app.accounting_batches AS b, app.users AS u WHERE u.user_name = %L'
SELECT is(tap.told(format(:'void', 'ava')), '23514 accounting_voids_voided_by_check', 'it is not somebody else who voids a batch');
SELECT is(tap.told(format(:'void', :'owner')), 'taken', 'who acts may');
SELECT is(tap.told(format(:'void', :'owner')), 'ST002 expected a batch that is not void, got a void one', 'once');
ROLLBACK TO SAVEPOINT made;
SELECT tap.forge(:'session') \g /dev/null
SELECT is(tap.told(format(:'void', :'owner') || ' AND b.batch_number = 2'), 'PM090 expected another person than who made it, got ' || :'owner', 'not who made it');
ROLLBACK TO SAVEPOINT made;
SELECT is(tap.told($$INSERT INTO app.hand_outs (kind, user_id, tick_number, size_bytes) SELECT 'import.csv', u.user_id, 1, 5 FROM app.users AS u WHERE u.user_name = 'ron'$$),
    '23514 hand_outs_user_id_check', 'a hand-out is of who acts');
SELECT is(tap.told($$INSERT INTO app.accounting_profiles SELECT (jsonb_populate_record(NULL::app.accounting_profiles, to_jsonb(p) || '{"profile_version": 2}')).* FROM app.accounting_profiles AS p$$),
    '428C9 Column "prior_version" is a generated column.', 'numbers before are worked out');
\set profile 'INSERT INTO app.accounting_profiles (profile_name, profile_version, target, vendor, unit_of_measure, tax, job_pay_type, gl_pay_type, date_format, invoice_date_format, is_amount_reversed, delimiter, line_end, quoting, created_by) SELECT p.profile_name, %s, %L, p.vendor, p.unit_of_measure, p.tax, p.job_pay_type, p.gl_pay_type, p.date_format, p.invoice_date_format, false, p.delimiter, p.line_end, p.quoting, u.user_id FROM app.accounting_profiles AS p, app.users AS u WHERE u.user_name = %L'
SELECT is(tap.told(format(:'profile', 2, 'old_program', 'ron')), '23514 accounting_profiles_created_by_check', 'so is a profile');
SELECT matches(tap.told(format(:'profile', 2, 'ledger', :'owner')), '^23503 ', 'which keeps its target');
SELECT matches(tap.told(format(:'profile', 3, 'old_program', :'owner')), '^23503 ', 'and has no gap in its versions');
SELECT is(tap.told(format(:'profile', 2, 'old_program', :'owner')), 'taken', 'a sound one is taken');
ROLLBACK TO SAVEPOINT made;

-- Which submission and month.
:as_processor
SELECT tap.submit(jsonb_build_object('ANN', :ann), :'session') AS later \gset
:as_owner
SELECT matches(tap.told(format('SELECT tap.forge(%L)', :'session')), '^ST006 ', 'a replaced submission is handed over by nobody');
ROLLBACK TO SAVEPOINT made;
:as_tester
CREATE FUNCTION tap.refuse_ticked() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM audit.ticks AS t WHERE t.tx = app.tx()) THEN
        RAISE 'others wait for a tick while files are made';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER t99_ticked AFTER INSERT ON app.closed_files FOR EACH ROW EXECUTE FUNCTION tap.refuse_ticked();
:as_admin
SELECT tap.close_as_it_is(:'month') \g /dev/null
SELECT is((SELECT count(*) FROM report.ticks), 1::bigint, 'the tick of a closing comes after its files');
:as_tester
SET CONSTRAINTS app.closed_files_closing_fkey IMMEDIATE;
DROP TRIGGER t99_ticked ON app.closed_files;
:as_owner
SELECT matches(tap.told(format('SELECT tap.forge(%L)', :'session')), '^ST051 ', 'a closed month takes no batch');
SELECT matches(tap.told(format(:'void', :'owner')), '^ST051 ', 'and loses none');

-- Files of closed months.
SELECT is((SELECT string_agg(f.kind, ', ' ORDER BY f.kind) FROM report.closed_files AS f WHERE f.session_id = :'session'), 'activity.json, import.csv', 'are there as soon as it is closed');
\set file 'INSERT INTO app.closed_files (month_id, closing_number, session_id, kind, content) SELECT c.month_id, c.closing_number + %s, %L, %L, %L FROM app.closings AS c'
SELECT matches(tap.told(format(:'file', 0, :'session', 'import.csv', 'forged')), '^RL001 expected what the closing in force still needs', 'nobody puts another beside it');
SELECT is(report.closed_file(:'session', 'import.csv', 'old_program', '2025-03-31'), app.accounting_csv(:'session', 'old_program', NULL), 'and given for what is the same');
SELECT is(report.closed_file(:'session', t.kind, t.profile_name, t.invoice_month, t.shape), NULL, t.name)
FROM (VALUES ('import.csv', 'other', NULL::date, NULL, 'not as another profile'), ('import.csv', NULL, '2025-04-01', NULL, 'nor another month'),
    ('activity.json', NULL, NULL, 'by_id', 'nor another shape')) AS t (kind, profile_name, invoice_month, shape, name);
SELECT throws_ok(format('SELECT report.closed_file(%L, ''report.xlsx'')', :'session'), 'ST091', NULL, 'the workbook is waited for');
ALTER TABLE app.closed_files DISABLE TRIGGER t10_immutable;
DELETE FROM app.closed_files AS f WHERE f.kind = 'import.csv';
SELECT matches(tap.told(format(:'file', 0, :'session', t.kind, 'forged')), '^RL001 expected what the closing in force still needs', t.kind || ' is not of other bytes')
FROM (VALUES ('import.csv'), ('activity.json')) AS t (kind);
SELECT is(tap.told(format(:'file', 0, :'session', 'import.csv', NULL)), 'taken', 'the database makes them');
SELECT is((SELECT f.content FROM app.closed_files AS f WHERE f.kind = 'import.csv'), app.accounting_csv(:'session', 'old_program', NULL), 'from its rows');
SELECT matches(tap.told(format(:'file', -1, :'session', 'report.xlsx', 'PK')), '^RL001 ', 'no file is of another closing');
ROLLBACK TO SAVEPOINT made;
SELECT is((SELECT count(*) FROM app.closed_files), 0::bigint, 'an open month has none');
\set early 'INSERT INTO app.closed_files (month_id, closing_number, session_id, kind) SELECT m.month_id, app.next_event(m.month_id), %L, %L FROM app.months AS m WHERE m.month_id = %L; SET CONSTRAINTS ALL IMMEDIATE'
SELECT throws_ok(format(:'early', :'session', 'import.csv', :'month'), '23503', NULL, 'made early, it is of no closing');
\set signed 'INSERT INTO app.month_events (month_id, event_number, kind, digest) SELECT m.month_id, app.next_event(m.month_id), ''signed_off'', app.digest_month(m.month_id) FROM app.months AS m WHERE m.month_id = %L; '
SELECT throws_ok(replace(format(:'signed', :'month') || format(:'early', :'session', 'import.csv', :'month'), 'SELECT m.month_id, app.next_event(m.month_id), ''' || :'session', 'SELECT m.month_id, app.next_event(m.month_id) - 1, ''' || :'session'),
    'RL001', NULL, 'nor of an event that is none');
\set shut 'INSERT INTO app.month_events (month_id, event_number, kind, reason, proof, tick_number, digest) SELECT m.month_id, app.next_event(m.month_id), ''closed'', ''Shut'', ''{}'', (audit.tick(''shut'')).tick_number, app.digest_month(m.month_id) FROM app.months AS m WHERE m.month_id = %1$L; UPDATE app.months AS m SET state = ''closed'' WHERE m.month_id = %1$L; SET CONSTRAINTS ALL IMMEDIATE'
SELECT matches(tap.told(format(:'shut', :'month')), '^RL001 expected the files of its closing', 'no month is closed without its files');

:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
