-- What one person decides alone has a limit at every door; what is only claimed keeps a person from being finished.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/documents.psql
\ir ../fixtures/pdfs.psql
SELECT no_plan();

-- Ann's receipts lack the attachment: at and just above the limit of each role, and an unknown amount. Bea's add up to
-- ten times the limit of a processor, and a cent.
:as_processor
SELECT tap.import(jsonb_build_object(
    'ANN', tap.entry('{"car_total": 11000.02}',
        tap.receipt('{"rec_id": "1", "amt": "500.00", "attachment": false}'),
        tap.receipt('{"rec_id": "2", "amt": "500.01", "attachment": false}'),
        tap.receipt('{"rec_id": "3", "amt": "5000.00", "attachment": false}'),
        tap.receipt('{"rec_id": "4", "amt": "5000.01", "attachment": false}'),
        tap.receipt('{"rec_id": "5", "amt": "n/a", "attachment": false}')),
    'BEA', tap.entry('{"employee_id": "2", "car_total": 5000.01}', VARIADIC ARRAY(
        SELECT tap.receipt(jsonb_build_object('rec_id', 'b' || n, 'amt', CASE WHEN n < 11 THEN '500.00' ELSE '0.01' END,
            'date', '03/' || (n + 10) || '/2025', 'attachment', false)) FROM generate_series(1, 11) AS n ORDER BY n)))) AS session_id \gset
