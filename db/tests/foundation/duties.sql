-- Four eyes are two people, and what a user may no more their login may no more.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
SELECT plan(29);
SELECT (now() AT TIME ZONE 'UTC')::date AS today \gset

-- The proposer has an own login, and administers: every way to approve what they proposed.
:as_owner
SELECT api.save_user('mia', NULL, 'admin'), api.save_user('noa', NULL, 'reviewer'), api.save_user('pia', NULL, 'reviewer') \g /dev/null
SELECT api.map_login('ccp_local', 'mia', 1) \g /dev/null
\set as_mia 'RESET ROLE; SET LOCAL SESSION AUTHORIZATION ccp_local;'
\set as_noa 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_reviewer; SET LOCAL app.actor = ''noa'';'
:as_tester
:as_mia
SELECT is((SELECT r.state FROM api.propose_waiver(:'receipt_issue', 1, 'receipt_lost', 'Lost', 10.00, :'today') AS r), 'waiting',
    'a waiver is proposed through psql');
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM061',
    'nobody decides on a waiver they proposed', 'the proposer does not approve it');
SELECT throws_ok($$SELECT api.map_login('ccp_local', 'noa', 1)$$, 'PM004', 'nobody changes their own user',
    'nor makes the own login another user''s');
SELECT throws_ok($$SELECT api.map_login('psql_of_mia', 'mia', 2)$$, 'PM004', NULL, 'nor gets another login');
SELECT throws_ok($$SELECT api.save_user('mia', p_role => 'reviewer', p_expected_version => 2)$$, 'PM004', NULL, 'nor another role');
SELECT lives_ok($$SELECT api.save_user('new', NULL, 'reviewer')$$, 'they may make a user');
SELECT lives_ok($$SELECT api.save_user('ron', p_role => 'reviewer', p_expected_version => 1)$$, 'and give a role');
SELECT lives_ok($$SELECT api.map_login('psql_of_rae', 'rae', 1)$$, 'and map a login');
SELECT lives_ok($$SELECT api.link_identity('https://login.example.org/v2.0', 'o-1', 'pia')$$, 'and link an identity');
:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL ROLE ccp_reviewer;
SELECT throws_ok(format($$SELECT set_config('app.actor', %L, true), api.approve_waiver(%L, 2)$$, u.user_name, :'receipt_issue'), 'PM061', NULL, u.what)
FROM (VALUES ('new', 'who was made since is no second person'), ('ron', 'nor who was given the role since'),
    ('rae', 'nor whose login was mapped since'), ('pia', 'nor whose identity was linked since')) AS u (user_name, what);
:as_owner
-- The login of the proposal acts as somebody else: mapped by another administrator, as after a change of desks.
SELECT api.map_login('ccp_local', 'noa', 1) \g /dev/null
:as_mia
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM002', NULL,
    'the login has the role of an administrator and not of a reviewer');
:as_noa
SELECT throws_ok(format($$SELECT api.approve_waiver(%L, 2)$$, :'receipt_issue'), 'PM061', NULL,
    'and its user was mapped to it since');
:as_reviewer
SELECT is((SELECT r.state FROM api.approve_waiver(:'receipt_issue', 2) AS r), 'waived', 'a second person approves');

-- One card, two users: the other one inactive.
:as_owner
SELECT api.save_user('rex', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1) \g /dev/null
SELECT throws_ok($$SELECT api.save_user('pat', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_expected_version => 1)$$,
    'ST010', 'the card has an active user already', 'a card has one active user');
SELECT throws_ok($$UPDATE app.users SET cardholder_id = (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW') WHERE user_name = 'pat'$$,
    '23505', NULL, 'for the owner too');
SELECT lives_ok($$SELECT api.save_user('pat', p_cardholder_id => (SELECT cardholder_id FROM app.cardholders WHERE name_key = 'JOANROW'), p_is_active => false, p_expected_version => 1)$$,
    'an inactive one may have it too');

-- A role taken away is taken away in psql.
SELECT api.map_login('ccp_local', 'ada', 1) \g /dev/null
:as_mia
SELECT lives_ok($$SELECT api.create_session('By psql')$$, 'a login acts with the role of its user');
:as_owner
SELECT api.save_user('ada', p_role => 'read_only', p_expected_version => 2) \g /dev/null
:as_mia
SELECT is((SELECT role FROM api.whoami()), 'read_only', 'the role is taken away');
SELECT throws_ok($$SELECT api.create_session('After')$$, 'PM002', 'acting person has another role', 'and the login opens nothing more');
SELECT throws_ok(format($$SELECT api.note_issue(%L, 1, 'x')$$, :'joan_issue'), 'PM002', NULL, 'notes nothing');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9, 1)$$, 'PM002', NULL, 'sets nothing');
SET LOCAL app.reason = 'x';
SELECT throws_ok($$UPDATE api.current_transactions SET purpose = 'x'$$, 'PM002', NULL, 'and corrects nothing');
SELECT throws_ok($$DELETE FROM api.current_transactions WHERE false$$, 'PM002', NULL, 'not even nothing');
:as_owner
SELECT api.save_user('ada', p_role => 'processor', p_expected_version => 3) \g /dev/null
:as_mia
SELECT throws_ok($$SELECT api.create_session('Another')$$, 'PM002', NULL, 'another role of the user needs another role of the login');
:as_tester
SELECT set_eq($$SELECT d.kind, d.user_name, d.other_user_name, d.login_name FROM report.duty_conflicts AS d$$,
    $$VALUES ('login_beyond_user', 'ada', NULL, 'ccp_local'), ('shared_login', 'mia', NULL, 'ccp_local'),
        ('shared_login', 'noa', NULL, 'ccp_local'), ('shared_login', 'ada', NULL, 'ccp_local'),
        ('shared_card', 'rex', 'pat', NULL), ('own_submission', 'pat', NULL, NULL)$$, 'what comes near is listed');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
