-- Closing says all that keeps a month open, asks for the sign-offs wanted, keeps its proof, and can be taken back.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/pdfs.psql
\ir ../fixtures/alone.psql
SELECT plan(52);
\ir ../fixtures/calls.psql
:as_owner
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
:as_tester
SELECT s.month_id AS month FROM report.sessions AS s WHERE s.session_id = :'session' \gset
-- Volatile, so that each look sees what the call before it wrote.
CREATE FUNCTION tap.version(p_month uuid) RETURNS integer
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT m.version FROM report.months AS m WHERE m.month_id = p_month;
END;
CREATE FUNCTION tap.obstacles(p_month uuid) RETURNS text
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT string_agg(concat_ws(' ', o.kind, o.employee_name, left(o.description, 14)), '; ' ORDER BY o.place)
    FROM report.month_obstacles(p_month) WITH ORDINALITY AS o (kind, session_id, cardholder_id, employee_name, object_id, description, place);
END;
CREATE FUNCTION tap.decide_all(p_session uuid) RETURNS bigint
LANGUAGE sql VOLATILE
RETURN (api.resolve_issues(NULL, jsonb_build_object('session_id', p_session), 'explained', 'Known')).done;
CREATE FUNCTION tap.refused(p_month uuid) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
BEGIN
    PERFORM api.close_month(p_month, tap.version(p_month), 'All done');
    RETURN 'closed';
EXCEPTION WHEN SQLSTATE 'RL051' THEN
    GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
    RETURN v_detail;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA tap TO PUBLIC;

:as_processor
SELECT throws_ok(format('SELECT api.close_month(%L, 1, ''x'')', :'month'), '42501', NULL, 'a processor closes nothing');
SELECT throws_ok(format('SELECT api.sign_off_month(%L, 1)', :'month'), '42501', NULL, 'nor signs off');
:as_reviewer
SELECT throws_ok(format('SELECT api.reopen_month(%L, 1, ''x'')', :'month'), '42501', NULL, 'a reviewer reopens nothing');
SELECT throws_ok(format('SELECT api.close_month(%L, 1, '' '')', :'month'), 'IV008', NULL, 'nothing is closed without a reason');
SELECT is(tap.obstacles(:'month'), 'blocking_issue ANNEROE total_mismatch; blocking_issue ANNROE missing_coding; '
    'blocking_issue ANNROE total_mismatch; open_receipt ANNEROE receipt 400000; not_posted BOBROE receipt 400000', 'all that keeps it open');
SELECT matches(tap.refused(:'month'), '^expected nothing of this kind, got ANNEROE: total_mismatch(.*\n){3}obstacles\[3\].open_receipt: expected nothing of this kind, got ANNEROE: receipt 40000003.*$',
    'and the call says the same, a line each');
:as_reader
SELECT cmp_ok(tap.obstacles(:'month'), '>', '', 'a reader may ask for it');

-- What could be posted is handed over, or accepted by one and closed by another.
:as_reviewer
SAVEPOINT accepted;
SELECT is((api.accept_unposted(:'month', tap.version(:'month'), 'Posted by hand')).state, 'open', 'a reviewer accepts that it is not posted');
SELECT is(tap.obstacles(:'month') ~ 'not_posted', false, 'which counts');
:as_processor
SELECT throws_ok(format('SELECT api.accept_unposted(%L, %s, ''x'')', :'month', tap.version(:'month')), '42501', NULL, 'a processor accepts nothing');
SELECT cmp_ok(tap.decide_all(:'session'), '>', 0::bigint, 'something is decided');
SELECT is(tap.obstacles(:'month') ~ 'not_posted', true, 'and it counts no more');
:as_second_reviewer
SELECT cmp_ok(tap.decide_all(:'session'), '>=', 0::bigint, 'the rest is decided');
SELECT (api.accept_unposted(:'month', tap.version(:'month'), 'Posted by hand')).state \g /dev/null
SELECT throws_ok(format('SELECT api.close_month(%L, %s, ''x'')', :'month', tap.version(:'month')), 'PM052', NULL, 'who accepted does not close');
:as_reviewer
SELECT is((api.close_month(:'month', tap.version(:'month'), 'Done')).state, 'closed', 'a colleague does');
ROLLBACK TO SAVEPOINT accepted;
:as_processor
SELECT (api.export_lines(:'session', p_expected_sha256 => (api.export_lines(:'session')).sha256)).outcome \g /dev/null
SELECT is(tap.obstacles(:'month') ~ 'not_posted', false, 'in a batch it is handed over');