:as_tester
\set adds_up 'SELECT d.user_name, d.employee_name, d.amount FROM report.duty_conflicts AS d WHERE d.kind = ''adds_up'' ORDER BY 1, 2'
CREATE FUNCTION tap.issue(p_receipt text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT i.issue_id FROM app.validation_issues AS i
    JOIN app.transactions AS t ON t.transaction_id = i.transaction_id AND t.employee_revision_id = i.employee_revision_id
    WHERE i.rule_code = 'missing_receipt' AND t.external_transaction_id = p_receipt ORDER BY i.issue_id DESC LIMIT 1;
END;
CREATE FUNCTION tap.call(p_call text, p_receipt text, VARIADIC p_words text[]) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_state text;
    v_detail text;
BEGIN
    EXECUTE format('SELECT r.state FROM api.%I(%L, %s, %s) AS r', p_call, tap.issue(p_receipt),
        (SELECT i.version FROM report.validation_issues AS i WHERE i.issue_id = tap.issue(p_receipt)),
        (SELECT string_agg(quote_nullable(w), ', ') FROM unnest(p_words) AS w)) INTO v_state;
    RETURN v_state;
EXCEPTION
    WHEN SQLSTATE 'RL081' OR SQLSTATE 'IV008' OR SQLSTATE 'PM061' OR SQLSTATE 'ST002' THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN SQLSTATE || ' ' || v_detail;
END
$$;
-- All issues about missing attachments of a person that are open, as a bulk call names them.
CREATE FUNCTION tap.items(p_person text) RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT jsonb_agg(jsonb_build_object('issue_id', i.issue_id, 'expected_version', i.version) ORDER BY i.amount_impact DESC)
    FROM report.validation_issues AS i
    WHERE i.employee_name = p_person AND i.issue_type = 'missing_receipt' AND i.is_open;
END;
CREATE FUNCTION tap.outcomes(p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', p_answer ->> 'outcome', p_answer ->> 'done', min(i.value ->> 'code'), min(i.value ->> 'detail'))
    FROM jsonb_array_elements(p_answer -> 'items') AS i;
END;
-- The answer of a bulk call is a typed row; here its words count.
CREATE FUNCTION tap.outcomes(p_answer report.batch_answer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN tap.outcomes(to_jsonb(p_answer));
SAVEPOINT start;

-- Words.
:as_processor
SELECT is(tap.call('resolve_issue', '1', m.method, m.notes), 'IV008 expected 1 to 4000 characters, got ' || length(m.notes), m.method || ' needs a note')
FROM (VALUES ('explained', ''), ('accepted', ' '), ('other', '  ')) AS m (method, notes);
SELECT is(tap.call('resolve_issue', '1', 'accepted', NULL), 'IV008 expected 1 to 4000 characters, got 0', 'nothing is no note');

-- One decision.
SELECT is(tap.call('resolve_issue', '2', m.method, 'Known'), 'RL081 expected at most 500.00, got 500.01', 'a processor does not decide a cent more: ' || m.method)
FROM (VALUES ('explained'), ('accepted'), ('other')) AS m (method);
SELECT is(tap.call('mark_false_positive', '2', 'Not so'), 'RL081 expected at most 500.00, got 500.01', 'nor calls it a false positive');
SELECT is(tap.call('resolve_issue', '5', 'explained', 'Known'), 'RL081 expected at most 500.00, got unknown', 'an unknown amount counts as above');
SELECT is(tap.call('resolve_issue', '1', 'explained', 'Known'), 'resolved', 'what is at the limit is decided');
SELECT is(tap.call('reopen_issue', '1', 'Look again'), 'open', 'and taken back');
SELECT is(tap.call('mark_false_positive', '1', 'It is there'), 'false_positive', 'at the limit a finding is called none');
:as_reviewer
SELECT is(tap.call('resolve_issue', '3', 'accepted', 'Known'), 'resolved', 'a reviewer decides up to ten times as much');
SELECT is(tap.call('resolve_issue', '4', 'accepted', 'Known'), 'RL081 expected at most 5000.00, got 5000.01', 'and not a cent more');
SELECT is(tap.call('resolve_issue', '5', 'other', 'Known'), 'RL081 expected at most 5000.00, got unknown', 'nor what nobody knows');
:as_admin
SELECT is(tap.call('resolve_issue', '4', 'accepted', 'Known'), 'RL081 expected at most 5000.00, got 5000.01', 'an administrator is no exception');
SELECT api.save_setting('decision_limit_processor', 500.01, 1) \g /dev/null
:as_processor
SELECT is(tap.call('resolve_issue', '2', 'explained', 'Known'), 'resolved', 'the limit is a setting');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
ROLLBACK TO SAVEPOINT start;
SET CONSTRAINTS ALL DEFERRED;

-- Many at once.
:as_processor
SELECT is(tap.outcomes(api.resolve_issues(tap.items('ANN'), NULL, 'explained', 'Known', p_dry_run => true)),
    'dry_run 1 above_decision_limit expected at most 500.00, got 500.01', 'in bulk each issue has the limit of one');
SELECT is(tap.outcomes(api.resolve_issues(tap.items('BEA'), NULL, 'explained', 'Known')),
    'done 0 above_decision_limit expected at most 5000.00 in all, got 5000.01', 'and ten times that for all: above it none is decided');
SELECT is(tap.outcomes(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id', 'person', 'BEA'), 'explained', 'Known')),
    'done 0 above_decision_limit expected at most 5000.00 in all, got 5000.01', 'also by a filter');
SELECT is(tap.outcomes(api.resolve_issues(tap.items('BEA') - 10, NULL, 'explained', 'Known')), 'done 10', 'at it all are');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;
SELECT results_eq(:'adds_up', $$VALUES ('pat', 'BEA', 5000.00)$$, 'what adds up above the limit for one cardholder is listed');
:as_processor
SELECT is(tap.call('resolve_issue', 'b11', 'explained', 'One cent more'), 'resolved', 'one by one the sum is not asked by the call');
:as_tester
SELECT results_eq(:'adds_up', $$VALUES ('pat', 'BEA', 5000.01), ('pat', NULL, 5000.01)$$, 'and above that of a bulk call for all of them');
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'but at commit: nothing is split around the limit in one transaction');
ROLLBACK TO SAVEPOINT start;
SET CONSTRAINTS ALL DEFERRED;

-- Two people.
SELECT is_empty(:'adds_up', 'nothing adds up');
:as_processor
SELECT is(tap.call('propose_decision', '4', 'waived', 'x'), 'IV008 expected explained, accepted, other or false_positive, got waived', 'what is proposed is one of four');
SELECT is(tap.call('propose_decision', '4', 'corrected', 'x'), 'IV008 expected explained, accepted, other or false_positive, got corrected', 'a claim needs nobody');
SELECT is(tap.call('propose_decision', '4', 'explained', ''), 'IV008 expected 1 to 4000 characters, got 0', 'and says why');
SELECT is(tap.call('propose_decision', r.receipt, r.method, 'The invoice is with the auditor'), 'waiting', 'any amount may be proposed: ' || r.receipt)
FROM (VALUES ('2', 'accepted'), ('4', 'explained'), ('5', 'false_positive'), ('3', 'other')) AS r (receipt, method);
SELECT results_eq($$SELECT w.proposed_method, w.reason, w.reason_class, w.ends_on, w.proposed_by_name, w.verdict FROM report.waivers AS w
        WHERE w.issue_id = tap.issue('4')$$,
    $$VALUES ('explained', 'The invoice is with the auditor', NULL::text, NULL::date, 'pat', NULL::text)$$, 'a proposal stands beside the waivers');
SELECT throws_ok(format('SELECT api.approve_waiver(%L, 2)', tap.issue('4')), '42501', NULL, 'a processor does not approve');
:as_reviewer
SELECT is(tap.call('approve_waiver', '4', 'Seen'), 'resolved', 'a second person decides it');
SELECT results_eq($$SELECT i.state, i.resolution_method, i.resolution_notes, i.resolved_by_name FROM report.validation_issues AS i
        WHERE i.issue_id = tap.issue('4')$$, $$VALUES ('resolved', 'explained', 'Seen', 'rex')$$, 'as proposed');
SELECT is(tap.call('approve_waiver', '5', NULL), 'false_positive', 'also what is unknown');
SELECT is(tap.call('reject_waiver', '2', 'Too much'), 'open', 'or not');
SELECT is(tap.call('propose_decision', '2', 'accepted', 'Again'), 'waiting', 'a reviewer proposes');
SELECT is(tap.call('approve_waiver', '2', 'So be it'), 'PM061 expected a second person, got the proposer', 'and does not decide that');
SELECT is(tap.call('start_issue', '3', 'Wait'), 'in_progress', 'who works on it instead takes the proposal back');
:as_second_reviewer
SELECT is(tap.call('approve_waiver', '3', 'x'), 'ST002 expected waiting, got in_progress', 'it cannot be approved any more');
SELECT is(tap.call('approve_waiver', '2', 'So be it'), 'resolved', 'somebody else does');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'what two decided can be committed, whatever the amount');
SET CONSTRAINTS ALL DEFERRED;
SELECT is((SELECT count(*)::integer FROM report.waivers WHERE proposed_method IS NOT NULL AND verdict = 'approved' AND decided_by_name <> proposed_by_name), 3, 'by two people each');
SELECT results_eq($$SELECT d.user_name, d.method, d.decisions::integer, d.amount, d.largest_amount, d.unknown_amounts::integer, d.by_two::integer FROM report.decisions AS d ORDER BY 1, 2$$,
    $$VALUES ('rae', 'accepted', 1, 500.01, 500.01, 0, 1), ('rex', 'explained', 1, 5000.01, 5000.01, 0, 1),
        ('rex', 'false_positive', 1, 0.00, NULL::numeric, 1, 1)$$, 'who decided how much is listed by day and method');
:as_processor
:as_tester
ROLLBACK TO SAVEPOINT start;
SET CONSTRAINTS ALL DEFERRED;

-- Around the calls: a superuser who acts as the processor.
:as_tester
INSERT INTO app.login_users (login_name, user_id)
SELECT r.rolname, u.user_id FROM app.users AS u, pg_roles AS r WHERE u.user_name = 'pat' AND r.oid = 10;
CREATE FUNCTION tap.forge(p_receipt text, p_state text, p_method text) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE app.validation_issues SET state = p_state, resolved_by = (SELECT w.user_id FROM api.whoami() AS w),
        resolved_at = clock_timestamp(), resolution_method = p_method WHERE issue_id = tap.issue(p_receipt);
    UPDATE app.session_employees AS e SET status = app.derive_status(e.session_id, e.cardholder_id, false)
    WHERE e.status <> app.derive_status(e.session_id, e.cardholder_id, false);
END;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
SAVEPOINT around;
SELECT tap.forge('1', 'resolved', 'other') \g /dev/null
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'what the call would allow passes');
ROLLBACK TO SAVEPOINT around;
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.forge('2', 'resolved', 'other') \g /dev/null
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'a cent more does not');
ROLLBACK TO SAVEPOINT around;
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.forge('2', 'false_positive', NULL) \g /dev/null
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'nor as a false positive');
ROLLBACK TO SAVEPOINT around;
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.forge('5', 'resolved', 'explained') \g /dev/null
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'nor what is unknown');
ROLLBACK TO SAVEPOINT around;
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.forge('2', 'waived', NULL) \g /dev/null
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'nor waived without a second person');
ROLLBACK TO SAVEPOINT around;
SET CONSTRAINTS ALL DEFERRED;
SELECT tap.forge('4', 'resolved', 'receipt_provided') \g /dev/null
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'a claim has no limit: it finishes nobody');
ROLLBACK TO SAVEPOINT start;
SET CONSTRAINTS ALL DEFERRED;

