-- Settings: changed by the administrator inside their own range.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(13);

:as_admin
SELECT is((SELECT s.value FROM api.save_setting('json_max_depth', 8, 1) AS s), 8::numeric, 'the smallest value is allowed');
SELECT is((SELECT s.value FROM api.save_setting('json_max_depth', 500, 2) AS s), 500::numeric, 'and the largest');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 7, 3)$$, 'IV008',
    'argument is missing or not allowed', 'a smaller one is refused');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 501, 3)$$, 'IV008',
    'argument is missing or not allowed', 'a larger one too');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 'NaN', 3)$$, 'IV008',
    'argument is missing or not allowed', 'NaN is no value');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', NULL, 3)$$, 'IV008',
    'argument is missing or not allowed', 'nor is nothing');
SELECT throws_ok($$SELECT api.save_setting('no_such', 1)$$, 'IV008', 'argument is missing or not allowed', 'only settings that exist');
SELECT is((SELECT s.value FROM report.settings AS s WHERE s.setting_name = 'json_max_depth'), 500::numeric,
    'what was refused changed nothing');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9, 2)$$, 'ST001', 'it was changed meanwhile',
    'who saw an older value is told');
SELECT is((SELECT s.version FROM api.save_setting('json_max_depth', 32, 3, 'depth') AS s), 4, 'each change is a version');
SELECT is((SELECT s.version FROM api.save_setting('json_max_depth', 32, 3, 'depth') AS s), 4,
    'a repeated request gets the first answer');
:as_processor
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9)$$, '42501',
    'permission denied for function save_setting', 'others change no settings');
:as_tester
SELECT is_empty($$SELECT s.setting_name FROM app.settings AS s WHERE app.setting(s.setting_name) IS DISTINCT FROM s.value$$,
    'every setting reads as it is kept');
SELECT * FROM finish();
ROLLBACK;
