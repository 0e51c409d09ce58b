-- Everything is described: schemas, relations and their columns, types, functions, triggers.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(8);

CREATE TEMP TABLE ours AS
SELECT n.oid, n.nspname FROM pg_namespace AS n WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of');

SELECT is_empty($$SELECT o.nspname FROM pg_temp.ours AS o WHERE obj_description(o.oid, 'pg_namespace') IS NULL$$,
    'every schema has a comment');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c JOIN pg_temp.ours AS o ON o.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'f') AND obj_description(c.oid, 'pg_class') IS NULL$$,
    'every table and view has a comment');
SELECT is_empty($$SELECT c.oid::regclass, a.attname FROM pg_class AS c
    JOIN pg_temp.ours AS o ON o.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE (c.relkind = 'r' OR (c.relkind IN ('v', 'm') AND o.nspname IN ('report', 'api', 'as_of'))) AND col_description(c.oid, a.attnum) IS NULL$$,
    'every column of a table, and of a view that others read, has a comment');
SELECT is_empty($$SELECT t.oid::regtype FROM pg_type AS t JOIN pg_temp.ours AS o ON o.oid = t.typnamespace
    LEFT JOIN pg_class AS c ON c.oid = t.typrelid
    WHERE t.typtype IN ('c', 'd', 'e', 'r') AND coalesce(c.relkind, 'c') = 'c'
        AND coalesce(obj_description(t.oid, 'pg_type'), obj_description(t.typrelid, 'pg_class')) IS NULL$$,
    'every type has a comment');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p JOIN pg_temp.ours AS o ON o.oid = p.pronamespace
    WHERE obj_description(p.oid, 'pg_proc') IS NULL$$, 'every function has a comment');
SELECT is_empty($$SELECT t.tgrelid::regclass, t.tgname FROM pg_trigger AS t
    JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_temp.ours AS o ON o.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND obj_description(t.oid, 'pg_trigger') IS NULL$$,
    'every trigger has a comment');
SELECT is_empty($$SELECT r.rolname FROM pg_roles AS r
    WHERE r.rolname LIKE 'ccp\_%' AND shobj_description(r.oid, 'pg_authid') IS NULL$$, 'every role has a comment');
-- What has only submissions that count, sums of nobody, or sheets of one submission, needs no such sentence.
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'report' AND c.relkind = 'v' AND c.relname !~ '_history$|^workbook_'
        AND c.relname <> ALL (ARRAY['work_list', 'claimed_fixed_still_present', 'claim_differences', 'cards',
            'duty_conflicts', 'match_decisions', 'unmatched_names'])
        AND ARRAY['session_id', 'cardholder_id']::name[] <@ (SELECT array_agg(a.attname) FROM pg_attribute AS a
            WHERE a.attrelid = c.oid)
        AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.atttypid = 'numeric'::regtype)
        AND obj_description(c.oid, 'pg_class') !~ 'report\.months by latest_session_id'$$,
    'a view with dollars of every submission says how a month counts once');

SELECT * FROM finish();
ROLLBACK;
