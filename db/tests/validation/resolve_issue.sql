-- Resolving an issue: by whom, at which version, what follows for the person.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
\ir ../fixtures/documents.psql
SELECT plan(41);

:as_processor
SELECT tap.import(jsonb_build_object('ANN', tap.entry('{"car_total": 20}',
    tap.receipt('{"gl_acct": null}'), tap.receipt('{"rec_id": "2", "attachment": false}'),
    tap.receipt('{"rec_id": "3", "amt": "0.00", "job": "19002."}')))) AS session_id \gset
SELECT i.issue_id AS coding FROM report.validation_issues AS i WHERE i.issue_type = 'missing_coding_info' \gset
SELECT i.issue_id AS receipt FROM report.validation_issues AS i WHERE i.issue_type = 'missing_receipt' \gset
SELECT i.issue_id AS conflict FROM report.validation_issues AS i WHERE i.issue_type = 'coding_conflict' \gset

-- What is refused, before anything is decided.
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''fixed'')', :'coding'), 'IV008', 'argument is missing or not allowed',
    'no other method than the six');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, NULL)', :'coding'), 'IV008', 'argument is missing or not allowed',
    'nor none');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''other'', repeat(''x'', 4001))', :'coding'), 'IV008',
    'argument is missing or not allowed', 'notes of 4001 characters');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 0, ''other'')', :'coding'), 'ST001', 'it was changed meanwhile',
    'an older version');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 2, ''other'')', :'coding'), 'ST001', 'it was changed meanwhile',
    'one that does not exist yet');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, NULL, ''other'')', :'coding'), 'ST001', 'it was changed meanwhile',
    'no version');
SELECT throws_ok('SELECT api.resolve_issue(''00000000-0000-7000-8000-000000000000'', 1, ''other'')', 'NF002',
    'there is no such issue', 'an issue nobody knows');
SELECT throws_ok('SELECT api.resolve_issue(NULL, 1, ''other'')', 'NF002', 'there is no such issue', 'no issue');
:as_reader
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''other'')', :'coding'), '42501',
    'permission denied for function resolve_issue', 'a reader resolves nothing');
:as_tester
SELECT is_empty('SELECT v.event_id FROM app.issue_events AS v', 'nothing refused left an event');
SELECT is_empty('SELECT i.issue_id FROM app.validation_issues AS i WHERE i.version <> 1 OR NOT i.is_open', 'or changed an issue');

-- Step by step to the end.
:as_processor
SELECT results_eq(format('SELECT i.state, i.is_resolved, i.is_open, i.resolution_method, i.resolution_notes,
        i.resolved_by_name, i.resolved_at IS NOT NULL, i.version
        FROM api.resolve_issue(%L, 1, ''explained'', ''by mail, card 4111111111111111'', ''r-1'') AS i', :'coding'),
    $$VALUES ('resolved', true, false, 'explained', 'by mail, card 411111XXXXXX1111', 'pat', true, 2)$$,
    'an issue is resolved; the note holds no card number');
SELECT results_eq(format('SELECT e.status, e.open_blocking_issues FROM report.employee_revisions AS e WHERE e.session_id = %L',
    :'session_id'), $$VALUES ('in_progress', 1::bigint)$$, 'the person is in progress');
SELECT results_eq(format('SELECT v.from_state, v.to_state, v.method, v.note, v.user_name, v.issue_version, v.request_id
        FROM report.issue_events AS v WHERE v.issue_id = %L', :'coding'),
    $$VALUES ('open', 'resolved', 'explained', 'by mail, card 411111XXXXXX1111', 'pat', 2, 'r-1')$$,
    'an event says who did what');
SELECT is((SELECT i.version FROM api.resolve_issue(:'coding', 1, 'explained', 'by mail, card 4111111111111111', 'r-1') AS i), 2,
    'the same request again gets the same answer');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''other'', NULL, ''r-1'')', :'coding'), 'ST003',
    'request id was used before with other content', 'with another method it is another request');
SELECT is((SELECT count(*)::integer FROM report.issue_events AS v WHERE v.issue_id = :'coding'), 1, 'there is one event still');
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 2, ''other'')', :'coding'), 'ST002', 'state does not allow this step',
    'what is resolved is not resolved again');

