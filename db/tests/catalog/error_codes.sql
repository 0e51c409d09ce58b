-- The catalogue of errors and the functions that raise them say the same.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(5);

CREATE TEMP TABLE bodies AS
SELECT p.oid::regprocedure::text AS name,
    pg_get_functiondef(p.oid) AS body, obj_description(p.oid, 'pg_proc') AS comment
FROM pg_proc AS p
WHERE p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report') AND p.prokind = 'f';
CREATE TEMP TABLE used AS
SELECT DISTINCT m.code[1] AS code FROM pg_temp.bodies AS b,
    regexp_matches(b.body, '''((?:IV|PM|NF|ST|RL|ZX)[0-9]{3})''', 'g') AS m (code);

SELECT is_empty($$SELECT u.code FROM pg_temp.used AS u EXCEPT SELECT e.sqlstate FROM app.error_codes AS e$$,
    'every code a function raises is in the catalogue');
SELECT is_empty($$SELECT e.sqlstate FROM app.error_codes AS e EXCEPT SELECT u.code FROM pg_temp.used AS u
    -- Raised by the service, which hands them to api.refuse_import, or kept for keys of audited rows.
    EXCEPT VALUES ('RL003')$$,
    'every code of the catalogue is raised somewhere');
SELECT is_empty($$SELECT b.name, m.code[1] FROM pg_temp.bodies AS b,
        regexp_matches(b.comment, '\m((?:IV|PM|NF|ST|RL)[0-9]{3})\M', 'g') AS m (code)
    WHERE NOT EXISTS (SELECT FROM app.error_codes AS e WHERE e.sqlstate = m.code[1])$$,
    'comments speak of codes that exist');
SELECT is_empty($$SELECT b.name, left(r.statement[1], 200) FROM pg_temp.bodies AS b,
        regexp_matches(b.body, 'RAISE EXCEPTION(?: USING)?\s+(.*?);\s', 'g') AS r (statement)
    WHERE r.statement[1] !~ 'ERRCODE' OR (r.statement[1] !~ 'ZX001'
        AND (r.statement[1] !~ 'MESSAGE' OR r.statement[1] !~ 'DETAIL' OR r.statement[1] !~ 'HINT'))$$,
    'every error says code, message, detail and hint');
-- Private to one function; one that readers call, who do not reach the catalogue; one of verification, older than it.
SELECT set_eq($$SELECT b.name FROM pg_temp.bodies AS b WHERE b.body ~ 'RAISE EXCEPTION'$$,
    ARRAY['app.expect_objects(text)', 'app.fail(text,text,text,text)',
        'app.take_back()',
        'report.name_distance(text,text,integer)'], 'errors are raised by app.fail');
SELECT * FROM finish();
ROLLBACK;
