-- Signing in: a user by name, an identity by its link, roles by the map, and tokens that were revoked.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(42);

\set issuer 'https://login.example.org/v2.0'
\set as_nobody 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_read_only; SET LOCAL app.actor = '''';'

:as_admin
SELECT results_eq($$SELECT i.issuer, i.subject, i.user_name FROM api.link_identity('https://login.example.org/v2.0', 'o-1', 'pat') AS i$$,
    $$VALUES ('https://login.example.org/v2.0', 'o-1', 'pat')$$, 'an identity is linked');
SELECT throws_ok($$SELECT api.link_identity('https://login.example.org/v2.0', 'o-2', 'nobody')$$, 'NF003', 'there is no such user',
    'not to an unknown user');
SELECT throws_ok($$SELECT api.link_identity('https://login.example.org/v2.0', 'o-2', 'deployment')$$, 'ST002',
    'state does not allow this step', 'nor to a system user');
SELECT throws_ok($$SELECT api.link_identity('two words', 'o-2', 'pat')$$, 'IV008',
    'argument is missing or not allowed', 'an issuer is an address');
SELECT throws_ok(format('SELECT api.link_identity(%L, %L, %L)', :'issuer', E'o\n2', 'pat'), 'IV008',
    'argument is missing or not allowed', 'a subject is one word');
SELECT lives_ok(format('SELECT api.link_identity(%L, %L, %L)', :'issuer', repeat('o', 200), 'pat'), 'of up to 200 characters');
SELECT throws_ok(format('SELECT api.link_identity(%L, %L, %L)', :'issuer', repeat('o', 201), 'pat'), 'IV008',
    'argument is missing or not allowed', 'and not more');
SELECT results_eq($$SELECT c.claim_value, c.role FROM api.save_role_claim('https://login.example.org/v2.0', 'Clerk', 'processor') AS c$$,
    $$VALUES ('Clerk', 'processor')$$, 'a claim value stands for a role');
SELECT lives_ok(format('SELECT api.save_role_claim(%L, %L, %L)', :'issuer', v.value, v.role), 'others too')
FROM (VALUES ('Worker', 'processor'), ('Boss', 'admin')) AS v (value, role);
SELECT throws_ok($$SELECT api.save_role_claim('https://login.example.org/v2.0', 'x', 'root')$$, 'IV008', 'argument is missing or not allowed',
    'for one of the four');

:as_nobody
SELECT results_eq(format('SELECT user_name, role FROM api.sign_in(%L, %L)', :'issuer', 'o-1'), $$VALUES ('pat', 'processor')$$,
    'an identity signs in as its user');
SELECT is(current_setting('app.actor'), 'pat', 'and acts as that user');
SELECT results_eq(format('SELECT user_name FROM api.sign_in(%L, %L, NULL, ARRAY[%L, %L, %L])', :'issuer', 'o-1', 'Clerk', 'Worker', 'x'),
    $$VALUES ('pat')$$, 'two values for one role are one role, unmapped ones none');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L, NULL, ARRAY[%L, %L])', :'issuer', 'o-1', 'Clerk', 'Boss'), 'PM072',
    'token does not name exactly one role', 'two roles are refused');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L, NULL, ARRAY[]::text[])', :'issuer', 'o-1'), 'PM072',
    'token does not name exactly one role', 'no role is');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L, NULL, ARRAY[%L])', :'issuer', 'o-1', 'clerk'), 'PM072',
    'token does not name exactly one role', 'a value in other letters is another value');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L, NULL, ARRAY[%L])', :'issuer', 'o-1', 'Boss'), 'PM002',
    'acting person has another role', 'a role the user does not have');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L)', 'https://other.example.org', 'o-1'), 'PM071',
    'identity is not linked to a user', 'another issuer''s subject is somebody else');
SELECT throws_ok(format('SELECT api.sign_in(%L, %L)', :'issuer', 'pat'), 'PM071',
    'identity is not linked to a user', 'a user name is no subject');
SELECT results_eq($$SELECT user_name, role FROM api.sign_in(NULL, 'rae')$$, $$VALUES ('rae', 'reviewer')$$,
    'without issuer the subject is the user''s name');
SELECT throws_ok($$SELECT api.sign_in(NULL, 'ina')$$, 'PM001', 'acting person is unknown or not active', 'of an active one');
SELECT throws_ok($$SELECT api.sign_in(NULL, 'deployment')$$, 'PM001', 'acting person is unknown or not active', 'that is no system user');
SELECT throws_ok($$SELECT api.sign_in(NULL, NULL)$$, 'PM001', 'acting person is unknown or not active', 'and is given');

:as_admin
SELECT results_eq(format('SELECT t.token_id, t.reason, t.revoked_by_name FROM api.revoke_token(%L, %L) AS t', repeat('a', 32), 'lost'),
    format('VALUES (%L, %L, %L)', repeat('a', 32), 'lost', 'ada'), 'a token is revoked');
SELECT results_eq(format('SELECT t.reason FROM api.revoke_token(%L, %L) AS t', repeat('a', 32), 'again'),
    $$VALUES ('lost')$$, 'once');
SELECT throws_ok($$SELECT api.revoke_token('abc', 'lost')$$, 'IV008',
    'argument is missing or not allowed', 'by its whole id');
SELECT throws_ok(format('SELECT api.revoke_token(%L, %L)', repeat('b', 32), ' '), 'IV008',
    'argument is missing or not allowed', 'with a reason');
:as_nobody
SELECT throws_ok(format('SELECT api.sign_in(NULL, %L, %L)', 'pat', repeat('a', 32)), 'PM073', 'token was revoked',
    'it signs nobody in any more');
SELECT results_eq(format('SELECT user_name FROM api.sign_in(NULL, %L, %L)', 'pat', repeat('b', 32)), $$VALUES ('pat')$$,
    'the next one does');

:as_admin
SELECT throws_ok(format('SELECT api.link_identity(%L, %L, NULL, %s)', :'issuer', 'o-1', v.version), 'ST001', 'it was changed meanwhile', v.what)
FROM (VALUES ('NULL', 'a link is changed at the version seen'), ('2', 'not at another')) AS v (version, what);
SELECT throws_ok(format('SELECT api.save_role_claim(%L, %L, NULL, %s)', :'issuer', 'Boss', v.version), 'ST001', 'it was changed meanwhile', v.what)
FROM (VALUES ('NULL', 'and so is a mapping'), ('2', 'as well')) AS v (version, what);
SELECT is_empty(format('SELECT * FROM api.link_identity(%L, %L, NULL, 1) AS i WHERE i.subject IS NOT NULL', :'issuer', 'o-1'),
    'a link is taken away');
SELECT is_empty(format('SELECT * FROM api.save_role_claim(%L, %L, NULL, 1) AS c WHERE c.role IS NOT NULL', :'issuer', 'Boss'),
    'a mapping too');
:as_tester
SELECT set_eq($$SELECT h.subject, h.audit_operation FROM audit.user_identities_history AS h WHERE h.subject = 'o-1'$$,
    $$VALUES ('o-1', 'insert'), ('o-1', 'delete')$$, 'the history has both');
SELECT throws_ok($$DELETE FROM app.revoked_tokens$$, 'RL002', NULL, 'a revoked token stays revoked');
:as_processor
SELECT throws_ok(format('SELECT api.%s', c.call), '42501', NULL, 'a processor does not: ' || c.call)
FROM (VALUES ('link_identity(''a'', ''b'', ''pat'')'), ('save_role_claim(''a'', ''b'', ''admin'')'),
    ('revoke_token(''a'', ''b'')')) AS c (call);
:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_owner;
SELECT results_eq($$SELECT user_name FROM api.sign_in(NULL, 'rae')$$, $$VALUES ('deployment')$$,
    'another login stays who it is, whatever it says');
SELECT * FROM finish();
ROLLBACK;
