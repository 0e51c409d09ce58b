-- Issues go through their states by the steps people may take, each written down.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(38);
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 1, missing_coding_info open 1, missing_receipt open 1', 'three issues are open');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW unfinished', 'nobody is finished');
SELECT is((SELECT count(*) FROM report.validation_issues WHERE due_date IS NULL), 0::bigint, 'each has a due date');
:as_processor
SELECT is((SELECT (r.state, r.version, r.assigned_to IS NOT NULL)::text FROM api.start_issue(:'receipt_issue', 1, 'On it', 'q1') AS r), '(in_progress,2,t)', 'starting takes an issue that nobody has');
SELECT is((SELECT (r.state, r.version)::text FROM api.start_issue(:'receipt_issue', 1, 'On it', 'q1') AS r), '(in_progress,2)', 'a repeated request gets the first answer');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW in_progress', 'somebody''s issue is in work');
SELECT throws_ok(format($$SELECT api.start_issue(%L, 1)$$, :'receipt_issue'), 'ST001', 'it was changed meanwhile', 'a stale version is refused');
SELECT throws_ok(format($$SELECT api.start_issue(%L, 2)$$, :'receipt_issue'), 'ST002', 'state does not allow this step', 'what is in work cannot be started');
SELECT throws_ok(format($$SELECT api.suspend_issue(%L, 2, ' ')$$, :'receipt_issue'), 'IV008', 'argument is missing or not allowed', 'waiting needs to say for what');
SELECT is((SELECT (r.state, r.version)::text FROM api.suspend_issue(:'receipt_issue', 2, 'Asked Wade') AS r), '(waiting,3)', 'an issue can wait');
SELECT is((SELECT (r.state, r.version)::text FROM api.assign_issue(:'receipt_issue', 3, 'rex', 'Yours') AS r), '(waiting,4)', 'it can be given to somebody');
SELECT throws_ok(format($$SELECT api.assign_issue(%L, 4, 'ron')$$, :'receipt_issue'), 'NF003', NULL, 'not to somebody who only reads');
SELECT throws_ok(format($$SELECT api.assign_issue(%L, 4, 'nobody')$$, :'receipt_issue'), 'NF003', NULL, 'not to nobody known');
SELECT is((SELECT (r.assigned_to IS NULL, r.version)::text FROM api.assign_issue(:'receipt_issue', 4, NULL) AS r), '(t,5)', 'it can be given back');
SELECT is((SELECT (r.state, r.version)::text FROM api.note_issue(:'receipt_issue', 5, 'Card 4111111111111111 he says') AS r), '(waiting,6)', 'a note is a change too');
SELECT is((SELECT note FROM report.issue_events WHERE issue_id = :'receipt_issue' AND issue_version = 6), 'Card 411111XXXXXX1111 he says', 'no note holds a whole card number');
SELECT throws_ok(format($$SELECT api.mark_false_positive(%L, 6, NULL)$$, :'receipt_issue'), 'IV008', 'argument is missing or not allowed', 'a false positive needs a reason');
SELECT is((SELECT (r.state, r.version, r.is_resolved, r.resolved_by_name, r.resolution_notes, r.resolution_method)::text
    FROM api.mark_false_positive(:'receipt_issue', 6, 'Paper receipt is filed') AS r), '(false_positive,7,t,pat,"Paper receipt is filed",)', 'a false positive is a decision');
SELECT is((SELECT (r.state, r.resolution_notes)::text FROM api.note_issue(:'receipt_issue', 7, 'For the file') AS r), '(false_positive,"Paper receipt is filed")', 'a later note leaves the decision''s alone');
SELECT is((SELECT r.state FROM api.resolve_issue(:'coding_issue', 1, 'explained', 'Coded') AS r), 'resolved', 'the other one is resolved');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW finished', 'with the last open issue the person is finished');
SELECT throws_ok(format($$SELECT api.mark_false_positive(%L, 2, 'x')$$, :'coding_issue'), 'ST002', NULL, 'what is decided is not decided again');
SELECT throws_ok(format($$SELECT api.reopen_issue(%L, 2, NULL)$$, :'coding_issue'), 'IV008', NULL, 'reopening needs a reason');
SELECT api.create_session('Empty', :'session_id') \g /dev/null
SELECT is((SELECT (r.state, r.is_resolved, r.resolved_by, r.resolved_at, r.resolution_method, r.resolution_notes)::text FROM api.reopen_issue(:'coding_issue', 2, 'Wrong job') AS r), '(open,f,,,,)', 'a decision can be taken back, also while the next submission is empty');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW in_progress', 'and the person is not finished any more');
SELECT throws_ok(format($$SELECT api.reopen_issue(%L, 3, 'x')$$, :'coding_issue'), 'ST002', NULL, 'what is open cannot be reopened');
SELECT throws_ok($$SELECT api.start_issue('00000000-0000-7000-8000-000000000000', 1)$$, 'NF002', 'there is no such issue', 'an issue has to exist');
SELECT throws_ok(format($$SELECT api.start_issue(%L, 1, 'other', 'q1')$$, :'joan_issue'), 'ST003', NULL, 'a request id is for one request');
:as_reader
SELECT throws_ok(format($$SELECT api.start_issue(%L, 1)$$, :'joan_issue'), '42501', NULL, 'readers only read');
SELECT throws_ok(format($$SELECT api.note_issue(%L, 1, 'x')$$, :'joan_issue'), '42501', NULL, 'and write no notes');
:as_owner
SELECT api.save_user('rex', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1) \g /dev/null
:as_reviewer
SELECT throws_ok(format($$SELECT api.note_issue(%L, 1, 'x')$$, :'joan_issue'), 'PM003', 'nobody acts on their own card', 'not even a note on one''s own card');
:as_processor
SELECT throws_ok(format($$SELECT api.assign_issue(%L, 1, 'rex')$$, :'joan_issue'), 'PM003', 'nobody acts on their own card', 'nor is one given to its cardholder');
:as_tester
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 1, missing_coding_info open 3, missing_receipt false_positive 8', 'refused steps left no trace');
SELECT results_eq(format('SELECT from_state, to_state, user_name FROM report.issue_events WHERE issue_id = %L ORDER BY issue_version', :'receipt_issue'),
    $$VALUES ('open', 'in_progress', 'pat'), ('in_progress', 'waiting', 'pat'), ('waiting', 'waiting', 'pat'), ('waiting', 'waiting', 'pat'), ('waiting', 'waiting', 'pat'), ('waiting', 'false_positive', 'pat'), ('false_positive', 'false_positive', 'pat')$$, 'every step is an event');
SELECT throws_ok('DELETE FROM app.issue_events', 'RL002', NULL, 'events are never removed');
SELECT throws_ok($$UPDATE app.issue_events SET note = 'x'$$, 'RL002', NULL, 'nor changed');
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
