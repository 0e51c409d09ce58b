-- A decision stands while its evidence stands: a correction beside it keeps it, one of the evidence opens the issue again.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(10);
CREATE FUNCTION tap.decision(p_issue_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', i.state, i.resolution_method, i.resolved_by_name) FROM report.validation_issues AS i
    WHERE i.issue_id = p_issue_id;
END;

:as_processor
SELECT i.version FROM report.validation_issues AS i WHERE i.issue_id = :'coding_issue' \gset
SELECT r.state FROM api.resolve_issue(:'coding_issue', :version, 'explained', 'Coded by hand') AS r \gset
SET LOCAL app.reason = 'paper of March';
SELECT lives_ok($$UPDATE api.current_transactions SET purpose = 'Crew of six' WHERE external_transaction_id = '42'$$,
    'a purpose is written, of which the finding says nothing');
SELECT is(tap.decision(:'coding_issue'), 'resolved explained pat', 'the decision stands');
SELECT lives_ok($$UPDATE api.current_transactions SET amount = 21.00 WHERE external_transaction_id = '42'$$,
    'the amount is corrected, which the finding names');
:as_tester
SELECT is(tap.decision(:'coding_issue'), 'open', 'the issue is open again and nobody has decided it');
SELECT results_eq(format($$SELECT v.from_state, v.to_state, v.details #>> '{difference,amount,new}'
    FROM report.issue_events AS v WHERE v.issue_id = %L ORDER BY v.issue_version DESC LIMIT 1$$, :'coding_issue'),
    $$VALUES ('resolved', 'open', '21.00')$$, 'its last event says why');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW unfinished', 'the person is not finished');
\ir ../fixtures/invariants.psql
SELECT * FROM finish();
ROLLBACK;