-- A submission that was begun, and people on hold.
:as_processor
SELECT s.session_id AS begun FROM api.create_session('Begun', :'session') AS s \gset
SELECT matches(tap.obstacles(:'month'), '^submission Begun: open; ', 'a submission that was begun keeps it open');
:as_admin
SELECT s.status FROM report.sessions AS o, api.cancel_session(:'begun', o.version) AS s WHERE o.session_id = :'begun' \gset
:as_reviewer
SELECT e.version AS held FROM report.employee_revisions AS e, api.hold_employee(:'session', e.cardholder_id, e.version, 'Wait') AS h
WHERE e.session_id = :'session' AND e.employee_name = 'BOBROE' \gset
SELECT matches(tap.obstacles(:'month'), 'person BOBROE on_hold: Wait', 'so does somebody on hold');
SELECT e.version AS released FROM report.employee_revisions AS e, api.release_employee(:'session', e.cardholder_id, e.version) AS h
WHERE e.session_id = :'session' AND e.employee_name = 'BOBROE' \gset

-- Decided one by one: a claim decides nothing, and what an issue about the person said is asked for itself afterwards.
SAVEPOINT claimed;
SELECT (api.resolve_issue(i.issue_id, i.version, 'coding_provided')).state FROM report.validation_issues AS i WHERE i.issue_id = :'issue' \gset
SELECT matches(tap.obstacles(:'month'), 'blocking_issue ANNROE missing_coding', 'a claim that is not true yet keeps it open');
ROLLBACK TO SAVEPOINT claimed;
SELECT cmp_ok(tap.decide_all(:'session'), '>', 0::bigint, 'all that is open is decided');
SELECT is(tap.obstacles(:'month'), 'open_receipt ANNEROE receipt 400000', 'which leaves the receipt that was spoken for');
SAVEPOINT rows;
SELECT is(tap.decide_all(:'session'), 1::bigint, 'its own issue is decided');
SELECT is(tap.obstacles(:'month'), NULL, 'and nothing is left');
ROLLBACK TO SAVEPOINT rows;
-- Or waived as a whole, by two.
SELECT (api.reopen_issue(i.issue_id, i.version, 'x')).state FROM report.validation_issues AS i
WHERE i.session_id = :'session' AND i.issue_type = 'orphan_receipts' \gset
SELECT is(tap.obstacles(:'month'), 'open_receipt ANNEROE receipt 400000', 'open about the person it says nothing final');
SELECT (api.propose_waiver(i.issue_id, i.version, 'immaterial', 'x', 100, current_date + 5)).state FROM report.validation_issues AS i
WHERE i.session_id = :'session' AND i.issue_type = 'orphan_receipts' \gset
:as_second_reviewer
SELECT (api.approve_waiver(i.issue_id, i.version)).state FROM report.validation_issues AS i
WHERE i.session_id = :'session' AND i.issue_type = 'orphan_receipts' \gset
SELECT is(tap.obstacles(:'month'), NULL, 'waived by two it speaks for its rows');
SAVEPOINT over;
:as_owner
INSERT INTO app.waivers (issue_id, issue_version, reason_class, reason, amount_limit, ends_on, proposed_by)
SELECT i.issue_id, i.version + 1, 'immaterial', 'x', 100, (now() AT TIME ZONE 'UTC')::date - 1, u.user_id
FROM app.validation_issues AS i, app.users AS u
WHERE i.session_id = :'session' AND i.rule_code = 'orphan_receipts' AND u.user_name = 'ada';
INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, decided_by)
SELECT w.waiver_id, w.proposed_by, 'approved', u.user_id FROM app.waivers AS w, app.users AS u
WHERE w.ends_on < (now() AT TIME ZONE 'UTC')::date AND u.user_name = 'rae';
:as_second_reviewer
SELECT is(tap.obstacles(:'month'), 'open_receipt ANNEROE receipt 400000', 'not when it is over, though no worker looked');
ROLLBACK TO SAVEPOINT over;
-- A rule that was switched off decides nothing.
SAVEPOINT off;
SELECT (api.reopen_issue(i.issue_id, i.version, 'x')).state FROM report.validation_issues AS i
WHERE i.session_id = :'session' AND i.issue_type = 'orphan_receipts' \gset
:as_admin
SELECT (api.save_rule('unmatched_receipt', r.version, p_enabled => false)).version FROM report.validation_rules AS r
WHERE r.rule_code = 'unmatched_receipt' AND r.is_current \g /dev/null
SELECT matches((SELECT o.description FROM report.month_obstacles(:'month') AS o WHERE o.kind = 'open_receipt'),
    'the rule unmatched_receipt is off: nobody can decide it', 'what nobody can decide, as its rule is off, says so');
ROLLBACK TO SAVEPOINT off;

-- Sign-offs, of each person and of the whole month; each counts for what it saw.
:as_admin
SELECT (api.save_setting('month_sign_off', 2, 1)).value \g /dev/null
:as_reviewer
SELECT is(tap.obstacles(:'month'), 'sign_off ANNEROE not signed off; sign_off ANNROE not signed off; sign_off BOBROE not signed off',
    'each person is to be signed off');
