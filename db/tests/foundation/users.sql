-- Users and logins are the administrator's: made, changed, mapped; malformed ones are refused.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(54);

:as_admin
SELECT results_eq($$SELECT u.user_name, u.email, u.role, u.is_active, u.is_system
        FROM api.save_user('bea', 'bea@example.org', 'reviewer') AS u$$,
    $$VALUES ('bea', 'bea@example.org', 'reviewer', true, false)$$, 'a new user');
SELECT results_eq($$SELECT u.user_name, u.email, u.role, u.is_active, u.version
        FROM api.save_user('bea', 'bea.new@example.org', p_expected_version => 1) AS u$$,
    $$VALUES ('bea', 'bea.new@example.org', 'reviewer', true, 2)$$, 'a new address leaves role and state alone');
SELECT results_eq($$SELECT u.email, u.role, u.is_active
        FROM api.save_user('bea', p_role => 'admin', p_is_active => false, p_expected_version => 2, p_clear => '{email}') AS u$$,
    $$VALUES (NULL::text, 'admin', false)$$, 'what is taken away is named');
SELECT throws_ok($$SELECT api.save_user('bea', p_clear => '{role}', p_expected_version => 3)$$, 'IV008', NULL,
    'a role is not taken away, it is changed');
SELECT throws_ok($$SELECT api.save_user('bea', 'x@example.org')$$, 'ST001', NULL, 'a user is changed at the version seen');
SELECT throws_ok($$SELECT api.save_user('dan', p_expected_version => 1)$$, 'ST001', NULL, 'and who is not there has none');
SELECT is((SELECT u.role FROM api.save_user('cem') AS u), 'read_only', 'without a role one reads only');
SELECT throws_ok($$SELECT api.save_user('dan', NULL, 'root')$$, 'IV008', 'argument is missing or not allowed', 'no other role than the four');
SELECT throws_ok($$SELECT api.save_user('dan', NULL, 'ADMIN')$$, 'IV008', 'argument is missing or not allowed', 'nor other letters');
SELECT throws_ok($$SELECT api.save_user('dan', p_cardholder_id => '00000000-0000-7000-8000-000000000000')$$,
    'NF004', 'there is no such person', 'a cardholder nobody knows');
SELECT throws_ok($$SELECT api.save_user('worker', NULL, 'admin')$$, 'ST002', 'state does not allow this step',
    'system users stay as they are');
SELECT throws_ok($$SELECT api.save_user('deployment', NULL, 'admin')$$, 'ST002', 'state does not allow this step',
    'both of them');
SELECT throws_ok($$SELECT api.save_user('')$$, 'IV008',
    'argument is missing or not allowed', 'an empty name is none');
SELECT throws_ok($$SELECT api.save_user(' bea')$$, 'IV008',
    'argument is missing or not allowed', 'a name has no blanks around it');
SELECT throws_ok($$SELECT api.save_user(NULL)$$, 'IV008',
    'argument is missing or not allowed', 'a user has a name');
SELECT lives_ok(format('SELECT api.save_user(%L)', repeat('x', 200)), 'of up to 200 characters');
SELECT throws_ok(format('SELECT api.save_user(%L)', repeat('x', 201)), 'IV008',
    'argument is missing or not allowed', 'and not more');
SELECT throws_ok($$SELECT api.save_user('dan', 'dan at example.org')$$, 'IV008',
    'argument is missing or not allowed', 'an address has an @');

SELECT results_eq($$SELECT u.user_name, u.logins FROM api.map_login('bi_tool', 'pat', 1) AS u$$,
    $$VALUES ('pat', ARRAY['bi_tool'] COLLATE "C")$$, 'a login is mapped');
SELECT results_eq($$SELECT u.user_name, u.logins FROM api.map_login('bi_tool', 'rae', 1) AS u$$,
    $$VALUES ('rae', ARRAY['bi_tool'] COLLATE "C")$$, 'and mapped to another user');
SELECT lives_ok($$SELECT api.map_login('bi_tool', NULL, 2)$$, 'and to nobody any more');
SELECT throws_ok($$SELECT api.map_login('bi_tool', 'nobody')$$, 'NF003', 'there is no such user', 'not to an unknown user');
SELECT throws_ok($$SELECT api.map_login('ccp_service', 'pat', 3)$$, 'IV008',
    'argument is missing or not allowed', 'the service login is never mapped');
