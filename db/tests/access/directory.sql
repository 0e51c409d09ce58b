-- Users that follow the directory: made when they sign in, given another role there, and what it may never do.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
INSERT INTO app.cardholders (name_key) VALUES ('NEWROE');
SELECT plan(37);

\set issuer '''https://login.example.org/v2.0'''
\set as_directory 'SET LOCAL SESSION AUTHORIZATION ccp_service; SET LOCAL ROLE ccp_worker; SET LOCAL app.actor = ''directory'';'
CREATE FUNCTION tap.admitted(p_subject text, VARIADIC p_roles text[]) RETURNS text LANGUAGE sql AS $$
    SELECT a.user_name || ' ' || a.role FROM api.admit_identity('https://login.example.org/v2.0', p_subject, p_subject || ' Roe',
        p_subject || '@example.org', p_roles) AS a $$;
GRANT EXECUTE ON FUNCTION tap.admitted(text, text[]) TO PUBLIC;

:as_admin
SELECT api.save_role_claim(:issuer, v.value, v.role), api.link_identity(:issuer, 'pat-1', 'pat')
FROM (VALUES ('Clerk', 'processor')) AS v (value, role) \g /dev/null
SELECT api.save_role_claim(:issuer, v.value, v.role)
FROM (VALUES ('Worker', 'processor'), ('Second', 'reviewer'), ('Boss', 'admin')) AS v (value, role) \g /dev/null
SELECT throws_ok($$SELECT api.admit_identity('https://login.example.org/v2.0', 'pat-1')$$, '42501', NULL, 'no person admits identities');

:as_directory
SELECT is(tap.admitted('pat-1', 'Clerk', 'Worker'), 'pat processor', 'who is linked and has one mapped role is admitted');
SELECT is((SELECT a.user_name FROM api.admit_identity('https://login.example.org/v2.0', 'pat-1') AS a), 'pat',
    'without roles where the issuer''s are not looked at');
SELECT throws_ok($$SELECT tap.admitted('pat-1', 'Second')$$, 'PM002', 'acting person has another role', 'a role that was given here stays');
SELECT throws_ok($$SELECT tap.admitted('pat-1', 'x')$$, 'PM072', 'token does not name exactly one role', 'a role taken away there is no role');
SELECT throws_ok($$SELECT tap.admitted('pat-1', 'Clerk', 'Second')$$, 'PM072', NULL, 'two are none');
SELECT throws_ok($$SELECT tap.admitted('new', 'Clerk')$$, 'PM071', 'identity is not linked to a user', 'an unknown identity is nobody');

:as_admin
SELECT throws_ok($$SELECT api.save_setting('directory_makes_users', 2, 1)$$, 'IV008', NULL, 'the setting is no or yes');
SELECT api.save_setting('directory_makes_users', 1, 1) \g /dev/null
:as_directory
SELECT is(tap.admitted('new', 'Clerk'), 'new Roe processor', 'then it becomes a user, where an administrator says so');
SELECT is(tap.admitted('new', 'Clerk'), 'new Roe processor', 'once');
SELECT throws_ok($$SELECT tap.admitted('newer', 'Clerk', 'Boss')$$, 'PM072', NULL, 'not with two roles');
SELECT throws_ok($$SELECT tap.admitted('newer', 'x')$$, 'PM072', NULL, 'nor without one');
SELECT throws_ok($$SELECT api.admit_identity('https://login.example.org/v2.0', 'newer', 'newer')$$, 'PM072', NULL, 'nor where none is looked at');
SELECT throws_ok(format($$SELECT api.admit_identity('https://login.example.org/v2.0', 'thief', %L, NULL, '{Boss}')$$, v.name), v.code, NULL, v.what)
FROM (VALUES ('rae', 'PM071', 'a name that is a user''s makes nobody that user'), (' ', 'IV008', 'without a name nobody is made'),
    (repeat('n', 201), 'IV008', 'nor with one that is too long'), (E'a\nb', 'IV071', 'or holds a line end'),
    ('RAE', 'PM071', 'nor one that is it but for its case'), (E'r\u0430e', 'IV071', 'or for a letter of another script'),
    (E'rae\u200b', 'IV071', 'or for what nobody sees'), (E'\u202eear', 'IV071', 'or is turned round'),
    ('4111111111111111', 'IV018', 'or the number of a card')) AS v (name, code, what);
SELECT lives_ok($$SELECT api.admit_identity('https://login.example.org/v2.0', 'bad-mail', repeat('n', 200), 'no address', '{Clerk}')$$,
    'an address that is none is left out');

SELECT is(tap.admitted('new', 'Second'), 'new Roe reviewer', 'a role that the directory gave follows it');
:as_tester
SELECT results_eq($$SELECT h.role, h.email, h.cardholder_id FROM audit.users_history AS h
        WHERE h.user_name = 'new Roe' ORDER BY h.audit_seq$$,
    $$VALUES ('processor', 'new@example.org', NULL::uuid), ('reviewer', 'new@example.org', NULL)$$,
    'both are in the history, and it gave no card');
SELECT results_eq($$SELECT i.given_role FROM report.user_identities AS i WHERE i.subject IN ('new', 'pat-1') ORDER BY i.subject$$,
    $$VALUES ('reviewer'), (NULL)$$, 'which role it gave is known');
SELECT results_eq($$SELECT i.lacks_cardholder FROM report.user_identities AS i WHERE i.subject IN ('new', 'pat-1') ORDER BY i.subject$$,
    $$VALUES (true), (false)$$, 'and that nobody said which card is its own');
:as_admin
SELECT api.save_user('new Roe', p_role => 'processor', p_cardholder_id => c.cardholder_id, p_expected_version => 2)
FROM report.cardholders AS c WHERE c.employee_name = 'NEWROE' \g /dev/null
SELECT is((SELECT bool_or(i.lacks_cardholder) FROM report.user_identities AS i WHERE i.subject = 'new'), false, 'until an administrator does');
:as_directory
SELECT throws_ok($$SELECT tap.admitted('new', 'Second')$$, 'PM002', NULL, 'what an administrator says goes before the directory');
SELECT is(tap.admitted('new', 'Clerk'), 'new Roe processor', 'whose agreement changes nothing');
SELECT throws_ok($$SELECT tap.admitted('new', 'Second')$$, 'PM002', NULL, 'neither then');
:as_admin
SELECT api.save_user('new Roe', p_is_active => false, p_expected_version => 3) \g /dev/null
:as_directory
SELECT throws_ok($$SELECT tap.admitted('new', 'Clerk')$$, 'PM001', 'acting person is unknown or not active', 'who was switched off stays out');

-- The last administrator.
SELECT is(tap.admitted('chief', 'Boss'), 'chief Roe admin', 'an administrator may come from the directory');
:as_owner
SELECT api.save_user('ada', p_is_active => false, p_expected_version => 1) \g /dev/null
:as_directory
SELECT throws_ok($$SELECT tap.admitted('chief', 'Clerk')$$, 'RL071', NULL, 'and stays one while there is no other');
:as_tester
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL ROLE ccp_worker;
SET LOCAL app.actor = 'worker';
SELECT throws_ok($$SELECT tap.admitted('pat-1', 'Clerk')$$, 'PM002', NULL, 'the worker is not the directory');
SET LOCAL ROLE ccp_read_only;
SELECT throws_ok($$SELECT api.sign_in(NULL, 'directory')$$, 'PM001', NULL, 'nor does a token name it');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