-- The refusal of a stale version tells what the other person did.
:as_reviewer
:as_tester
CREATE FUNCTION tap.detail(p_call text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_detail text;
BEGIN
    EXECUTE p_call;
    RETURN NULL;
EXCEPTION
    WHEN SQLSTATE 'ST001' THEN
        GET STACKED DIAGNOSTICS v_detail = PG_EXCEPTION_DETAIL;
        RETURN v_detail;
END
$$;
:as_reviewer
SELECT matches(tap.detail(format('SELECT api.resolve_issue(%L, 1, ''other'')', :'coding')),
    '^expected version 1, got 2: pat open -> resolved explained at [0-9: -]+ UTC by mail, card 411111XXXXXX1111$',
    'person, step, method, time and note');

SELECT lives_ok(format('SELECT api.resolve_issue(%L, 1, ''accepted'', repeat(''x'', 4000))', :'receipt'),
    'a reviewer resolves too; notes of 4000 characters');
SELECT results_eq(format('SELECT e.status, e.open_issues, e.open_blocking_issues FROM report.employee_revisions AS e
        WHERE e.session_id = %L', :'session_id'), $$VALUES ('finished', 1::bigint, 0::bigint)$$,
    'the last blocking issue finishes the person, whatever else is open');
SELECT is((SELECT s.employees_completed::integer FROM report.sessions AS s WHERE s.session_id = :'session_id'), 1,
    'the session counts one more');
:as_admin
SELECT lives_ok(format('SELECT api.resolve_issue(%L, 1, ''corrected'')', :'conflict'), 'an administrator resolves too; a claim needs no notes');
SELECT is((SELECT s.open_issues::integer FROM report.sessions AS s WHERE s.session_id = :'session_id'), 0, 'nothing is open');
SELECT is((SELECT e.validation_flags ->> 'missing_receipt' FROM report.employee_revisions AS e
    WHERE e.session_id = :'session_id'), 'true', 'flags say what was found, not what was decided');

-- Every method, and nobody on their own card.
:as_processor
SELECT tap.import(jsonb_build_object('BEA', tap.entry('{"employee_id": "2", "car_total": 60}', tap.receipt('{"gl_acct": null, "rec_id": "11"}'),
    tap.receipt('{"gl_acct": null, "rec_id": "12"}'), tap.receipt('{"gl_acct": null, "rec_id": "13"}'),
    tap.receipt('{"gl_acct": null, "rec_id": "14"}'), tap.receipt('{"gl_acct": null, "rec_id": "15"}'),
    tap.receipt('{"gl_acct": null, "rec_id": "16"}')))) AS bea_session \gset
SELECT i.cardholder_id AS bea FROM report.validation_issues AS i WHERE i.session_id = :'bea_session' LIMIT 1 \gset
:as_admin
SELECT lives_ok(format('SELECT api.save_user(''rae'', p_cardholder_id => %L, p_expected_version => 1)', :'bea'), 'the reviewer is the cardholder');
:as_reviewer
SELECT throws_ok(format('SELECT api.resolve_issue(i.issue_id, 1, ''other'') FROM report.validation_issues AS i
        WHERE i.session_id = %L', :'bea_session'), 'PM003', 'nobody acts on their own card',
    'nobody resolves issues of their own card');
:as_processor
SELECT lives_ok(format('SELECT api.resolve_issue(i.issue_id, 1, %L, ''Known'') FROM (SELECT x.issue_id FROM report.validation_issues AS x
        WHERE x.session_id = %L AND x.is_open ORDER BY x.issue_id LIMIT 1) AS i', m.method, :'bea_session'),
    'a colleague does: ' || m.method)
FROM unnest(ARRAY['corrected', 'receipt_provided', 'coding_provided', 'explained', 'accepted']) AS m (method);
SELECT is((SELECT e.status FROM report.employee_revisions AS e WHERE e.session_id = :'bea_session'), 'in_progress',
    'one blocking issue is left');
SELECT lives_ok(format('SELECT api.resolve_issue(i.issue_id, 1, ''other'', ''Known'') FROM report.validation_issues AS i
        WHERE i.session_id = %L AND i.is_open', :'bea_session'), 'the last method on the last issue');
SELECT results_eq(format('SELECT e.status, e.open_issues, e.open_blocking_issues FROM report.employee_revisions AS e
        WHERE e.session_id = %L', :'bea_session'), $$VALUES ('in_progress', 0::bigint, 3::bigint)$$,
    'what is only said to be there keeps the person from being finished');

-- An inactive or missing actor decides nothing.
SELECT i.issue_id AS any_issue FROM report.validation_issues AS i LIMIT 1 \gset
SET LOCAL app.actor = 'ina';
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''other'')', :'any_issue'), 'PM001',
    'acting person is unknown or not active', 'an inactive person');
SET LOCAL app.actor = '';
SELECT throws_ok(format('SELECT api.resolve_issue(%L, 1, ''other'')', :'any_issue'), 'PM001',
    'acting person is unknown or not active', 'nobody');
:as_tester
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
