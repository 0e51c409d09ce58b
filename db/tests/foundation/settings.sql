-- Settings: changed by the administrator inside their own range.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(10);

:as_admin
SELECT is((SELECT s.value FROM api.save_setting('json_max_depth', 8) AS s), 8::numeric, 'the smallest value is allowed');
SELECT is((SELECT s.value FROM api.save_setting('json_max_depth', 500) AS s), 500::numeric, 'and the largest');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 7)$$, '23514',
    'new row for relation "settings" violates check constraint "settings_value_check"', 'a smaller one is refused');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 501)$$, '23514',
    'new row for relation "settings" violates check constraint "settings_value_check"', 'a larger one too');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 'NaN')$$, '23514',
    'new row for relation "settings" violates check constraint "settings_value_check"', 'NaN is no value');
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', NULL)$$, '23502',
    'null value in column "value" of relation "settings" violates not-null constraint', 'nor is nothing');
SELECT throws_ok($$SELECT api.save_setting('no_such', 1)$$, 'IV008', 'there is no such setting', 'only settings that exist');
SELECT is((SELECT s.value FROM report.settings AS s WHERE s.setting_name = 'json_max_depth'), 500::numeric,
    'what was refused changed nothing');
:as_processor
SELECT throws_ok($$SELECT api.save_setting('json_max_depth', 9)$$, '42501',
    'permission denied for function save_setting', 'others change no settings');
:as_tester
SELECT is_empty($$SELECT s.setting_name FROM app.settings AS s WHERE app.setting(s.setting_name) IS DISTINCT FROM s.value$$,
    'every setting reads as it is kept');
SELECT * FROM finish();
ROLLBACK;
