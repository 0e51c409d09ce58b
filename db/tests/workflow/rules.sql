-- Rules are changed by new versions, which judge from then on; what is wrong is refused and leaves nothing.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/alone.psql
SELECT plan(25);
\set document '{"WADEWINDFALLOW": {"name": "WADEWINDFALLOW", "employee_id": "1001", "car_total": 12.0, "card_no": "999999XXXXXX1193", "receipts": {"6120.100": [{"rec_id": "41", "amt": "10.00", "date": "03/15/2025", "code_type": "GL Coding", "gl_acct": "6120.100", "attachment": true, "coded": true}]}}}'
:as_processor
SELECT tap.import_activity(:'document', 'before') ->> 'session_id' AS before \gset
:as_admin
SELECT is((SELECT (r.version, r.severity, r.blocks)::text FROM api.save_rule('total_mismatch', 1, p_severity => 'low', p_blocks => false,
    p_description_template => 'Card {car_total}, receipts {receipt_total}, {nothing}') AS r), '(2,low,f)', 'a change is the next version');
SELECT is((SELECT r.severity FROM api.save_rule('missing_purpose', 1, p_enabled => true, p_parameters => '{"minimum_amount": 10}') AS r), 'low', 'what is not given stays');
:as_processor
SELECT tap.import_activity(replace(replace(:'document', '12.0', '13.0'), '"41"', '"42"'), 'after') ->> 'session_id' AS after \gset
:as_tester
SELECT results_eq(format('SELECT issue_type, rule_version, severity, blocks, description FROM report.validation_issues WHERE session_id = %L', :'before'),
    $$VALUES ('total_mismatch', 1, 'medium', true, 'CAR total does not match receipt total ($2.00 difference)')$$, 'old issues keep the version that found them');
SELECT results_eq(format('SELECT issue_type, rule_version, severity, blocks, description FROM report.validation_issues WHERE session_id = %L ORDER BY 1', :'after'),
    $$VALUES ('missing_purpose', 2, 'low', false, 'No purpose is given: receipt 42 of $10.00 from an unnamed merchant on 2025-03-15'),
        ('total_mismatch', 2, 'low', false, 'Card 13.00, receipts 10.00, {nothing}')$$, 'new ones have the new severity, words and parameters');
SELECT is((SELECT status FROM report.employee_revisions WHERE session_id = :'after'), 'finished', 'a rule that blocks no more keeps nobody');
:as_admin
SELECT throws_ok($$SELECT api.save_rule('total_mismatch', 1, p_enabled => false)$$, 'ST001', 'it was changed meanwhile', 'a stale version is refused');
SELECT throws_ok($$SELECT api.save_rule('no_rule', 1)$$, 'NF061', 'there is no such rule', 'a rule has to exist');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limits": 1}')$$, 'IV061', 'parameters do not fit the rule', 'an unknown parameter is refused');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limit": "1"}')$$, 'IV061', 'parameters do not fit the rule', 'a text is no number');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limit": -0.01}')$$, 'IV061', 'parameters do not fit the rule', 'a limit below its range is refused');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limit": 0.001}')$$, 'IV061', 'parameters do not fit the rule', 'a third decimal is refused');
SELECT throws_ok($$SELECT api.save_rule('stale_posting', 1, p_parameters => '{"days": 1.5}')$$, 'IV061', 'parameters do not fit the rule', 'half a day is refused');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"high_from": null}')$$, 'IV061', 'parameters do not fit the rule', 'what is not optional has a value');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limit": 10000000.01}')$$, 'IV061', 'parameters do not fit the rule', 'a limit above it, too');
SELECT lives_ok($$SELECT api.save_rule('over_limit', 1, p_parameters => '{"limit": 10000000.00}')$$, 'one end of the range is taken');
SELECT lives_ok($$SELECT api.save_rule('over_limit', 2, p_parameters => '{"limit": 0.00}')$$, 'and the other');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 3, p_severity => 'fatal')$$, 'IV008', 'argument is missing or not allowed', 'an unknown severity is refused');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 3, p_valid_from => '2025-02-02', p_valid_until => '2025-02-01')$$, 'IV008', 'argument is missing or not allowed', 'a validity that ends before it starts is refused');
SELECT lives_ok($$SELECT api.save_rule('over_limit', 3, p_enabled => false, p_valid_from => '2999-01-01', p_request_id => 'r1')$$, 'a version may lie in the future');
:as_tester
SELECT is((SELECT array_agg(version) FROM report.validation_rules WHERE rule_code = 'over_limit' AND is_in_force), ARRAY[3], 'until then the version before is in force');
:as_admin
SELECT is((SELECT r.version FROM api.save_rule('over_limit', 3, p_enabled => false, p_valid_from => '2999-01-01', p_request_id => 'r1') AS r), 4, 'a repeated request gets the first answer');
SELECT throws_ok($$SELECT api.save_rule('over_limit', 4, p_request_id => 'r1')$$, 'ST003', NULL, 'another one under its id is refused');
SELECT is((SELECT r.scope FROM api.save_rule('total_mismatch', 2, p_scope => 'pdf') AS r), 'pdf', 'a rule can be for one source');
:as_processor
SELECT tap.import_activity(replace(replace(:'document', '12.0', '14.0'), '"41"', '"43"'), 'elsewhere') ->> 'session_id' AS elsewhere \gset
SELECT throws_ok($$SELECT api.save_rule('over_limit', 4, p_enabled => false)$$, '42501', NULL, 'rules are the administrator''s');
:as_tester
SELECT is((SELECT string_agg(issue_type, ' ') FROM report.validation_issues WHERE session_id = :'elsewhere'), 'missing_purpose', 'sessions of other sources are not judged by it');
SELECT * FROM finish();
ROLLBACK;
