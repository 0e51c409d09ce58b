-- All rules switched off: nothing is found, and everything else goes on.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(8);

:as_admin
SELECT count(api.save_rule(r.rule_code, r.version, p_enabled => false)) AS switched_off
FROM report.validation_rules AS r WHERE r.is_current \gset
:as_tester
SELECT is_empty('SELECT r.rule_code FROM app.rules_in_force AS r', 'no rule is in force');
:as_processor
SET LOCAL app.reason = 'as told';
SELECT lives_ok($$UPDATE api.current_transactions SET purpose = 'Crew' WHERE external_transaction_id = '42'$$, 'a receipt is corrected');
SELECT is((SELECT e.status FROM report.employee_revisions AS e WHERE e.employee_name = 'WADEWINDFALLOW'), 'finished',
    'nothing is found any more, so the person is finished');
SELECT is(api.import_activity(:'month', 'March 2', :'session_id') ->> 'code', 'same_as_parent', 'a file is judged as ever');
SELECT is(api.import_activity(replace(:'month', '"20.00"', '"21.00"'), 'March 2', :'session_id') ->> 'outcome', 'accepted',
    'and a month is imported');
SELECT is_empty($$SELECT i.issue_id FROM report.validation_issues AS i JOIN report.sessions AS s ON s.session_id = i.session_id
    WHERE s.session_name = 'March 2'$$, 'without issues');
:as_tester
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
