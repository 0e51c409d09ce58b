-- Browsers sign in by a link once or at the provider, and what was ended opens nothing any more.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(21);
\ir ../fixtures/workflow.psql

:as_processor
SELECT results_eq(format('SELECT s.user_name, s.method, s.signed_out_at FROM api.record_sign_in(%L, %L, %L) AS s',
    repeat('a', 32), 'link', repeat('1', 32)), $$VALUES ('pat', 'link', NULL::timestamptz)$$, 'a link signs in');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L, %L)', repeat('b', 32), 'link', repeat('1', 32)), 'PM074',
    'link was used already', 'once');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L, %L)', repeat('a', 32), 'link', repeat('2', 32)), 'PM074',
    NULL, 'and an id is one of one session');
SELECT results_eq(format('SELECT s.method FROM api.record_sign_in(%L, %L) AS s', repeat('b', 32), 'provider'),
    $$VALUES ('provider')$$, 'so does the provider, without a link');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L)', repeat('c', 32), 'link'), 'IV008', NULL, 'a link has an id');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L, %L)', repeat('c', 32), 'provider', repeat('3', 32)), 'IV008', NULL,
    'nothing else has one');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L, %L)', repeat('c', 32), 'link', repeat('3', 31)), 'IV008', NULL,
    'of 32 digits');
SELECT throws_ok(format('SELECT api.record_sign_in(%L, %L)', repeat('c', 32), 'guess'), 'IV008', NULL, 'there is no other way');
SELECT throws_ok($$SELECT api.record_sign_in('abc', 'provider')$$, 'IV008', NULL, 'a session is named by 32 digits, too');
SET LOCAL ROLE ccp_read_only;
SELECT results_eq(format('SELECT s.user_name FROM api.sign_in(NULL, %L, %L) AS s', 'pat', repeat('a', 32)), $$VALUES ('pat')$$,
    'what is open is good at each request');
:as_processor
SELECT is(api.record_sign_out(repeat('a', 32)), 1, 'signing out ends it');
SET LOCAL ROLE ccp_read_only;
SELECT throws_ok(format('SELECT api.sign_in(NULL, %L, %L)', 'pat', repeat('a', 32)), 'PM073', NULL, 'and it opens nothing');
SET LOCAL ROLE ccp_read_only;
SELECT results_eq(format('SELECT s.user_name FROM api.sign_in(NULL, %L, %L) AS s', 'pat', repeat('b', 32)), $$VALUES ('pat')$$,
    'while another browser goes on');
:as_reviewer
SELECT is(api.record_sign_out(repeat('b', 32)), 0, 'nobody ends a session of somebody else');
:as_processor
SELECT is(api.record_sign_out(), 1, 'without an id all of one''s own end');
:as_admin
SELECT results_eq($$SELECT t.operation FROM report.audit_trail AS t WHERE t.table_name = 'sign_ins' ORDER BY t.operation$$,
    $$VALUES ('insert'), ('insert'), ('update'), ('update')$$, 'all of it is in the audit');
-- Whoever is switched off is signed out, and stays so when switched on again.
:as_processor
SELECT api.record_sign_in(repeat('d', 32), 'provider') \g /dev/null
:as_reviewer
SELECT api.record_sign_in(repeat('e', 32), 'provider') \g /dev/null
:as_owner
SELECT api.save_user('pat', p_is_active => false, p_expected_version => 1), api.save_user('pat', p_is_active => true, p_expected_version => 2) \g /dev/null
SELECT is((SELECT count(*) FROM app.sign_ins AS s WHERE s.signed_out_at IS NULL), 1::bigint, 'only that of the other is open');
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL ROLE ccp_read_only;
SELECT throws_ok(format('SELECT api.sign_in(NULL, %L, %L)', 'pat', repeat('d', 32)), 'PM073', NULL, 'the browser from before opens nothing');
:as_owner
SELECT u.switched_off_at AS off_at FROM app.users AS u WHERE u.user_name = 'pat' \gset
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL ROLE ccp_read_only;
SELECT throws_ok(format('SELECT api.sign_in(NULL, %L, NULL, NULL, %L)', 'pat', :'off_at'), 'PM073', 'token was revoked', 'nor does a token made until then');
SET LOCAL ROLE ccp_read_only;
SELECT results_eq(format('SELECT s.user_name FROM api.sign_in(NULL, %L, NULL, NULL, %L::timestamptz + interval ''1 microsecond'') AS s', 'pat', :'off_at'),
    $$VALUES ('pat')$$, 'one made since then does');
SET LOCAL ROLE ccp_read_only;
SELECT results_eq($$SELECT s.user_name FROM api.sign_in(NULL, 'rae', NULL, NULL, '2000-01-01') AS s$$, $$VALUES ('rae')$$,
    'and whose user was never switched off is as good as it ever was');
:as_tester
SELECT * FROM finish();
ROLLBACK;