SELECT throws_ok(format('SELECT api.map_login(%L, %L, %s)', w.login, w.name, u.version), 'ST002', NULL, 'nobody works as ' || w.name || ' by login ' || w.login)
FROM (VALUES ('bi_tool', 'deployment'), ('bi_tool', 'worker'), ('ccp_owner', 'deployment'), ('ccp_owner', 'pat')) AS w (login, name)
JOIN report.users AS u ON u.user_name = w.name;
SELECT throws_ok($$SELECT api.map_login('ccp_owner', NULL, 1)$$, 'ST002', NULL, 'and nobody takes its login from the deployment');

-- Nobody makes themselves somebody else, and nobody is two people.
SELECT throws_ok($$SELECT api.save_user('ada', 'x@example.org', p_expected_version => 1)$$, 'PM004',
    'nobody changes their own user', 'not even the own address');
SELECT throws_ok($$SELECT api.save_user('ada', p_role => 'reviewer', p_expected_version => 1)$$, 'PM004', NULL, 'nor the own role');
SELECT throws_ok($$SELECT api.map_login('bi_tool', 'ada', 1)$$, 'PM004', NULL, 'nor a login of the own');
:as_tester
INSERT INTO app.cardholders (cardholder_id, name_key)
VALUES ('00000000-0000-7000-8000-000000000001', 'ANN'), ('00000000-0000-7000-8000-000000000002', 'BOB');
:as_admin
SELECT lives_ok($$SELECT api.save_user('rae', p_cardholder_id => '00000000-0000-7000-8000-000000000001', p_expected_version => 3)$$,
    'a user has a card');
SELECT throws_ok($$SELECT api.save_user('ron', p_cardholder_id => '00000000-0000-7000-8000-000000000001', p_expected_version => 1)$$,
    'ST010', 'the card has an active user already', 'nobody else has it');
SELECT lives_ok($$SELECT api.save_user('rae', p_is_active => false, p_expected_version => 4)$$, 'once that user is gone');
SELECT lives_ok($$SELECT api.save_user('ron', p_cardholder_id => '00000000-0000-7000-8000-000000000001', p_expected_version => 1)$$,
    'somebody else may');
SELECT throws_ok($$SELECT api.save_user('rae', p_is_active => true, p_expected_version => 5)$$, 'ST010', NULL,
    'and the first does not come back with it');
:as_tester
SELECT is_empty($$SELECT l.login_name FROM app.login_users AS l WHERE l.login_name <> 'ccp_owner'$$,
    'what was refused left no mapping');
SELECT is_empty($$SELECT u.user_name FROM app.users AS u WHERE u.user_name IN ('dan', '', ' bea')$$, 'and no user');

:as_admin
SELECT throws_ok(format('SELECT api.save_user(%L)', 'da' || w.mark || 'n'), 'IV071', 'name holds a control character',
    'no ' || w.what || ' in a name')
FROM (VALUES (E'\n', 'line end'), (E'\t', 'tab'), (E'\x7f', 'delete'), (E'\u0085', 'next line'),
    (E'\u2028', 'line separator'), (E'\u202e', 'mark of direction')) AS w (mark, what);
SELECT lives_ok(format('SELECT api.save_user(%L)', E'Zo\u00eb O\u2019Hara \u5c0f'), 'but every printed character');
:as_tester
SELECT throws_ok($$UPDATE app.users SET user_name = E'a\nb' WHERE user_name = 'cem'$$, '23514',
    'new row for relation "users" violates check constraint "users_user_name_check"', 'also around the door');
:as_tester
SELECT throws_ok($$UPDATE app.users SET role = 'processor' WHERE user_name = 'ada'$$, 'RL071', 'the last administrator stays one',
    'the last administrator keeps the role, whoever takes it');
SELECT throws_ok($$UPDATE app.users SET is_active = false WHERE user_name = 'ada'$$, 'RL071', 'the last administrator stays one',
    'and the access');
SELECT lives_ok($$UPDATE app.users SET email = 'ada@example.com' WHERE user_name = 'ada'$$, 'other things of theirs change');
:as_admin
SELECT lives_ok($$SELECT api.save_user('eva', NULL, 'admin')$$, 'with a second one');
:as_tester
SELECT lives_ok($$UPDATE app.users SET role = 'processor' WHERE user_name = 'ada'$$, 'the first may go');

:as_processor
SELECT throws_ok($$SELECT api.save_user('dan')$$, '42501',
    'permission denied for function save_user', 'a processor makes no users');
SELECT throws_ok($$SELECT api.map_login('bi_tool', 'pat')$$, '42501',
    'permission denied for function map_login', 'nor maps logins');
SELECT throws_ok($$SELECT * FROM report.users$$, '42501',
    'permission denied for view users', 'nor reads the list of users');
SELECT * FROM finish();
ROLLBACK;
