-- A bulk decision is taken back where nothing was built on it.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(19);
CREATE FUNCTION tap.outcomes(p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', p_answer ->> 'outcome', p_answer ->> 'done', '|') || ' '
        || string_agg(concat_ws(' ', i.value ->> 'outcome', i.value ->> 'code', i.value ->> 'version'), ', ' ORDER BY i.value ->> 'issue_id')
    FROM jsonb_array_elements(p_answer -> 'items') AS i;
END;
-- The answer of a bulk call is a typed row; here its words count.
CREATE FUNCTION tap.outcomes(p_answer report.batch_answer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN tap.outcomes(to_jsonb(p_answer));
:as_processor
SELECT api.start_issue(:'coding_issue', 1) \g /dev/null
SELECT to_jsonb(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id'), 'explained', 'All known', p_request_id => 'b1')) AS answer \gset
SELECT :'answer'::jsonb ->> 'batch_id' AS batch \gset
SELECT is(tap.statuses(:'session_id'), 'JOANROW finished, WADEWINDFALLOW finished', 'a bulk decision finishes everybody');

SELECT throws_ok(format('SELECT api.undo_batch(%L, %L)', :'batch', ' '), 'IV008', NULL, 'taking it back needs a reason');
SELECT throws_ok('SELECT api.undo_batch(''00000000-0000-7000-8000-000000000000'', ''x'')', 'NF081', 'there is no such bulk decision', 'and a bulk decision');
SELECT throws_ok('SELECT api.undo_batch(NULL, ''x'')', 'NF081', NULL, 'nothing is none');
SELECT is(tap.outcomes(api.undo_batch(:'batch', 'x', p_dry_run => true)), 'dry_run 3 | done, done, done', 'a dry run tells what would become of each');
SELECT is(tap.statuses(:'session_id'), 'JOANROW finished, WADEWINDFALLOW finished', 'and changes nothing');
:as_reader
SELECT throws_ok(format('SELECT api.undo_batch(%L, %L)', :'batch', 'x'), '42501', NULL, 'readers only read');
:as_reviewer
SELECT api.note_issue(:'receipt_issue', 2, 'I looked at it') \g /dev/null
SELECT is(tap.outcomes(api.undo_batch(:'batch', 'x', p_atomic => true)), (
    SELECT 'refused 0 | ' || string_agg(CASE i.id WHEN :'receipt_issue' THEN 'conflict stale_version' ELSE 'skipped all_or_nothing' END, ', ' ORDER BY i.id)
    FROM unnest(ARRAY[:'receipt_issue', :'coding_issue', :'joan_issue']) AS i (id)), 'all or nothing does nothing when something was built on one');
SELECT to_jsonb(api.undo_batch(:'batch', 'Not the right month', p_request_id => 'u1')) AS undone \gset
SELECT is(tap.outcomes(:'undone'::jsonb), (
    SELECT 'done 2 | ' || string_agg(CASE i.id WHEN :'receipt_issue' THEN 'conflict stale_version' WHEN :'coding_issue' THEN 'done 4' ELSE 'done 3' END, ', ' ORDER BY i.id)
    FROM unnest(ARRAY[:'receipt_issue', :'coding_issue', :'joan_issue']) AS i (id)), 'else the rest is taken back');
SELECT is(to_jsonb(api.undo_batch(:'batch', 'Not the right month', p_request_id => 'u1')), :'undone'::jsonb, 'a repeated request gets the first answer');
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 3, missing_coding_info open 4, missing_receipt resolved 3', 'the issues are open again');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW in_progress', 'and their people are not finished');
SELECT is((SELECT (v.from_state, v.to_state, v.note, v.user_name, v.batch_id = (:'undone'::jsonb ->> 'batch_id')::uuid)::text FROM report.issue_events AS v
    WHERE v.issue_id = :'joan_issue' ORDER BY v.issue_version DESC LIMIT 1), '(resolved,open,"Not the right month",rex,t)', 'with an event that says why');
SELECT results_eq($$SELECT d.user_name, d.method, d.decisions::integer, d.amount, d.in_bulk::integer, d.taken_back::integer FROM report.decisions AS d$$,
    $$VALUES ('pat', 'explained', 3, 37.50, 3, 2)$$, 'the decisions count as taken back');
SELECT throws_ok(format('SELECT api.undo_batch(%L, %L)', :'undone'::jsonb ->> 'batch_id', 'x'), 'NF081', NULL, 'what was taken back is no bulk decision');
-- On what a later submission took over something was built.
SELECT api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id'), 'explained', 'After all') AS second_answer \gset
SELECT (:'second_answer'::report.batch_answer).batch_id AS second \gset
:as_processor
SELECT a ->> 'session_id' AS later FROM api.import_activity(replace(:'month', '"car_total": 7.5', '"note": 1, "car_total": 7.5'), 'March 2', :'session_id') AS a \gset
SELECT is(tap.outcomes(api.undo_batch(:'second', 'x')), 'done 0 | skipped has_live_child, skipped has_live_child', 'a later submission was built on it');
:as_owner
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'later' \g /dev/null
:as_processor
SELECT matches(tap.outcomes(api.undo_batch(:'second', 'x')), 'done 2 \| ', 'without it that is taken back');
:as_tester
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
