-- PL/pgSQL without findings of plpgsql_check, where that extension exists.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
GRANT USAGE ON SCHEMA tap TO PUBLIC;
SELECT EXISTS (SELECT FROM pg_extension AS e WHERE e.extname = 'plpgsql_check') AS has_check \gset
SELECT plan(2);
\if :has_check
-- Planning calls stable functions, which ask who acts.
SET LOCAL SESSION AUTHORIZATION ccp_owner;
SELECT is_empty($$
    SELECT p.oid::regprocedure, c.lineno, c.statement, c.level, c.message, c.detail
    FROM pg_proc AS p
    CROSS JOIN LATERAL plpgsql_check_function_tb(p.oid, fatal_errors => false, extra_warnings => true,
        performance_warnings => true, security_warnings => true) AS c
    WHERE p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
        AND p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')
        AND p.prorettype <> 'trigger'::regtype
        -- Its statement is put together from rows of app.validation_rules, each value through %I or %L.
        AND (p.oid, c.level) IS DISTINCT FROM ('app.run_rules(app.revision_draft[], text[])'::regprocedure, 'security')
        -- All finders are called alike, also those without parameters.
        AND NOT (p.prorettype = 'app.finding'::regtype AND c.message = 'unused parameter "p_parameters"')$$,
    'functions have no findings');
SELECT is_empty($$
    SELECT DISTINCT p.oid::regprocedure, c.lineno, c.statement, c.level, c.message, c.detail
    FROM pg_trigger AS t
    JOIN pg_proc AS p ON p.oid = t.tgfoid
    CROSS JOIN LATERAL plpgsql_check_function_tb(p.oid, t.tgrelid, fatal_errors => false, extra_warnings => true,
        performance_warnings => true, security_warnings => true,
        oldtable => t.tgoldtable, newtable => t.tgnewtable) AS c
    WHERE NOT t.tgisinternal AND p.pronamespace::regnamespace::text IN ('app', 'audit', 'api', 'report')
        AND p.prolang = (SELECT l.oid FROM pg_language AS l WHERE l.lanname = 'plpgsql')$$,
    'trigger functions have none on any of their tables');
\else
SELECT skip('this server has no plpgsql_check', 2);
\endif
SELECT * FROM finish();
ROLLBACK;
