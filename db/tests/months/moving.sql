-- A month that only receipts found yields to a given one while nothing that people did ties it, and comes back with a cancelled child.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/closed.psql
SELECT plan(21);
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
:as_tester
CREATE FUNCTION tap.ann(p_amount text, VARIADIC p_ids text[]) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT jsonb_build_object('ANN', tap.entry('{}', VARIADIC (
        SELECT array_agg(tap.receipt(jsonb_build_object('rec_id', x.id, 'amt', p_amount))) FROM unnest(p_ids) AS x (id))))::text;
END;
-- The next submission, said to be of another period: what becomes of it, and in which month it and the first one are.
CREATE FUNCTION tap.moves(p_session uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_answer jsonb := api.import_activity(tap.ann('10.00', '1', '2'), 'Next', p_session, p_period_start => '2025-04-01');
BEGIN
    IF v_answer #> '{report,control,reasons}' = '["month_moves"]' THEN
        RETURN concat_ws(', ', v_answer ->> 'outcome', tap.month_of(p_session),
            (SELECT (api.accept_submission(s.session_id, s.version, 'It is of April')).status
             FROM report.processing_sessions AS s WHERE s.session_id = (v_answer ->> 'session_id')::uuid), tap.month_of(p_session));
    END IF;
    RETURN concat_ws(', ', v_answer ->> 'outcome', v_answer ->> 'detail', tap.month_of(p_session));
END
$$;
CREATE FUNCTION tap.month_of(p_session uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT concat_ws(' ', m.month_name, s.period_source) FROM report.processing_sessions AS s
    LEFT JOIN report.months AS m ON m.month_id = s.month_id WHERE s.session_id = p_session;
END;
CREATE FUNCTION tap.cancel(p_session uuid, p_is_dry_run boolean DEFAULT false) RETURNS text
LANGUAGE sql VOLATILE
RETURN (SELECT concat_ws(' ', a.outcome, (SELECT m.month_name FROM report.months AS m WHERE m.month_id = a.month_id))
    FROM report.processing_sessions AS s CROSS JOIN LATERAL api.cancel_session(s.session_id, s.version, p_is_dry_run) AS a
    WHERE s.session_id = p_session);
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;
:as_processor
SELECT api.import_activity(tap.ann('10.00', '1'), 'Found', p_programme => 'Found') ->> 'session_id' AS session \gset
:as_tester
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset

-- What people did ties it, each thing for itself, and is said.
SAVEPOINT found;
:as_processor
SELECT (api.export_lines(:'session', p_expected_sha256 => (api.export_lines(:'session')).sha256)).outcome \g /dev/null
SELECT is(tap.moves(:'session'), 'refused, expected 2025-03-01 to 2025-03-31, which has: batch 1 of old_program, got 2025-04-01 to 2025-04-30 (given), Found 2025-03 receipts', 'a batch');
ROLLBACK TO SAVEPOINT found;
:as_admin
SELECT tap.close_as_it_is(:'month') \g /dev/null
SET LOCAL app.actor = 'ava';
SELECT (api.reopen_month(:'month', m.version, 'Look again')).state FROM report.months AS m WHERE m.month_id = :'month' \g /dev/null
SELECT matches(tap.moves(:'session'), 'which has: closed, reopened, got', 'a closing, though it was taken back');
ROLLBACK TO SAVEPOINT found;
:as_admin
SELECT (api.place_legal_hold(:'month', 'Case 7')).hold_id AS hold \gset
SELECT matches(tap.moves(:'session'), 'which has: under legal hold, got', 'a legal hold');
SET LOCAL app.actor = 'ava';
SELECT (api.lift_legal_hold(:'hold', 'It is over')).hold_id \g /dev/null
SELECT is(tap.moves(:'session'), 'awaiting_decision, Found 2025-03 receipts, completed, Found 2025-04 chain', 'until it is lifted: then it asks for a person, and moves when that is decided');
ROLLBACK TO SAVEPOINT found;
:as_admin
SELECT (api.choose_reminder_day(:'month', current_date + 3)).month_id \g /dev/null
SELECT matches(tap.moves(:'session'), 'which has: days of reminders, got', 'days of reminders');
ROLLBACK TO SAVEPOINT found;
:as_reviewer
SELECT (api.sign_off_month(m.month_id, m.version)).state FROM report.months AS m WHERE m.month_id = :'month' \g /dev/null
:as_admin
SELECT matches(tap.moves(:'session'), 'which has: signed off, got', 'a sign-off');
ROLLBACK TO SAVEPOINT found;

-- What the machine keeps does not, and statements go along.
SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = 'worker';
SELECT api.record_mirror(:'month', :'session', 'written', NULL, '{"sha256": "00", "content_digest": "00", "file_name": "x"}') \g /dev/null
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Another' WHERE session_id = :'session';
SELECT is(tap.moves(:'session'), 'awaiting_decision, Found 2025-03 receipts, completed, Found 2025-04 chain', 'what the mirror notes by itself ties nothing');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and it can be committed');
SET CONSTRAINTS ALL DEFERRED;

-- A wrong child that moved it is cancelled: its month is again what the receipts found.
SELECT s.session_id AS child FROM report.sessions AS s WHERE s.session_name = 'Next' \gset
:as_admin
SELECT is(tap.cancel(:'child', true), 'dry_run Found 2025-03', 'a dry run says so');
SELECT is(tap.month_of(:'session'), 'Found 2025-04 chain', 'and moves nothing');
SAVEPOINT moved;
:as_processor
SELECT (api.export_lines(:'child', p_people => 'all', p_reason => 'Now',
    p_expected_sha256 => (api.export_lines(:'child', p_people => 'all')).sha256)).outcome \g /dev/null
:as_admin
SELECT is(tap.cancel(:'child'), 'done Found 2025-04', 'where a batch was made of it, it stays');
ROLLBACK TO SAVEPOINT moved;
:as_processor
SELECT api.import_activity(tap.ann('12.00', '9'), 'Beside', p_programme => 'Found') ->> 'outcome' AS beside \gset
:as_admin
SELECT is(:'beside' || ' ' || tap.cancel(:'child'), 'accepted done Found 2025-04', 'where another one came in meanwhile, too');
ROLLBACK TO SAVEPOINT moved;
SELECT is(tap.cancel(:'child'), 'done Found 2025-03', 'else it comes back');
SELECT is(tap.month_of(:'session'), 'Found 2025-03 receipts', 'as it was found');
SELECT is(tap.month_of(:'child'), 'Found 2025-03 chain', 'with all of its chain');
SELECT is((SELECT m.submissions FROM report.months AS m WHERE m.month_id = :'month'), 1::bigint, 'and is the month of one submission again');
:as_processor
SELECT is(api.import_activity(tap.ann('10.00', '3'), 'Its own', p_programme => 'Found', p_period_start => '2025-04-01')
    #>> '{report,status}', 'completed', 'the other month is free for its own');
:as_admin
SELECT is(tap.cancel(:'session'), 'done Found 2025-03', 'cancelled itself it stays');

-- Without any date there is no month to go back to; and no batch without a month.
:as_processor
SELECT api.import_activity(jsonb_build_object('ANN', tap.entry('{}', tap.receipt('{"date": ""}')))::text, 'Dateless', p_programme => 'None') ->> 'session_id' AS dateless \gset
SELECT throws_ok(format('SELECT api.export_lines(%L)', :'dateless'), 'ST002', NULL, 'a submission without a month has no batch, nor a look at one');
SELECT api.import_activity(tap.ann('10.00', '7'), 'Given', :'dateless', p_period_start => '2025-03-01') ->> 'session_id' AS given \gset
:as_admin
SELECT is(tap.cancel(:'given'), 'done None 2025-03', 'what had no month stays in the given one');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
