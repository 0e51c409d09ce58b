-- What people decided in a session comes back with it: issues, waivers, holds.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(35);
CREATE FUNCTION tap.issue(p_session_id uuid, p_rule text) RETURNS report.validation_issues
LANGUAGE sql STABLE
RETURN (SELECT i FROM report.validation_issues AS i WHERE i.session_id = p_session_id AND i.issue_type = p_rule);

-- Decided in a second submission that is cancelled by mistake, one of them anew in the first one since.
:as_processor
SELECT api.import_activity(replace(:'month', '"car_total": 7.5', '"note": 1, "car_total": 7.5'), 'March 2', :'session_id') ->> 'session_id' AS second \gset
SELECT api.resolve_issue((tap.issue(:'second', 'missing_receipt')).issue_id, 1, 'explained', 'Came by mail') \g /dev/null
SELECT api.propose_waiver((tap.issue(:'second', 'missing_coding_info')).issue_id, 1, 'immaterial', 'Small', 20.00, (now() AT TIME ZONE 'UTC')::date) \g /dev/null
SELECT api.start_issue((tap.issue(:'second', 'missing_all_receipts')).issue_id, 1) \g /dev/null
:as_reviewer
SELECT api.approve_waiver((tap.issue(:'second', 'missing_coding_info')).issue_id, 2) \g /dev/null
SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, 'On leave') FROM report.employee_revisions AS e
WHERE e.session_id = :'second' AND e.employee_name = 'JOANROW' \g /dev/null
SELECT s.version FROM report.sessions AS s WHERE s.session_id = :'second' \gset
:as_admin
SELECT results_eq(format('SELECT a.outcome, a.status, a.version, a.session_name, a.counts_then, a.reopened_issues, a.corrections, a.decisions
        FROM api.cancel_session(%L, %s, true, ''try'') AS a', :'second', :version),
    format('VALUES (''dry_run'', ''completed'', %s, ''March 2'', %L::uuid, 1::bigint, ''[]''::jsonb, %L::jsonb)', :version, :'session_id',
        '[{"employee_name": "JOANROW", "kind": "hold", "decisions": 1, "carried": 1}, {"employee_name": "JOANROW", "kind": "issue", "decisions": 1, "carried": 1},
        {"employee_name": "WADEWINDFALLOW", "kind": "issue", "decisions": 2, "carried": 2}]'),
    'a dry run of cancelling tells which submission counts then, what is open there again, and which decisions it takes over');
SELECT is(tap.states(:'session_id'), 'missing_all_receipts superseded 2, missing_coding_info superseded 2, missing_receipt superseded 2', 'and changes nothing');
SELECT throws_ok(format('SELECT api.cancel_session(%L, %s, true)', :'second', :version - 1), 'ST001', NULL, 'it is refused what cancelling is refused');
:as_reviewer
SELECT throws_ok(format('SELECT api.cancel_session(%L, %s, true)', :'second', :version), '42501', NULL, 'and whom');
:as_admin
SELECT results_eq(format('SELECT a.outcome, a.status, a.counts_then, a.reopened_issues FROM api.cancel_session(%L, %s, false, ''do'') AS a', :'second', :version),
    format('VALUES (''done'', ''cancelled'', %L::uuid, 1::bigint)', :'session_id'), 'cancelling answers the same');
SELECT results_eq(format('SELECT a.outcome, a.status, a.reopened_issues FROM api.cancel_session(%L, %s, false, ''do'') AS a', :'second', :version),
    $$VALUES ('done', 'cancelled', 1::bigint)$$, 'once more as the same request');
SELECT throws_ok(format('SELECT api.cancel_session(%L, %s, true, ''do'')', :'second', :version), 'ST003', NULL, 'whose key no dry run has');
:as_tester
SELECT is(tap.states(:'session_id'), 'missing_all_receipts in_progress 4, missing_coding_info waived 4, missing_receipt resolved 4',
    'what was decided there belongs to the month: nothing is asked twice');
SELECT is(tap.statuses(:'session_id'), 'JOANROW on_hold, WADEWINDFALLOW finished', 'nor is a hold lost');
SELECT is((SELECT (w.verdict, w.proposed_by_name, w.decided_by_name)::text FROM report.waivers AS w
    WHERE w.issue_id = (tap.issue(:'session_id', 'missing_coding_info')).issue_id), '(approved,pat,rex)', 'the waiver has both its people');
SELECT is((SELECT (u.user_name, i.resolution_notes)::text FROM app.validation_issues AS i JOIN app.users AS u ON u.user_id = i.resolved_by
    WHERE i.issue_id = (tap.issue(:'session_id', 'missing_receipt')).issue_id), '(pat,"Came by mail")', 'a decision whose it is');
SELECT results_eq(format('SELECT v.to_state, split_part(v.cause, '' '', 1), v.details ->> ''carried_from'' FROM report.issue_events AS v
        WHERE v.issue_id = %L ORDER BY v.issue_version DESC LIMIT 1', (tap.issue(:'session_id', 'missing_receipt')).issue_id),
    format('VALUES (''resolved'', ''session'', %L)', (tap.issue(:'second', 'missing_receipt')).issue_id), 'and the event says where it was made');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'which can be committed');
SET CONSTRAINTS ALL DEFERRED;
:as_processor
SELECT api.reopen_issue((tap.issue(:'session_id', 'missing_receipt')).issue_id, 4, 'Look again') \g /dev/null
SELECT api.mark_false_positive((tap.issue(:'session_id', 'missing_receipt')).issue_id, 5, 'It is there') \g /dev/null
SELECT s.session_id AS third FROM api.restore_session(:'second', :'session_id', 'It was right') AS s \gset
:as_tester
SELECT is(tap.states(:'third'), 'missing_all_receipts in_progress 1, missing_coding_info waived 1, missing_receipt false_positive 1',
    'brought back: decisions, waivers and work, and what was decided since in the one before');
SELECT is(tap.statuses(:'third'), 'JOANROW on_hold, WADEWINDFALLOW finished', 'a hold, and who is finished');
SELECT is((SELECT (w.verdict, w.proposed_by_name, w.decided_by_name)::text FROM report.waivers AS w
    WHERE w.issue_id = (tap.issue(:'third', 'missing_coding_info')).issue_id), '(approved,pat,rex)', 'the waiver with both its people');
SELECT is((SELECT i.carried_from FROM report.validation_issues AS i WHERE i.session_id = :'third' AND i.issue_type = 'missing_coding_info'),
    (tap.issue(:'second', 'missing_coding_info')).issue_id, 'of the session it was decided in');
SELECT is((SELECT s.restored_from FROM app.processing_sessions AS s WHERE s.session_id = :'third'), :'second', 'it is known what was brought back');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SET CONSTRAINTS ALL DEFERRED;

-- There and back: what the one between showed otherwise.
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"21.00"'), 'March 4', :'third') ->> 'session_id' AS fourth \gset
SELECT s.session_id AS fifth FROM api.restore_session(:'third', :'fourth', 'It was right') AS s \gset
:as_tester
SELECT is((tap.issue(:'fourth', 'missing_coding_info')).state, 'superseded', 'another amount asks again');
SELECT is((tap.issue(:'fifth', 'missing_coding_info')).state, 'waived', 'back to what was decided, nobody is asked twice');
:as_reviewer
SELECT api.reopen_issue((tap.issue(:'fifth', 'missing_coding_info')).issue_id, 1, 'Not so small') \g /dev/null
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"22.00"'), 'March 6', :'fifth') ->> 'session_id' AS sixth \gset
SELECT s.session_id AS seventh FROM api.restore_session(:'third', :'sixth', 'It was right') AS s \gset
:as_tester
SELECT is((tap.issue(:'seventh', 'missing_coding_info')).state, 'open', 'what somebody opened again since stays open');

-- Held since, released in a later submission that is cancelled and brought back: what was said last counts.
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"23.00"'), 'March 8', :'seventh') ->> 'session_id' AS eighth \gset
SELECT api.release_employee(e.session_id, e.cardholder_id, e.version) FROM report.employee_revisions AS e
WHERE e.session_id = :'eighth' AND e.employee_name = 'JOANROW' \g /dev/null
:as_admin
SELECT a.outcome FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'eighth' \gset
:as_processor
SELECT s.session_id AS ninth FROM api.restore_session(:'eighth', :'seventh', 'It was right') AS s \gset
:as_tester
SELECT is(tap.statuses(:'seventh') || ' / ' || tap.statuses(:'ninth'), 'JOANROW unfinished, WADEWINDFALLOW in_progress / JOANROW in_progress, WADEWINDFALLOW in_progress',
    'a release holds in the one before, and comes back');
:as_admin
SELECT a.outcome FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'ninth' \gset
:as_processor
SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, 'Ill') FROM report.employee_revisions AS e
WHERE e.session_id = :'seventh' AND e.employee_name = 'JOANROW' \g /dev/null
SELECT s.session_id AS tenth FROM api.restore_session(:'eighth', :'seventh', 'It was right') AS s \gset
:as_tester
SELECT is((SELECT e.hold_reason FROM report.employee_revisions AS e WHERE e.session_id = :'tenth' AND e.employee_name = 'JOANROW'), 'Ill',
    'and a hold that was said after it');

