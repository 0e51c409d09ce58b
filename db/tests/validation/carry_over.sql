-- A later submission of the month goes on where people were, and shows what changed.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(24);
:as_processor
SELECT api.resolve_issue(:'receipt_issue', 1, 'receipt_provided', 'Came by mail') \g /dev/null
SELECT api.propose_waiver(:'coding_issue', 1, 'immaterial', 'Small', 20.00, (now() AT TIME ZONE 'UTC')::date) \g /dev/null
SELECT api.start_issue(:'joan_issue', 1) \g /dev/null
:as_reviewer
SELECT api.approve_waiver(:'coding_issue', 2) \g /dev/null
:as_processor
-- The same content in other words: a field nobody knows.
SELECT api.import_activity(replace(:'month', '"car_total": 7.5', '"note": 1, "car_total": 7.5'), 'March 2', :'session_id') ->> 'session_id' AS second \gset
:as_tester
SELECT is(tap.states(:'second'), 'missing_all_receipts in_progress 1, missing_coding_info waived 1, missing_receipt resolved 1', 'the same month again: every decision and all work is where it was');
SELECT is(tap.statuses(:'second'), 'JOANROW in_progress, WADEWINDFALLOW in_progress', 'and so is everybody''s status: what is claimed is not there yet');
SELECT is((SELECT count(*) FROM report.validation_issues AS n JOIN report.validation_issues AS o ON o.issue_id = n.carried_from
    WHERE n.session_id = :'second' AND (n.resolved_by, n.resolved_at, n.resolution_notes, n.resolution_method, n.assigned_to, n.due_date)
        IS NOT DISTINCT FROM (o.resolved_by, o.resolved_at, o.resolution_notes, o.resolution_method, o.assigned_to, o.due_date)), 3::bigint,
    'who decided, when, why, who works on it and until when came along');
SELECT is(tap.states(:'session_id'), 'missing_all_receipts superseded 3, missing_coding_info waived 3, missing_receipt resolved 2', 'what was open in the parent is superseded');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW in_progress', 'who did not finish there has not finished there');
SELECT is((SELECT count(*) FROM report.waivers WHERE verdict = 'approved' AND decided_by_name = 'rex' AND proposed_by_name = 'pat'), 2::bigint, 'the waiver came along with both its people');
SELECT results_eq($$SELECT issue_type, state FROM report.claimed_fixed_still_present$$, $$VALUES ('missing_receipt', 'resolved')$$, 'what was said to be fixed and is not, is listed');
:as_processor
SELECT throws_ok(format($$SELECT api.reopen_issue(%L, 2, 'x')$$, :'receipt_issue'), 'ST006', 'a later submission builds on this session', 'the parent''s decisions stand while there is a later submission');
-- One receipt changes, Joan hands in hers.
SELECT api.import_activity(replace(replace(:'month', '"20.00"', '"21.00"'), '"car_total": 7.5', '"receipts": {"6120.100": [{"rec_id": "43", "amt": "7.50", "date": "03/15/2025", "code_type": "GL Coding", "gl_acct": "6120.100", "attachment": true, "coded": true}]}, "car_total": 7.5'), 'March 3', :'second') ->> 'session_id' AS third \gset
:as_tester
SELECT is(tap.states(:'third'), 'missing_coding_info open 1, missing_receipt resolved 1, total_mismatch open 1', 'one changed receipt reopens only what it touches');
SELECT is((SELECT v.details -> 'difference' FROM report.issue_events AS v JOIN report.validation_issues AS i ON i.issue_id = v.issue_id
    WHERE i.session_id = :'third' AND i.issue_type = 'missing_coding_info'), '{"amount": {"old": "20.00", "new": "21.00"}}', 'and shows the difference');
SELECT is((SELECT (v.from_state, v.to_state)::text FROM report.issue_events AS v JOIN report.validation_issues AS i ON i.issue_id = v.issue_id
    WHERE i.session_id = :'third' AND i.issue_type = 'missing_coding_info'), '(waived,open)', 'to whom it was waived before');
SELECT is(tap.statuses(:'third'), 'JOANROW finished, WADEWINDFALLOW in_progress', 'who handed in everything is finished');
SELECT is_empty($$SELECT i.issue_id FROM report.validation_issues AS i WHERE i.session_id = (SELECT session_id FROM report.sessions WHERE session_name = 'March 2') AND i.is_open$$, 'nothing is open in two submissions');
SELECT issue_id AS taken_over FROM report.validation_issues WHERE session_id = :'second' AND state = 'superseded' \gset
:as_processor
SELECT throws_ok(format($$SELECT api.note_issue(%L, 2, 'See the next submission')$$, :'taken_over'), 'ST006', NULL, 'nor is anything said where nobody looks any more');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'third' \g /dev/null
:as_tester
SELECT is(tap.states(:'second'), 'missing_all_receipts in_progress 3, missing_coding_info waived 1, missing_receipt resolved 1', 'after a cancelled submission the work goes on in the one before');
SELECT is(tap.statuses(:'second'), 'JOANROW in_progress, WADEWINDFALLOW in_progress', 'with everybody''s status as it was');
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"20.00", "title": "x"'), 'March 4', :'second') ->> 'session_id' AS fourth \gset
:as_tester
SELECT is(tap.states(:'fourth'), 'missing_all_receipts in_progress 1, missing_coding_info waived 1, missing_receipt resolved 1', 'and a new one goes on from there');
:as_processor
SELECT api.import_activity((:'month'::jsonb - 'WADEWINDFALLOW')::text, 'March 5', :'fourth') ->> 'session_id' AS fifth \gset
SELECT api.import_activity(:'month', 'March 6', :'fifth') ->> 'session_id' AS sixth \gset
:as_tester
SELECT is(tap.states(:'sixth'), 'missing_all_receipts in_progress 1, missing_coding_info waived 1, missing_receipt resolved 1', 'who was left out of one comes back in the next with what was decided');
-- One that failed took nothing over: whoever cancels it afterwards brings nothing back beside the one that did.
:as_processor
SELECT s.session_id AS failed FROM api.create_session('Failed', :'sixth') AS s \gset
:as_owner
UPDATE app.processing_sessions AS s SET status = 'failed', source_type = 'pdf', failure_reason = 'The disk was full',
    processing_started_at = now(), processing_completed_at = now() WHERE s.session_id = :'failed';
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"20.00", "title": "y"'), 'March 7', :'sixth') ->> 'session_id' AS seventh \gset
SELECT is((SELECT (a.status, a.reopened_issues, a.counts_then)::text FROM api.cancel_session(:'failed', 2) AS a), format('(cancelled,0,%s)', :'seventh'),
    'a failed submission is cancelled beside a later one');
:as_tester
SELECT is(tap.states(:'sixth'), 'missing_all_receipts superseded 2, missing_coding_info waived 1, missing_receipt resolved 1', 'and what that one took over stays there');
SELECT is(app.describe_difference('{"a": 1, "b": 2, "c": null}', '{"a": 1, "b": 3, "d": 4}'),
    '{"difference": {"b": {"old": 2, "new": 3}, "c": {"old": null, "new": null}, "d": {"old": null, "new": 4}}}', 'a difference names what differs');
SELECT is(app.describe_difference('{"a": 1}', '{"a": 1}'), NULL, 'and is nothing when nothing does');
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