-- Differences of matches: a dollar below, a cent above the limit, and several together.
:as_owner
SELECT api.save_setting('decision_limit_processor', 0.40, 1), api.save_setting('decision_limit_bulk', 2, 1) \g /dev/null
:as_processor
SELECT tap.upload('1') \g /dev/null
:as_worker
SELECT j ->> 'job_id' AS job, j ->> 'token' AS token FROM api.claim_job('tap') AS j \gset
:as_processor
SELECT api.accept_documents(:'job', :'token', tap.pdf_report('{}', tap.pdf_card('{}', VARIADIC ARRAY(
        SELECT tap.pdf_charge(jsonb_build_object('number', '00000000' || n, 'merchant', 'PLACE ' || n),
            tap.pdf_line(jsonb_build_object('net', n || '00.00', 'gross', n || '00.00', 'ppu', n || '00.00000')))
        FROM generate_series(1, 5) AS n ORDER BY n))),
    tap.pdf_receipts('{}', VARIADIC ARRAY(
        SELECT tap.pdf_receipt(n, jsonb_build_object('amount', round(n * 100 - CASE n WHEN 5 THEN 0.41 WHEN 4 THEN 0.20 ELSE 0.40 END, 2)::text,
            'merchant_name', 'PLACE ' || n)) FROM generate_series(1, 5) AS n ORDER BY n))) ->> 'session_id' AS matched \gset