-- What does not fit is told, and is back with what it was decided about: in the next submission that shows it, restored or not.
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"24.00"'), 'March 11', :'tenth') ->> 'session_id' AS eleventh \gset
SELECT api.resolve_issue((tap.issue(:'eleventh', 'missing_coding_info')).issue_id, 1, 'explained', 'Coded by mail') \g /dev/null
:as_admin
SELECT is((SELECT a.decisions FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'eleventh'),
    '[{"employee_name": "WADEWINDFALLOW", "kind": "issue", "decisions": 1, "carried": 0}]', 'what could not be taken over is told');
:as_tester
SELECT is((tap.issue(:'tenth', 'missing_coding_info')).state, 'open', 'about another amount it says nothing');
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"24.00", "title": "x"'), 'March 12', :'tenth') ->> 'session_id' AS twelfth \gset
:as_tester
SELECT is((tap.issue(:'twelfth', 'missing_coding_info')).state, 'resolved', 'the same amount again brings it back');
SELECT is((tap.issue(:'twelfth', 'missing_coding_info')).carried_from, (tap.issue(:'eleventh', 'missing_coding_info')).issue_id, 'from where it was decided');
-- There and back by files alone.
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"25.00"'), 'March 13', :'twelfth') ->> 'session_id' AS thirteenth \gset
SELECT api.import_activity(replace(:'month', '"20.00"', '"24.00", "title": "y"'), 'March 14', :'thirteenth') ->> 'session_id' AS fourteenth \gset
:as_tester
SELECT is((tap.issue(:'thirteenth', 'missing_coding_info')).state || ' ' || (tap.issue(:'fourteenth', 'missing_coding_info')).state, 'superseded resolved',
    'a source that goes back to what was decided asks nobody');
