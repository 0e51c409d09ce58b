-- Many issues are resolved in one call, each with its own answer.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(25);
CREATE FUNCTION tap.outcomes(p_answer jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', p_answer ->> 'outcome', p_answer ->> 'done', '|') || ' '
        || string_agg(concat_ws(' ', i.value ->> 'outcome', i.value ->> 'code', i.value ->> 'version'), ', ' ORDER BY i.ordinality)
    FROM jsonb_array_elements(p_answer -> 'items') WITH ORDINALITY AS i;
END;
-- The answer of a bulk call is a typed row; here its words count.
CREATE FUNCTION tap.outcomes(p_answer report.batch_answer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN tap.outcomes(to_jsonb(p_answer));
SELECT jsonb_build_array(jsonb_build_object('issue_id', :'receipt_issue', 'expected_version', 1),
    jsonb_build_object('issue_id', :'coding_issue', 'expected_version', 7, 'method', 'coding_provided'),
    jsonb_build_object('issue_id', :'joan_issue', 'expected_version', 1, 'method', 'guessed'),
    jsonb_build_object('issue_id', :'receipt_issue', 'expected_version', 1),
    jsonb_build_object('issue_id', '00000000-0000-7000-8000-000000000000', 'expected_version', 1)) AS items \gset
:as_processor
SELECT is(tap.outcomes(api.resolve_issues(jsonb_build_array(:'items'::jsonb -> 0), p_notes => 'x')), 'done 0 | skipped invalid_argument',
    'nothing is decided without a method');
SELECT is(tap.outcomes(api.resolve_issues(:'items', NULL, 'receipt_provided', p_dry_run => true)),
    'dry_run 1 | done, conflict stale_version, skipped invalid_argument, skipped invalid_argument, skipped no_such_issue', 'a dry run tells what would become of each');
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 1, missing_coding_info open 1, missing_receipt open 1', 'and changes nothing');
SELECT is(tap.outcomes(api.resolve_issues(:'items', NULL, 'receipt_provided', p_atomic => true, p_request_id => 'b1')),
    'refused 0 | skipped all_or_nothing, conflict stale_version, skipped invalid_argument, skipped invalid_argument, skipped no_such_issue', 'all or nothing does nothing');
SELECT is(tap.outcomes(api.resolve_issues(jsonb_build_array(:'items'::jsonb -> 0, :'items'::jsonb -> 4), NULL, 'receipt_provided', p_atomic => true)),
    'refused 0 | skipped all_or_nothing, skipped no_such_issue', 'also for one that cannot be done');
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 1, missing_coding_info open 1, missing_receipt open 1', 'indeed');
SELECT to_jsonb(api.resolve_issues(:'items', NULL, 'receipt_provided', 'Came by mail', p_request_id => 'b1')) AS answer \gset
SELECT is(tap.outcomes(:'answer'::jsonb), 'done 1 | done 2, conflict stale_version, skipped invalid_argument, skipped invalid_argument, skipped no_such_issue', 'item by item, what can be done is');
SELECT is(to_jsonb(api.resolve_issues(:'items', NULL, 'receipt_provided', 'Came by mail', p_request_id => 'b1')), :'answer'::jsonb, 'a repeated request gets the first answer');
SELECT throws_ok(format($$SELECT api.resolve_issues(%L, NULL, 'other', p_request_id => 'b1')$$, :'items'), 'ST003', NULL, 'another one under its id is refused');
:as_tester
SELECT is(tap.states(:'session_id'), 'missing_all_receipts open 1, missing_coding_info open 1, missing_receipt resolved 2', 'one issue changed, once');
SELECT is((SELECT (batch_id = (:'answer'::jsonb ->> 'batch_id')::uuid, method, note, request_id)::text FROM report.issue_events), '(t,receipt_provided,"Came by mail",b1)', 'its event names the batch');
:as_processor
SELECT is(tap.outcomes(api.resolve_issues(jsonb_build_array(jsonb_build_object('issue_id', :'receipt_issue', 'expected_version', 2)), NULL, 'other')), 'done 0 | skipped wrong_state', 'what is resolved is skipped');
SELECT matches((api.resolve_issues(jsonb_build_array(jsonb_build_object('issue_id', :'receipt_issue', 'expected_version', 1)), NULL, 'other')).items[1].detail,
    '^expected version 1, got 2: pat open -> resolved receipt_provided at [0-9: -]+ UTC Came by mail$', 'a conflict shows the other person''s change');
SELECT throws_ok($$SELECT api.resolve_issues()$$, 'IV008', 'argument is missing or not allowed', 'something has to be asked');
SELECT throws_ok($$SELECT api.resolve_issues(NULL, '{"rule": "missing_receipt"}', 'other')$$, 'IV008', NULL, 'a filter is of one session');
SELECT throws_ok(format($$SELECT api.resolve_issues(NULL, '{"session_id": %s, "colour": "red"}', 'other')$$, to_json(:'session_id'::text)), 'IV008', NULL, 'and of what is known');
SELECT is(tap.outcomes(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id', 'severity', 'high', 'amount_at_most', '7.50'), 'explained', 'Known', p_dry_run => true)), 'dry_run 1 | done', 'a filter finds the open ones');
SELECT is(tap.outcomes(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id', 'amount_at_most', '7.49'), 'explained')), NULL, 'just outside it finds none');
:as_owner
SELECT api.save_setting('bulk_max_items', 1, 1), api.save_user('rex', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1) \g /dev/null
:as_reviewer
SELECT throws_ok(format($$SELECT api.resolve_issues(NULL, '{"session_id": %s}', 'other')$$, to_json(:'session_id'::text)), 'IV008', 'argument is missing or not allowed', 'there is a limit');
SELECT is(tap.outcomes(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id', 'person', 'joan'), 'explained')), 'done 0 | forbidden own_card', 'nobody decides about the own card');
:as_owner
SELECT api.save_setting('bulk_max_items', 100, 2) \g /dev/null
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'session_id' \g /dev/null
:as_processor
SELECT is(tap.outcomes(api.resolve_issues(NULL, jsonb_build_object('session_id', :'session_id'), 'other', p_dry_run => true)), 'dry_run 0 | skipped wrong_state, skipped wrong_state', 'nobody works on a cancelled session');
SELECT throws_ok(format($$SELECT api.resolve_issue(i.issue_id, i.version, 'other') FROM report.validation_issues AS i WHERE i.session_id = %L AND i.is_open LIMIT 1$$, :'session_id'), 'ST002', 'state does not allow this step', 'nor on one of its issues');
:as_reader
SELECT throws_ok($$SELECT api.resolve_issues('[]')$$, '42501', NULL, 'readers only read');
:as_tester
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
