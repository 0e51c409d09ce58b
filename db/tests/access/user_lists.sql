-- Many users in one call: each row judged for itself, a dry run that says the same, nobody removed.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(36);
CREATE FUNCTION tap.outcomes(p_answer report.rows_answer) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(concat_ws(' ', r.row_number, r.name, r.outcome, r.code), ', ' ORDER BY r.row_number) FROM unnest(p_answer.rows) AS r $$;
GRANT EXECUTE ON FUNCTION tap.outcomes(report.rows_answer) TO PUBLIC;
SET LOCAL SESSION AUTHORIZATION ccp_owner;
INSERT INTO app.cardholders (name_key, employee_id) VALUES ('JOANROW', '1'), ('ANNROE', '2');
SELECT h.cardholder_id AS joan FROM app.cardholders AS h WHERE h.name_key = 'JOANROW' \gset
SELECT h.cardholder_id AS ann FROM app.cardholders AS h WHERE h.name_key = 'ANNROE' \gset
\set list '[{"user_name": "new", "email": "new@example.org", "role": "reviewer"}, {"user_name": "pat", "is_active": false, "version": 1}, {"user_name": "rae", "version": 1}, {"user_name": "ron", "role": "king", "version": 1}]'

:as_admin
SELECT is(tap.outcomes(api.save_users(:'list', true)), '1 new made, 2 pat changed, 3 rae unchanged, 4 ron refused invalid_argument',
    'a dry run says what would become of each row');
SELECT is((SELECT count(*) FROM report.users AS u WHERE u.user_name = 'new' OR u.user_name = 'pat' AND NOT u.is_active), 0::bigint, 'and changes nothing');
SELECT results_eq(format('SELECT a.outcome, a.made, a.changed, a.unchanged, a.refused FROM api.save_users(%L) AS a', :'list'),
    $$VALUES ('done', 1::bigint, 1::bigint, 1::bigint, 1::bigint)$$, 'then it is done, but for what is refused');
SELECT results_eq($$SELECT u.user_name, u.email, u.role, u.is_active, u.version FROM report.users AS u WHERE u.user_name IN ('new', 'pat', 'rae', 'ron') ORDER BY 1$$,
    $$VALUES ('new', 'new@example.org', 'reviewer', true, 1), ('pat', 'pat@example.org', 'processor', false, 2), ('rae', 'rae@example.org', 'reviewer', true, 1),
        ('ron', 'ron@example.org', 'read_only', true, 1)$$, 'what a row does not name stays');
SELECT is((api.save_users('[{"user_name": "new", "email": null, "version": 1}]')).changed, 1::bigint, 'null takes an address away');
SELECT is((SELECT u.email FROM report.users AS u WHERE u.user_name = 'new'), NULL, 'indeed');