-- Two cancelled in a row.
:as_processor
SELECT api.reopen_issue((tap.issue(:'fourteenth', 'missing_coding_info')).issue_id, 1, 'Not yet') \g /dev/null
SELECT api.import_activity(replace(:'month', '"20.00"', '"24.00", "title": "z"'), 'March 15', :'fourteenth') ->> 'session_id' AS fifteenth \gset
SELECT api.resolve_issue((tap.issue(:'fifteenth', 'missing_coding_info')).issue_id, 1, 'accepted', 'Now it is') \g /dev/null
:as_admin
SELECT count(a.outcome) AS done FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'fifteenth' \gset
SELECT count(a.outcome) AS done FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'fourteenth' \gset
:as_processor
SELECT api.import_activity(replace(:'month', '"20.00"', '"24.00", "title": "zz"'), 'March 16', :'thirteenth') ->> 'session_id' AS sixteenth \gset
:as_tester
SELECT is((tap.issue(:'sixteenth', 'missing_coding_info')).state || ' ' || (tap.issue(:'sixteenth', 'missing_coding_info')).resolution_notes, 'resolved Now it is',
    'of several that were cancelled the last word counts');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of that can be committed');
SET CONSTRAINTS ALL DEFERRED;

-- The only submission of a month, cancelled and brought back, is of that month again, with what was decided.
:as_processor
SELECT api.import_activity(replace(:'month', '/2025', '/2024'), 'A year before') ->> 'session_id' AS alone \gset
SELECT api.resolve_issue((tap.issue(:'alone', 'missing_receipt')).issue_id, 1, 'explained', 'Came by mail') \g /dev/null
:as_admin
SELECT a.outcome FROM report.sessions AS s, api.cancel_session(s.session_id, s.version) AS a WHERE s.session_id = :'alone' \gset
SELECT s.session_id AS again FROM api.restore_session(:'alone', NULL, 'It was right') AS s \gset
:as_tester
SELECT is((SELECT (s.month_name, s.period_source, s.is_latest)::text FROM report.sessions AS s WHERE s.session_id = :'again'), '(2024-03,receipts,t)', 'without parent it is of its month');
SELECT is((tap.issue(:'again', 'missing_receipt')).state, 'resolved', 'with its decisions');
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'and can be committed');
SELECT * FROM finish();
ROLLBACK;