:as_tester
CREATE FUNCTION tap.confirm(p_session uuid, VARIADIC p_numbers integer[]) RETURNS text
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    v_detail text;
    v_answer record;
BEGIN
    SELECT api.decide_match('confirm', array_agg(c.charge_id ORDER BY n.n), array_agg(t.transaction_id ORDER BY n.n),
        (SELECT e.version FROM report.employee_revisions AS e WHERE e.session_id = p_session), p_reason => 'Rounded') AS a INTO v_answer
    FROM unnest(p_numbers) AS n (n)
    JOIN report.charges AS c ON c.session_id = p_session AND c.net_amount = n.n * 100
    JOIN report.transactions AS t ON t.session_id = p_session AND round(t.amount / 100) = n.n;
    RETURN 'done';
EXCEPTION
    WHEN SQLSTATE 'RL081' THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN v_detail;
END
$$;
:as_processor
SELECT is(tap.confirm(:'matched', 5), 'expected at most 0.40, got 0.41', 'a difference above the limit is accepted by nobody alone');
SELECT is(tap.confirm(:'matched', 1, 2, 4), 'expected at most 0.80 in all, got 1.00', 'nor several that are above it in all');
SELECT is(tap.confirm(:'matched', 1, 2), 'done', 'just below they are');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;
:as_processor
SELECT is(tap.confirm(:'matched', 4), 'done', 'one more by itself is not asked about the others');
:as_tester
SELECT throws_ok('SET CONSTRAINTS ALL IMMEDIATE', 'RL081', NULL, 'but in one transaction they are one sum');
ROLLBACK TO SAVEPOINT start;
SET CONSTRAINTS ALL DEFERRED;

