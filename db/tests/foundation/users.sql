-- Users and logins are the administrator's: made, changed, mapped; malformed ones are refused.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(38);

:as_admin
SELECT results_eq($$SELECT u.user_name, u.email, u.role, u.is_active, u.is_system
        FROM api.save_user('bea', 'bea@example.org', 'reviewer') AS u$$,
    $$VALUES ('bea', 'bea@example.org', 'reviewer', true, false)$$, 'a new user');
SELECT results_eq($$SELECT u.user_name, u.email, u.role, u.is_active FROM api.save_user('bea', NULL, 'admin', NULL, false) AS u$$,
    $$VALUES ('bea', NULL, 'admin', false)$$, 'the same name again changes the user');
SELECT is((SELECT u.role FROM api.save_user('cem') AS u), 'read_only', 'without a role one reads only');
SELECT throws_ok($$SELECT api.save_user('dan', NULL, 'root')$$, 'IV008', 'role is unknown', 'no other role than the four');
SELECT throws_ok($$SELECT api.save_user('dan', NULL, NULL)$$, 'IV008', 'role is unknown', 'nor none');
SELECT throws_ok($$SELECT api.save_user('dan', NULL, 'ADMIN')$$, 'IV008', 'role is unknown', 'nor other letters');
SELECT throws_ok($$SELECT api.save_user('dan', p_cardholder_id => '00000000-0000-7000-8000-000000000000')$$,
    'NF004', 'there is no such cardholder', 'a cardholder nobody knows');
SELECT throws_ok($$SELECT api.save_user('worker', NULL, 'admin')$$, 'ST002', 'system users cannot be changed',
    'system users stay as they are');
SELECT throws_ok($$SELECT api.save_user('deployment', NULL, 'admin')$$, 'ST002', 'system users cannot be changed',
    'both of them');
SELECT throws_ok($$SELECT api.save_user('')$$, '23514',
    'new row for relation "users" violates check constraint "users_user_name_check"', 'an empty name is none');
SELECT throws_ok($$SELECT api.save_user(' bea')$$, '23514',
    'new row for relation "users" violates check constraint "users_user_name_check"', 'a name has no blanks around it');
SELECT throws_ok($$SELECT api.save_user(NULL)$$, '23502',
    'null value in column "user_name" of relation "users" violates not-null constraint', 'a user has a name');
SELECT lives_ok(format('SELECT api.save_user(%L)', repeat('x', 200)), 'of up to 200 characters');
SELECT throws_ok(format('SELECT api.save_user(%L)', repeat('x', 201)), '23514',
    'new row for relation "users" violates check constraint "users_user_name_check"', 'and not more');
SELECT throws_ok($$SELECT api.save_user('dan', 'dan at example.org')$$, '23514',
    'new row for relation "users" violates check constraint "users_email_check"', 'an address has an @');

SELECT results_eq($$SELECT u.user_name, u.logins FROM api.map_login('bi_tool', 'pat') AS u$$,
    $$VALUES ('pat', ARRAY['bi_tool'] COLLATE "C")$$, 'a login is mapped');
SELECT results_eq($$SELECT u.user_name, u.logins FROM api.map_login('bi_tool', 'rae') AS u$$,
    $$VALUES ('rae', ARRAY['bi_tool'] COLLATE "C")$$, 'and mapped to another user');
SELECT lives_ok($$SELECT api.map_login('bi_tool', NULL)$$, 'and to nobody any more');
SELECT throws_ok($$SELECT api.map_login('bi_tool', 'nobody')$$, 'NF003', 'there is no such user', 'not to an unknown user');
SELECT throws_ok($$SELECT api.map_login('ccp_service', 'ada')$$, '23514',
    'new row for relation "login_users" violates check constraint "login_users_login_name_check"', 'the service login is never mapped');
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
:as_admin
SELECT throws_ok($$SELECT api.save_user('ada', NULL, 'processor')$$, 'RL071', 'the last administrator stays one',
    'the last administrator cannot take the role from themselves');
SELECT throws_ok($$SELECT api.save_user('ada', NULL, 'admin', NULL, false)$$, 'RL071', 'the last administrator stays one',
    'nor their access');
SELECT lives_ok($$SELECT api.save_user('ada', 'ada@example.com', 'admin')$$, 'other things of theirs change');
SELECT lives_ok($$SELECT api.save_user('eva', NULL, 'admin')$$, 'with a second one');
SELECT lives_ok($$SELECT api.save_user('ada', NULL, 'processor')$$, 'the first may go');

:as_processor
SELECT throws_ok($$SELECT api.save_user('dan')$$, '42501',
    'permission denied for function save_user', 'a processor makes no users');
SELECT throws_ok($$SELECT api.map_login('bi_tool', 'pat')$$, '42501',
    'permission denied for function map_login', 'nor maps logins');
SELECT throws_ok($$SELECT * FROM report.users$$, '42501',
    'permission denied for view users', 'nor reads the list of users');
SELECT * FROM finish();
ROLLBACK;
