-- No name of ours has to be quoted or means something to SQL already.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(2);

CREATE TEMP TABLE names AS
SELECT n.nspname AS owner, c.relname AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'c')
UNION ALL
SELECT n.nspname, p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
UNION ALL
SELECT n.nspname, a.attname FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped;
DELETE FROM pg_temp.names AS n WHERE n.owner NOT IN ('app', 'audit', 'api', 'report', 'as_of');

SELECT is_empty($$SELECT DISTINCT n.owner, n.name FROM pg_temp.names AS n
    JOIN pg_get_keywords() AS k ON k.word = n.name WHERE k.catcode IN ('R', 'T')$$,
    'no relation, column or function is called like a reserved word');
SELECT is_empty($$SELECT DISTINCT n.owner, n.name FROM pg_temp.names AS n WHERE n.name !~ '^[a-z][a-z0-9_]*$'$$,
    'names are lower snake case');
SELECT * FROM finish();
ROLLBACK;
