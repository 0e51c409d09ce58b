-- A waiver takes two people, covers an amount, and ends.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(30);
SELECT (now() AT TIME ZONE 'UTC')::date AS today, (now() AT TIME ZONE 'UTC')::date + 366 AS last, (now() AT TIME ZONE 'UTC')::date + 367 AS too_late \gset
:as_processor
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'laziness', 'x', 10, %L)$$, :'receipt_issue', :'today'), 'IV008', 'argument is missing or not allowed', 'a reason has a class');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', '', 10, %L)$$, :'receipt_issue', :'today'), 'IV008', 'argument is missing or not allowed', 'and words');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', 'x', NULL, %L)$$, :'receipt_issue', :'today'), 'IV008', 'argument is missing or not allowed', 'a limit');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', 'x', 'NaN', %L)$$, :'receipt_issue', :'today'), 'IV008', 'argument is missing or not allowed', 'which is a number');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', 'x', 10, %L)$$, :'receipt_issue', :'too_late'), 'IV008', 'argument is missing or not allowed', 'an end within the longest time');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', 'x', 10, %L::date - 1)$$, :'receipt_issue', :'today'), 'IV008', 'argument is missing or not allowed', 'that has not passed');
SELECT throws_ok(format($$SELECT api.propose_waiver(%L, 1, 'other', 'x', 9.99, %L)$$, :'receipt_issue', :'today'), 'RL061', 'what is at stake is unknown or above the limit of the waiver', 'and covers what is at stake');
SELECT is((SELECT (r.state, r.version)::text FROM api.propose_waiver(:'receipt_issue', 1, 'receipt_lost', 'Lost in the rain', 10.00, :'last') AS r), '(waiting,2)', 'an issue with a proposal waits');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), '42501', NULL, 'a processor does not approve');
:as_reviewer
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 1)$$, :'receipt_issue'), 'ST001', NULL, 'approving needs the version seen');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 1)$$, :'coding_issue'), 'ST002', NULL, 'and a proposal');
SELECT is((SELECT (r.state, r.version, r.is_resolved, r.resolved_by_name, r.resolution_notes)::text FROM api.approve_waiver(:'receipt_issue', 2) AS r), '(waived,3,t,rex,"Lost in the rain")', 'a second person approves');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW in_progress', 'a waiver is work on a person');
SELECT is((SELECT (r.state, r.version)::text FROM api.propose_waiver(:'coding_issue', 1, 'immaterial', 'Small', 20.00, :'today') AS r), '(waiting,2)', 'a reviewer may propose');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'coding_issue'), 'PM061', 'nobody decides on a waiver they proposed', 'but not approve the own proposal');
SELECT throws_ok(format($$SELECT api.reject_waiver(%L, 2, 'x')$$, :'coding_issue'), 'PM061', NULL, 'nor reject it');
:as_second_reviewer
SELECT throws_ok(format($$SELECT api.reject_waiver(%L, 2, NULL)$$, :'coding_issue'), 'IV008', NULL, 'rejecting needs a reason');
SELECT is((SELECT (r.state, r.version)::text FROM api.reject_waiver(:'coding_issue', 2, 'Code it') AS r), '(open,3)', 'rejected, it is open again');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 3)$$, :'coding_issue'), 'ST002', NULL, 'and the proposal is gone');
SELECT is((SELECT r.state FROM api.propose_waiver(:'coding_issue', 3, 'immaterial', 'Really', 20.00, :'today') AS r), 'waiting', 'it can be proposed anew');
SELECT is((SELECT r.state FROM api.start_issue(:'coding_issue', 4) AS r), 'in_progress', 'somebody works on it instead');
SELECT is((SELECT r.state FROM api.suspend_issue(:'coding_issue', 5, 'For Wade') AS r), 'waiting', 'and lets it wait for something else');
:as_reviewer
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 6)$$, :'coding_issue'), 'ST002', 'state does not allow this step', 'the overtaken proposal cannot be approved');
:as_tester
SELECT throws_ok($$INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, decided_by) SELECT w.waiver_id, w.proposed_by, 'approved', w.proposed_by FROM app.waivers AS w WHERE w.verdict IS NULL$$, '42703', NULL, 'decisions stand apart');
:as_owner
SELECT throws_ok($$INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, decided_by)
    SELECT w.waiver_id, w.proposed_by, 'approved', w.proposed_by FROM app.waivers AS w
    WHERE NOT EXISTS (SELECT FROM app.waiver_decisions AS d WHERE d.waiver_id = w.waiver_id)$$,
    '23514', NULL, 'not even the owner makes the second person the first');
:as_worker
SELECT is(api.expire_waivers(), 0, 'no waiver is over yet');
:as_owner
-- A waiver that ended yesterday: as written some days ago.
INSERT INTO app.waivers (issue_id, issue_version, reason_class, reason, amount_limit, ends_on, proposed_by)
SELECT w.issue_id, 3, w.reason_class, w.reason, w.amount_limit, :'today'::date - 1, w.proposed_by FROM app.waivers AS w WHERE w.issue_id = :'receipt_issue';
INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, decided_by)
SELECT w.waiver_id, w.proposed_by, 'approved', d.decided_by FROM app.waivers AS w, app.waiver_decisions AS d
WHERE w.issue_id = :'receipt_issue' AND w.issue_version = 3 AND d.verdict = 'approved';
:as_worker
SELECT is(api.expire_waivers(), 1, 'a waiver that is over opens its issue');
:as_tester
SELECT is((SELECT (state, version, resolved_by, resolution_notes)::text FROM report.validation_issues WHERE issue_id = :'receipt_issue'), '(open,4,,)', 'which is undecided again');
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
