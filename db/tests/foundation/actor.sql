-- Who acts: believed from the service login alone, known, active, and in the role they have.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(18);

:as_processor
SELECT results_eq('SELECT user_name, role FROM api.whoami()', $$VALUES ('pat', 'processor')$$,
    'the actor is the user that app.actor names');
SET LOCAL ROLE ccp_read_only;
SELECT results_eq('SELECT user_name, role FROM api.whoami()', $$VALUES ('pat', 'processor')$$,
    'the role of readers is open to all, to ask who one is');
SET LOCAL ROLE ccp_reviewer;
SELECT throws_ok('SELECT api.whoami()', 'PM002', 'acting person has another role', 'a role one does not have is refused');
SET LOCAL ROLE ccp_admin;
SELECT throws_ok('SELECT api.whoami()', 'PM002', 'acting person has another role', 'that of the administrator too');
SELECT throws_ok($$SELECT api.save_user('eve', NULL, 'admin')$$, 'PM002', 'acting person has another role',
    'and it lets nobody write');

:as_processor
SET LOCAL app.actor = 'nobody';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active', 'an unknown user is refused');
SET LOCAL app.actor = '';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active', 'no user is refused');
SET LOCAL app.actor = 'ina';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active', 'an inactive user is refused');
SET LOCAL app.actor = 'PAT';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active',
    'a name in other letters is another name');
SET LOCAL ROLE ccp_admin;
SET LOCAL app.actor = 'deployment';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active',
    'no token names the system user that deploys');
SET LOCAL ROLE ccp_read_only;
SET LOCAL app.actor = 'worker';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active',
    'nor that of the worker, in the role of readers');
SET LOCAL ROLE ccp_worker;
SELECT results_eq('SELECT user_name FROM api.whoami()', $$VALUES ('worker')$$, 'in its own role the worker acts');

:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_local;
SET LOCAL app.actor = 'ada';
SELECT throws_ok('SELECT api.whoami()', 'PM001', 'acting person is unknown or not active',
    'from another login the setting says nothing: unmapped, it is nobody');
SELECT throws_ok($$SELECT api.save_user('eve', NULL, 'admin')$$, 'PM001', 'acting person is unknown or not active',
    'and writes nothing');
:as_admin
SELECT lives_ok($$SELECT api.map_login('ccp_local', 'rae', 1)$$, 'the administrator maps the login');
:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_local;
SET LOCAL app.actor = 'ada';
SELECT results_eq('SELECT user_name FROM api.whoami()', $$VALUES ('rae')$$,
    'a mapped login is its user, whatever the setting says');
:as_tester
SELECT is_empty($$SELECT u.user_name FROM app.users AS u WHERE u.user_name = 'eve'$$, 'nothing refused left a row');

-- Where a second person is asked for: not the same user, and not the same person under another one.
:as_owner
INSERT INTO app.cardholders (name_key) VALUES ('PATDOE'), ('RAEROE');
UPDATE app.users AS u SET cardholder_id = h.cardholder_id FROM app.cardholders AS h
WHERE (h.name_key = 'PATDOE' AND u.user_name IN ('pat', 'ina')) OR (h.name_key = 'RAEROE' AND u.user_name = 'rae');
UPDATE app.login_users AS l SET user_id = u.user_id FROM app.users AS u WHERE l.login_name = 'ccp_owner' AND u.user_name = 'pat';
SELECT results_eq($$SELECT u.user_name, app.is_actor(u.user_id) FROM app.users AS u WHERE u.user_name IN ('pat', 'ina', 'rae', 'ron')
    UNION ALL SELECT 'zoe', app.is_actor(app.new_id()) UNION ALL SELECT 'zoe', app.is_actor(NULL) ORDER BY 1$$,
    $$VALUES ('ina', true), ('pat', true), ('rae', false), ('ron', false), ('zoe', false), ('zoe', false)$$,
    'who acts is the same person under another user of the same card');
:as_tester
SELECT * FROM finish();
ROLLBACK;