SELECT is((SELECT r.code || ': ' || r.detail FROM unnest((api.save_users(jsonb_build_array(v.item::jsonb))).rows) AS r), v.said, v.what)
FROM (VALUES
    ('7', 'invalid_argument: expected an object, got number', 'a row is an object'),
    ('{}', 'invalid_argument: user_name: expected text of at most 10000 characters, got nothing', 'with a name'),
    ('{"user_name": "a", "rank": 1}', 'invalid_argument: rank: expected only user_name, email, role, cardholder_id, is_active, version, got another member', 'and nothing else'),
    ('{"user_name": "a", "is_active": "no"}', 'invalid_argument: is_active: expected a boolean, got "no"', 'each of its kind'),
    ('{"user_name": " a"}', 'invalid_argument: expected user_name of 1 to 200 characters without blanks around them, got  a', 'no blanks around a name'),
    ('{"user_name": ""}', 'invalid_argument: expected user_name of 1 to 200 characters without blanks around them, got ', 'no empty name'),
    ('{"user_name": "a\nb"}', 'control_character: expected printed characters', 'no line end'),
    ('{"user_name": "a 4111111111111111"}', 'card_number: expected no number of a card', 'no card'),
    ('{"user_name": "a", "email": "b"}', 'invalid_argument: expected an address of at most 320 characters, got b', 'an address'),
    ('{"user_name": "worker", "version": 1}', 'wrong_state: expected a user who is no system user, got worker', 'no system user'),
    ('{"user_name": "ada", "role": "processor", "version": 1}', 'own_user: expected another user, got ada', 'not the own user'),
    ('{"user_name": "rae", "role": "processor"}', 'stale_version: expected version none, got 1', 'at the version seen'),
    ('{"user_name": "nobody", "version": 1}', 'stale_version: expected version 1, got none', 'of one who is there'),
    ('{"user_name": "a", "cardholder_id": "00000000-0000-4000-8000-000000000000"}',
        'no_such_cardholder: expected a cardholder, got 00000000-0000-4000-8000-000000000000', 'a cardholder who is known')
) AS v (item, said, what);
SELECT is((api.save_users('[{"user_name": "ada", "version": 1}]')).unchanged, 1::bigint, 'the own user as it is may stand in the list');
SELECT is((SELECT r.name FROM unnest((api.save_users('[{"user_name": "a 4111111111111111"}]')).rows) AS r), 'a 411111XXXXXX1111', 'no answer repeats a card');
SELECT is(tap.outcomes(api.save_users('[{"user_name": "twice"}, {"user_name": "twice"}]')),
    '1 twice refused invalid_argument, 2 twice refused invalid_argument', 'nobody stands in it twice');

-- A card has one active user.
SELECT is(tap.outcomes(api.save_users(format('[{"user_name": "a", "cardholder_id": %s}, {"user_name": "b", "cardholder_id": %1$s}]', to_json(:'joan'::text))::jsonb)),
    '1 a refused card_taken, 2 b refused card_taken', 'two of one list do not share a card');
SELECT is(tap.outcomes(api.save_users(format('[{"user_name": "a", "cardholder_id": %s}, {"user_name": "b", "cardholder_id": %1$s, "is_active": false}]', to_json(:'joan'::text))::jsonb)),
    '1 a made, 2 b made', 'unless one is not active');
SELECT is(tap.outcomes(api.save_users(format('[{"user_name": "c", "cardholder_id": %s}]', to_json(:'joan'::text))::jsonb)),
    '1 c refused card_taken', 'nor with one who has it');
SELECT is(tap.outcomes(api.save_users('[{"user_name": "b", "is_active": true, "version": 1}]')), '1 b refused card_taken', 'nor by becoming active');
SELECT is(tap.outcomes(api.save_users(format('[{"user_name": "a", "cardholder_id": %s, "version": 1}]', to_json(:'ann'::text))::jsonb)), '1 a changed',
    'another card is another matter');

SELECT throws_ok(format('SELECT api.save_users(%L)', v.list), 'IV008', NULL, v.what)
FROM (VALUES ('{}', 'no list is refused whole'), ('[]', 'so is an empty one'), (NULL, 'and none')) AS v (list, what);
SELECT api.save_setting('list_max_rows', 2, 1) \g /dev/null
SELECT lives_ok($$SELECT api.save_users('[{"user_name": "x"}, {"user_name": "y"}]')$$, 'as long as the setting says');
SELECT throws_ok($$SELECT api.save_users('[{"user_name": "x"}, {"user_name": "y"}, {"user_name": "z"}]')$$, 'IV008', NULL, 'and no longer');
SELECT is(api.save_users('[{"user_name": "v"}]', p_request_id => 'r'), api.save_users('[{"user_name": "v"}]', p_request_id => 'r'), 'the same request gets the same answer');
:as_processor
SELECT throws_ok($$SELECT api.save_users('[{"user_name": "x"}]')$$, '42501', NULL, 'administrators only');
:as_tester
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
