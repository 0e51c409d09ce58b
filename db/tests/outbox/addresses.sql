-- Addresses of cardholders: found by number and name, each row judged for itself, the quiet list.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(29);
SET LOCAL SESSION AUTHORIZATION ccp_owner;
INSERT INTO app.cardholders (name_key, employee_id) VALUES ('JOANROW', '1'), ('ANNROE', '2'), ('JOANROW', '3'), ('LEEDOE', NULL);
SELECT h.cardholder_id AS ann FROM app.cardholders AS h WHERE h.name_key = 'ANNROE' \gset

:as_processor
SELECT results_eq($$SELECT r.name, r.outcome FROM api.save_addresses('[{"employee_name": "Ann Roe", "email": "ann@example.org"},
        {"employee_id": "1", "email": "joan@example.org"}, {"employee_name": "LEEDOE", "is_quiet": true}]', true) AS a, unnest(a.rows) AS r$$,
    $$VALUES ('Ann Roe', 'made'), ('1', 'made'), ('LEEDOE', 'made')$$, 'a dry run says what would become of each row');
SELECT is_empty('SELECT * FROM report.cardholder_addresses', 'and takes nothing');
SELECT is((api.save_addresses('[{"employee_name": "Ann Roe", "email": "ann@example.org"}, {"employee_id": "1", "email": "joan@example.org"},
    {"employee_name": "LEEDOE", "is_quiet": true}]')).made, 3::bigint, 'then they are taken');
SELECT results_eq($$SELECT a.employee_name, a.employee_id, a.email, a.is_quiet, a.version FROM report.cardholder_addresses AS a ORDER BY 1$$,
    $$VALUES ('ANNROE', '2', 'ann@example.org', false, 1), ('JOANROW', '1', 'joan@example.org', false, 1), ('LEEDOE', NULL, NULL, true, 1)$$,
    'by name as printed, by number, without an address');
SELECT is((api.save_addresses('[{"employee_name": "ANNROE", "email": "ann@example.org"}]')).unchanged, 1::bigint, 'what is so already needs no version');
SELECT is((api.save_addresses(format('[{"cardholder_id": "%s", "is_quiet": true, "version": 1}]', :'ann')::jsonb)).changed, 1::bigint, 'a change does');
SELECT results_eq($$SELECT a.email, a.is_quiet, a.version FROM report.cardholder_addresses AS a WHERE a.employee_name = 'ANNROE'$$,
    $$VALUES ('ann@example.org', true, 2)$$, 'what a row does not name stays');
SELECT is((SELECT r.code || ': ' || r.detail FROM unnest((api.save_addresses(jsonb_build_array(v.item::jsonb))).rows) AS r), v.said, v.what)
FROM (VALUES
    ('[]', 'invalid_argument: expected an object, got array', 'a row is an object'),
    ('{"employee_name": "ANNROE", "mail": "a"}', 'invalid_argument: mail: expected only cardholder_id, employee_id, employee_name, email, is_quiet, version, got another member', 'with these members'),
    ('{"email": "x@example.org"}', 'no_such_cardholder: expected one cardholder of this number and name, got 0', 'about somebody'),
    ('{"employee_name": "Joan Row", "email": "x@example.org"}', 'no_such_cardholder: expected one cardholder of this number and name, got 2', 'about one of two'),
    ('{"employee_name": "Ann Roe", "employee_id": "1"}', 'no_such_cardholder: expected one cardholder of this number and name, got 0', 'whose number and name agree'),
    ('{"employee_name": "ANNROE", "email": "none", "version": 2}', 'invalid_argument: expected an address of at most 320 characters, got none', 'an address'),
    ('{"employee_name": "ANNROE", "email": "root,ann@example.org", "version": 2}', 'invalid_argument: expected an address of at most 320 characters, got root,ann@example.org', 'of one recipient'),
    ('{"employee_name": "ANNROE", "email": "Ann<ann@example.org>", "version": 2}', 'invalid_argument: expected an address of at most 320 characters, got Ann<ann@example.org>', 'and nothing beside'),
    ('{"employee_name": "ANNROE", "email": "4111111111111111@example.org", "version": 2}', 'card_number: expected no number of a card', 'no card'),
    ('{"employee_name": "ANNROE", "email": "b@example.org"}', 'stale_version: expected version none, got 2', 'at the version seen'),
    ('{"employee_name": "ANNROE", "email": "b@example.org", "version": 1}', 'stale_version: expected version 1, got 2', 'and no other')
) AS v (item, said, what);
SELECT is((api.save_addresses('[{"employee_name": "Joan Row", "employee_id": "3", "email": "j@example.org"}]')).made, 1::bigint, 'a number tells two of one name apart');
SELECT is((api.save_addresses('[{"employee_name": "ANNROE", "version": 2}, {"employee_id": "2", "version": 2}]')).refused, 2::bigint, 'nobody stands in it twice');
SELECT :'ann' AS own \gset
:as_owner
UPDATE app.users AS u SET cardholder_id = :'own' WHERE u.user_name = 'pat';
:as_processor
SELECT is((SELECT r.code || ': ' || r.detail FROM unnest((api.save_addresses(jsonb_build_array(v.item::jsonb))).rows) AS r), v.said, v.what)
FROM (VALUES
    ('{"employee_name": "ANNROE", "is_quiet": false, "version": 2}', 'own_card: expected somebody else, got the own card', 'nobody lets their own card be quiet'),
    ('{"employee_name": "ANNROE", "is_quiet": true, "version": 2}', NULL, 'what changes nothing may stand in the list')
) AS v (item, said, what);
:as_owner
UPDATE app.users AS u SET cardholder_id = NULL WHERE u.user_name = 'pat';
:as_processor
SELECT is((api.save_addresses('[{"employee_name": "ANNROE", "email": null, "version": 2}, {"employee_name": "NOBODY"}]')).changed, 1::bigint,
    'what is refused keeps nothing else back');
SELECT is((SELECT a.email FROM report.cardholder_addresses AS a WHERE a.employee_name = 'ANNROE'), NULL, 'null takes an address away');
SELECT throws_ok($$SELECT api.save_addresses('{}')$$, 'IV008', NULL, 'no list is refused whole');
SELECT is(api.save_addresses('[{"employee_name": "NOBODY"}]', p_request_id => 'r'), api.save_addresses('[{"employee_name": "NOBODY"}]', p_request_id => 'r'),
    'the same request gets the same answer');
:as_reviewer
SELECT throws_ok($$SELECT api.save_addresses('[]')$$, '42501', NULL, 'a reviewer does not');
SELECT throws_ok('SELECT * FROM report.cardholder_addresses', '42501', NULL, 'nor reads them');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
