-- People are put on hold by hand, and stay so until somebody releases them.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(37);
SELECT cardholder_id AS wade FROM report.employee_revisions WHERE employee_name = 'WADEWINDFALLOW' \gset
SELECT cardholder_id AS joan FROM report.employee_revisions WHERE employee_name = 'JOANROW' \gset
:as_reviewer
SET LOCAL app.reason = 'said before';
SELECT is((SELECT (r.status, r.hold_reason, r.version, r.revision_number)::text FROM api.hold_employee(:'session_id', :'wade', 1, ' On leave, card 4111111111111111 ', 'h1') AS r),
    '(on_hold,"On leave, card 411111XXXXXX1111",2,1)', 'a person is put on hold, without a revision');
SELECT is((SELECT (r.status, r.version)::text FROM api.hold_employee(:'session_id', :'wade', 1, ' On leave, card 4111111111111111 ', 'h1') AS r), '(on_hold,2)', 'a repeated request gets the first answer');
SELECT is(current_setting('app.reason'), 'said before', 'what the caller said about the transaction is left alone');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, 'x', 'h1')$$, :'session_id', :'wade'), 'ST003', NULL, 'another one under its id is refused');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 2, 'x')$$, :'session_id', :'wade'), 'ST002', 'state does not allow this step', 'who is on hold cannot be held');
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, 1)$$, :'session_id', :'joan'), 'ST002', NULL, 'nor who is not be released');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, ' ')$$, :'session_id', :'joan'), 'IV008', 'argument is missing or not allowed', 'a hold needs a reason');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, NULL)$$, :'session_id', :'joan'), 'IV008', NULL, 'indeed');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, repeat('x', 4001))$$, :'session_id', :'joan'), 'IV008', NULL, 'and no novel');
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, 2, '')$$, :'session_id', :'wade'), 'IV008', NULL, 'a reason that is given is not blank');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, 'x')$$, :'session_id', '00000000-0000-7000-8000-000000000000'), 'NF004', 'there is no such person', 'a person has to exist');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, 'x')$$, '00000000-0000-7000-8000-000000000000', :'wade'), 'NF004', NULL, 'in this session');
SELECT throws_like(format($$SELECT api.release_employee(%L, %L, 1)$$, :'session_id', :'wade'), 'it was changed meanwhile', 'a stale version is refused');
:as_reader
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, 'x')$$, :'session_id', :'joan'), '42501', NULL, 'readers only read');
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, 2)$$, :'session_id', :'wade'), '42501', NULL, 'and release nobody');
:as_owner
SELECT api.save_user('rae', p_cardholder_id => :'joan', p_expected_version => 1) \g /dev/null
:as_second_reviewer
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 1, 'x')$$, :'session_id', :'joan'), 'PM003', 'nobody acts on their own card', 'nobody holds themselves');
:as_tester
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW on_hold', 'refused steps left no trace');
SELECT is((SELECT (h.status, h.audit_operation, h.audit_reason)::text FROM audit.session_employees_history AS h WHERE h.cardholder_id = :'wade' ORDER BY h.audit_seq DESC LIMIT 1),
    '(on_hold,update,"On leave, card 411111XXXXXX1111")', 'the history tells why');

-- Nothing but a release ends it.
:as_processor
SELECT api.resolve_issue(:'receipt_issue', 1, 'explained', 'Known') \g /dev/null
UPDATE api.current_transactions SET coding_type = 'gl_coding', gl_account = '6120.100' WHERE external_transaction_id = '42';
:as_tester
SELECT is((SELECT (r.status, r.hold_reason IS NOT NULL, r.revision_number, r.open_blocking_issues)::text FROM report.employee_revisions AS r WHERE r.cardholder_id = :'wade'),
    '(on_hold,t,2,0)', 'decisions and corrections do not release anybody');
SELECT is((SELECT s.employees_completed FROM report.sessions AS s WHERE s.session_id = :'session_id'), 0::bigint, 'who is on hold is not finished');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
:as_processor
SELECT api.import_activity((:'month'::jsonb - 'WADEWINDFALLOW')::text, 'March 2', :'session_id') ->> 'session_id' AS second \gset
SELECT api.import_activity(:'month', 'March 3', :'second') ->> 'session_id' AS third \gset
:as_tester
SELECT is(tap.statuses(:'third'), 'JOANROW unfinished, WADEWINDFALLOW on_hold', 'a later submission goes on holding, also after one that left the person out');
SELECT is((SELECT r.hold_reason FROM report.employee_revisions AS r WHERE r.session_id = :'third' AND r.cardholder_id = :'wade'), 'On leave, card 411111XXXXXX1111', 'for the same reason');
:as_processor
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, %s)$$, :'session_id', :'wade',
    (SELECT r.version FROM report.employee_revisions AS r WHERE r.session_id = :'session_id' AND r.cardholder_id = :'wade')), 'ST006', 'a later submission builds on this session', 'a release is for the newest submission');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, %s, 'x')$$, :'session_id', :'joan',
    (SELECT r.version FROM report.employee_revisions AS r WHERE r.session_id = :'session_id' AND r.cardholder_id = :'joan')), 'ST006', NULL, 'and so is a hold');
SELECT is((SELECT (r.status, r.hold_reason, r.version)::text FROM api.release_employee(:'third', :'wade', 1, 'Back at work') AS r), '(finished,,2)', 'who is released has the status that follows from the issues: what was coded before stands');
:as_tester
SELECT is((SELECT h.audit_reason FROM audit.session_employees_history AS h WHERE h.session_id = :'third' AND h.cardholder_id = :'wade' ORDER BY h.audit_seq DESC LIMIT 1), 'Back at work', 'the history tells why');
SELECT is(tap.statuses(:'session_id'), 'JOANROW unfinished, WADEWINDFALLOW on_hold', 'the earlier submission stays as it was');
:as_processor
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, 2)$$, :'third', :'wade'), 'ST002', NULL, 'nobody is released twice');
SELECT is((SELECT r.status FROM api.hold_employee(:'third', :'joan', 1, 'Disputed') AS r), 'on_hold', 'the other one is held in the newest');
:as_admin
SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.session_id = :'third' \g /dev/null
SELECT throws_ok(format($$SELECT api.release_employee(%L, %L, 2)$$, :'third', :'joan'), 'ST002', 'state does not allow this step', 'nobody is released in a cancelled submission');
SELECT throws_ok(format($$SELECT api.hold_employee(%L, %L, 2, 'x')$$, :'third', :'wade'), 'ST002', 'state does not allow this step', 'or held');
SELECT api.create_session('Next', :'second') \g /dev/null
SELECT is((SELECT r.hold_reason FROM report.employee_revisions AS r WHERE r.session_id = :'second' AND r.cardholder_id = :'joan'), 'Disputed',
    'a hold belongs to the month: it goes on in the one before');
SELECT is((SELECT r.status FROM api.release_employee(:'second', :'joan', (SELECT version FROM report.employee_revisions WHERE session_id = :'second' AND cardholder_id = :'joan'), 'Settled') AS r), 'unfinished', 'where people are released while the next has nobody in it');
:as_tester
SELECT throws_ok($$UPDATE app.session_employees SET hold_reason = NULL$$, '23514', NULL, 'status and reason go together');
SELECT is_empty('SELECT * FROM tap.contradictions', 'state, decision and events agree');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