-- Claims.
:as_processor
SELECT tap.import(jsonb_build_object('CAL', tap.entry('{"employee_id": "3", "car_total": 10}', tap.receipt('{"rec_id": "c1", "attachment": false}')))) AS cal \gset
SELECT is(tap.call('resolve_issue', 'c1', 'receipt_provided', NULL), 'resolved', 'that a receipt was provided is said without a note');
SELECT results_eq(format('SELECT e.status, e.open_issues, e.open_blocking_issues FROM report.employee_revisions AS e WHERE e.session_id = %L', :'cal'),
    $$VALUES ('in_progress', 0::bigint, 1::bigint)$$, 'and does not finish the person while the finding stands');
SAVEPOINT claimed;
SET LOCAL app.reason = 'Came by mail';
UPDATE api.current_transactions SET purpose = 'Crew' WHERE session_id = :'cal';
SELECT results_eq(format('SELECT e.status, e.revision_number FROM report.employee_revisions AS e WHERE e.session_id = %L', :'cal'),
    $$VALUES ('in_progress', 2)$$, 'a revision that still shows it changes nothing');
UPDATE api.current_transactions SET has_attachment = true WHERE session_id = :'cal';
SELECT results_eq(format('SELECT e.status, e.open_blocking_issues FROM report.employee_revisions AS e WHERE e.session_id = %L', :'cal'),
    $$VALUES ('finished', 0::bigint)$$, 'one that does not show it finishes the person');
UPDATE api.current_transactions SET has_attachment = false WHERE session_id = :'cal';
SELECT is((SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = :'cal'), 'in_progress', 'and one that shows it again does not');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
ROLLBACK TO SAVEPOINT claimed;
SET CONSTRAINTS ALL DEFERRED;
:as_processor
SELECT a ->> 'session_id' AS cal_two FROM api.import_activity(jsonb_build_object('CAL', tap.entry('{"employee_id": "3", "car_total": 10}', tap.receipt('{"rec_id": "c1", "attachment": false, "title": "Lunch"}')))::text, 'Again', :'cal') AS a \gset
SELECT is((SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = :'cal_two'), 'in_progress', 'nor does a later submission that shows the finding again finish the person');
SELECT is((SELECT i.resolution_method FROM report.validation_issues AS i WHERE i.session_id = :'cal_two' AND i.issue_type = 'missing_receipt'), 'receipt_provided', 'where the claim came along');
SELECT is((SELECT c.issue_type FROM report.claimed_fixed_still_present AS c WHERE c.session_id = :'cal_two'), 'missing_receipt', 'and is listed as not there yet');
SELECT a ->> 'session_id' AS cal_three FROM api.import_activity(jsonb_build_object('CAL', tap.entry('{"employee_id": "3", "car_total": 10}', tap.receipt('{"rec_id": "c1", "attachment": true}')))::text, 'At last', :'cal_two') AS a \gset
SELECT is((SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = :'cal_three'), 'finished', 'the one that does not show it does');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
