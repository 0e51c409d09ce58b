-- House rules of functions: rights, pinned paths, no overloads, plain language settings.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(13);

CREATE TEMP TABLE ours AS
SELECT p.*, p.oid::regprocedure::text AS name, n.nspname, l.lanname
FROM pg_proc AS p
JOIN pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_language AS l ON l.oid = p.prolang
WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of');

SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o, aclexplode(coalesce(o.proacl, acldefault('f', o.proowner))) AS a
    WHERE a.grantee = 0$$, 'nothing is executable by PUBLIC');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c, aclexplode(c.relacl) AS a
    WHERE a.grantee = 0 AND c.relnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
    UNION ALL
    SELECT t.oid::regclass FROM pg_type AS t, aclexplode(coalesce(t.typacl, acldefault('T', t.typowner))) AS a
    WHERE a.grantee = 0 AND t.typnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of')
        AND t.typtype IN ('d', 'e', 'r')
    UNION ALL
    SELECT n.oid::regclass FROM pg_namespace AS n, aclexplode(n.nspacl) AS a
    WHERE a.grantee = 0 AND n.nspname IN ('app', 'audit', 'api', 'report', 'as_of')$$,
    'no relation, type or schema is open to PUBLIC');
SELECT is_empty($$SELECT o.name, s.setting FROM pg_temp.ours AS o, unnest(ARRAY['search_path=""', 'DateStyle=ISO, YMD',
        'IntervalStyle=postgres', 'TimeZone=UTC', 'bytea_output=hex', 'extra_float_digits=1',
        'quote_all_identifiers=off', 'standard_conforming_strings=on']) AS s (setting)
    WHERE (o.prosecdef OR o.proname IN ('run_rules', 'make_as_of'))
        AND NOT coalesce(o.proconfig @> ARRAY[s.setting], false)$$,
    'every SECURITY DEFINER function pins an empty search_path and what else of the session it could read');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o
    WHERE o.lanname = 'plpgsql' AND NOT coalesce(o.proconfig @> ARRAY['search_path=""'], false)$$,
    'so does every PL/pgSQL function');
SELECT set_eq($$SELECT o.name FROM pg_temp.ours AS o
    WHERE o.lanname = 'sql' AND o.prosqlbody IS NULL AND NOT coalesce(o.proconfig @> ARRAY['search_path=""'], false)$$,
    $$VALUES ('app.new_id()'), ('app.change_of(anycompatible,anycompatible)')$$,
    'SQL that is written into its callers is bound when it is made, but for two that name schemas themselves');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o WHERE o.lanname NOT IN ('sql', 'plpgsql')$$,
    'functions are SQL or PL/pgSQL');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o WHERE o.nspname = 'api' AND NOT o.prosecdef$$,
    'every function of schema api runs as the owner');
SELECT is_empty($$SELECT o.nspname, o.proname FROM pg_temp.ours AS o WHERE o.nspname IN ('api', 'report')
    GROUP BY 1, 2 HAVING count(*) > 1$$, 'no name in api or report means two functions');
SELECT is_empty($$SELECT o.name, a.name FROM pg_temp.ours AS o,
        unnest(o.proargnames, coalesce(o.proargmodes, array_fill('i'::"char", ARRAY[o.pronargs::integer])))
            AS a (name, mode)
    WHERE a.mode = 'i' AND a.name !~ '^p_[a-z0-9_]+$'$$, 'parameters begin with p_');
-- An attempt is recorded whatever ends it, and others are not lost to one.
SELECT set_eq($$SELECT o.name FROM pg_temp.ours AS o WHERE o.prosrc ~* 'when\s+others'$$,
    ARRAY['app.ask_daily_check(text,timestamp with time zone,timestamp with time zone)', 'app.compare_waiting()', 'app.try_activity(text,text,uuid,bytea,text,boolean,text,date,date)', 'app.try_employees(jsonb,text[],app.activity_entry[],uuid,bytea)'],
    'no function catches whatever may come, but what must leave a record');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o JOIN pg_roles AS r ON r.oid = o.proowner
    WHERE r.rolname <> 'ccp_owner'
    UNION ALL
    SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_roles AS r ON r.oid = c.relowner
    WHERE c.relnamespace::regnamespace::text IN ('app', 'audit', 'api', 'report', 'as_of') AND r.rolname <> 'ccp_owner'$$,
    'everything belongs to ccp_owner');
SELECT is_empty($$SELECT o.name FROM pg_temp.ours AS o
    WHERE pg_get_functiondef(o.oid) ~ 'advisory' AND o.prokind = 'f'$$, 'no function waits for a lock that anybody may hold');
SELECT set_eq($$SELECT o.proname::text FROM pg_temp.ours AS o
    WHERE o.prosrc ~ 'session_employees AS \w+[^;]*\mFOR (NO KEY )?(UPDATE|SHARE)\M'$$,
    ARRAY['lock_people'], 'people are locked by one function, in one order');
SELECT * FROM finish();
ROLLBACK;
