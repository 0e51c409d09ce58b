-- Ids are version 7 uuids: unique, and later ones sort later.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(4);

CREATE TEMP TABLE made AS SELECT n, app.new_id() AS id FROM generate_series(1, 1000) AS n;
SELECT is((SELECT count(DISTINCT m.id)::integer FROM pg_temp.made AS m), 1000, 'every id is another');
SELECT is_empty($$SELECT m.id FROM pg_temp.made AS m WHERE m.id::text !~ '^.{8}-.{4}-7.{3}-[89ab].{3}-.{12}$'$$,
    'their version is 7, their variant that of the standard');
SELECT is_empty($$SELECT m.id FROM pg_temp.made AS m
    WHERE abs(('x0000' || left(replace(m.id::text, '-', ''), 12))::bit(64)::bigint
        - extract(epoch FROM clock_timestamp()) * 1000) > 60000$$, 'they begin with the time in milliseconds');
SELECT pg_sleep(0.002);
SELECT ok((SELECT max(m.id::text) FROM pg_temp.made AS m) < app.new_id()::text, 'one made later sorts later');
SELECT * FROM finish();
ROLLBACK;
