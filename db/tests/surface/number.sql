-- Every change of the surface is another number, known to all who ask; only the owner makes one.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/people.psql
SELECT plan(16);

CREATE FUNCTION pg_temp.step() RETURNS bigint LANGUAGE sql AS $$
    SELECT n.number - current_setting('tap.surface')::bigint FROM report.surface_number AS n
$$;
SELECT set_config('tap.surface', n.number::text, true) FROM report.surface_number AS n \g /dev/null
SELECT is((report.surface() ->> 'number')::bigint, n.number, 'the surface says its number') FROM report.surface_number AS n;

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys)
VALUES ('probe', 'probes', 'GET', '/probes', 'list', 'report.settings', '{setting_name}');
SELECT is(pg_temp.step(), 1::bigint, 'a new operation');
SELECT is(report.surface() #>> '{operations,0,operation}' IS NOT NULL, true, 'is in the answer');
INSERT INTO app.surface_filters (operation, filter_name, column_name) VALUES ('probe', 'unit', 'unit');
SELECT is(pg_temp.step(), 2::bigint, 'a filter');
INSERT INTO app.surface_orders (operation, order_name, keys) VALUES ('probe', 'unit', '{unit,setting_name}');
SELECT is(pg_temp.step(), 3::bigint, 'an order');
UPDATE app.surface_parents AS p SET title = 'no such session here' WHERE p.parameter = 'session_id';
SELECT is(pg_temp.step(), 4::bigint, 'a parent');
UPDATE app.terms AS t SET most = 3000 WHERE t.term = 'note';
SELECT is(pg_temp.step(), 5::bigint, 'a term');
SELECT app.renew_surface() \g /dev/null
SELECT is(pg_temp.step(), 6::bigint, 'a change of functions says so itself');
SELECT is((SELECT count(*) FROM audit.surface_operations_history AS h WHERE h.operation = 'probe'), 1::bigint,
    'who changed it is kept');

UPDATE app.surface_operations AS o SET target = 'report.nothing' WHERE o.operation = 'probe';
SELECT ok(jsonb_path_exists(report.surface(), '$.faults[*] ? (@.operation == "probe")'), 'a row that does not fit is named');
SELECT ok(NOT jsonb_path_exists(report.surface(), '$.operations[*] ? (@.operation == "probe")'), 'and left out');

:as_admin
SELECT throws_ok($$INSERT INTO app.terms (term, meaning) VALUES ('x', 'x')$$, '42501', NULL, 'an administrator changes nothing');
SELECT throws_ok('SELECT app.renew_surface()', '42501', NULL, 'nor makes a number');
SELECT results_eq('SELECT report.name_patterns(x.text) FROM (VALUES (1, $$Zoë Muñoz$$), (2, $$%$$), (3, $$ $$), (4, $$O''Neill, J.$$)) AS x (n, text) ORDER BY x.n',
    $$VALUES ('{%ZOE%,%MUNOZ%}'::text[]), ('{""}'), ('{}'), ('{%ONEILL%,%J%}')$$, 'parts of a printed name are folded as name keys are');
SELECT is(cardinality(report.name_patterns(repeat('Zoe ', 100))), 100, 'of a text of some length');
SELECT throws_ok($$SELECT report.name_patterns(repeat('Zoe ', 100) || 'x')$$, 'IV008', NULL, 'not of any');
SELECT * FROM finish();
ROLLBACK;