SELECT is(count(*), 3::bigint, 'which is done') FROM (
    SELECT api.sign_off_month(:'month', tap.version(:'month'), e.cardholder_id) FROM report.employee_revisions AS e
    WHERE e.session_id = :'session' OFFSET 0) AS s;
SELECT is(tap.obstacles(:'month'), NULL, 'and counts');
SELECT (api.reopen_issue(i.issue_id, i.version, 'x')).state FROM report.validation_issues AS i WHERE i.issue_id = :'issue' \gset
:as_second_reviewer
SELECT is(tap.decide_all(:'session'), 1::bigint, 'somebody decides something again');
:as_reviewer
SELECT is(tap.obstacles(:'month'), 'sign_off ANNROE not signed off', 'the sign-off of this person is over, no other');
SELECT throws_ok(format('SELECT api.sign_off_month(%L, %s, ''00000000-0000-7000-8000-00000000000a'')', :'month', tap.version(:'month')),
    'NF004', NULL, 'nobody else is signed off');
:as_admin
SELECT (api.save_setting('month_sign_off', 1, 2)).value \g /dev/null
:as_reviewer
SELECT is(tap.obstacles(:'month'), 'sign_off the whole mont', 'the whole month is another one');
SELECT throws_ok(format('SELECT api.sign_off_month(%L, 1)', :'month'), 'ST001', NULL, 'a sign-off sees the version');
-- The version grows with what is in the month: who closes has seen it.
SELECT tap.version(:'month') AS version \gset
:as_processor
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Corrected meanwhile' WHERE transaction_id = :'receipt';
:as_reviewer
SELECT throws_ok(format('SELECT api.%s(%L, %s%s)', x.call, :'month', :version, x.reason), 'ST001', NULL, 'so does ' || x.call || ', of a receipt corrected since')
FROM (VALUES ('sign_off_month', ''), ('accept_unposted', ', ''x'''), ('close_month', ', ''x''')) AS x (call, reason);
SELECT is((api.sign_off_month(:'month', tap.version(:'month'), p_note => 'Seen')).state, 'open', 'signed off as a whole');
SELECT is(tap.obstacles(:'month'), NULL, 'it can be closed');

-- Closed, with its proof; repeated it is answered again.
SELECT tap.version(:'month') AS version \gset
SELECT is((api.close_month(:'month', :version, 'All done', 'key 1')).state, 'closed', 'a reviewer closes it');
SELECT is((api.close_month(:'month', :version, 'All done', 'key 1')).state, 'closed', 'a repeated request gets the first answer');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'it can be committed');
SET CONSTRAINTS ALL DEFERRED;
SELECT results_eq(format('SELECT m.closed_by_name, m.close_reason, m.is_history, m.version, m.closed_digest FROM report.months AS m WHERE m.month_id = %L', :'month'),
    format($$VALUES ('rex', 'All done', false, %s, encode(app.digest_month(%L), 'hex'))$$, :version + 1, :'month'), 'the month says who closed it, why, and the hash of it');
SELECT is((SELECT (e.proof #> '{submissions,0}') - '{session_id,source_sha256,issues}'::text[] FROM report.month_events AS e WHERE e.month_id = :'month' AND e.kind = 'closed'),
    (SELECT jsonb_build_object('people', s.total_employees, 'finished', s.employees_completed, 'card_total', s.total_amount::text,
        'receipt_total', s.receipt_total::text, 'unknown_card_totals', s.unknown_card_totals, 'receipts', 3, 'charges', 3)
     FROM report.sessions AS s WHERE s.session_id = :'session'), 'the proof holds totals and counts');
SELECT is((SELECT e.tick_number FROM report.month_events AS e WHERE e.month_id = :'month' AND e.kind = 'closed'),
    (SELECT max(t.tick_number) FROM report.ticks AS t), 'and the tick that was written');

-- Reopened by somebody else, changed, closed again: both closings stay.
:as_admin
SELECT is((api.reopen_month(:'month', tap.version(:'month'), 'Late receipt')).state, 'open', 'somebody else reopens it');
SET LOCAL app.reason = 'as told';
UPDATE api.current_transactions SET purpose = 'Late' WHERE transaction_id = :'receipt';
SELECT is(tap.obstacles(:'month'), 'sign_off the whole mont', 'what was signed off is another content now');
:as_second_reviewer
SELECT (api.sign_off_month(:'month', tap.version(:'month'))).version \g /dev/null
SELECT is((api.close_month(:'month', tap.version(:'month'), 'Done again')).state, 'closed', 'and closed again');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT results_eq(format('SELECT count(DISTINCT e.digest), count(*) FROM app.month_events AS e WHERE e.month_id = %L AND e.kind = ''closed''', :'month'),
    'VALUES (2::bigint, 2::bigint)', 'two closings, each with the hash of what it closed');
SELECT is((SELECT m.closed_by_name FROM report.months AS m WHERE m.month_id = :'month'), 'rae', 'the newest counts');
SELECT * FROM finish();
ROLLBACK;
