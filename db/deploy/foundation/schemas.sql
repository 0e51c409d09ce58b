-- The five schemas, closed by default: what is not granted later is not reachable.

BEGIN;

-- Who deploys owns every object, and what is called acts as its owner: that must not be a superuser, nor anybody's login.
DO $$
BEGIN
    IF session_user <> 'ccp_owner' THEN
        RAISE EXCEPTION 'deployed as %, must be ccp_owner', session_user
            USING ERRCODE = 'insufficient_privilege',
                HINT = 'Nothing was made but the record: DROP SCHEMA sqitch CASCADE, then set PGUSER=ccp_owner.';
    END IF;
END
$$;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE SCHEMA app;
CREATE SCHEMA audit;
CREATE SCHEMA api;
CREATE SCHEMA report;
CREATE SCHEMA as_of;

COMMENT ON SCHEMA app IS 'Tables, types, private and trigger functions. Reached by the owner only; ccp_auditor reads, but for the bytes of PDFs.';
COMMENT ON SCHEMA audit IS 'Proof: the row of each writing transaction, history of mutable tables, seals. ccp_auditor reads.';
COMMENT ON SCHEMA api IS 'The whole write surface: functions, each granted to the roles that may call it.';
COMMENT ON SCHEMA report IS 'The read surface: commented views and functions with stable columns.';
COMMENT ON SCHEMA as_of IS 'What the functions report.…_as_of read: report views under their own names with the rows of every tick, apart from what report writers choose from.';

GRANT USAGE ON SCHEMA app, audit TO ccp_auditor;
GRANT USAGE ON SCHEMA api TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_worker, ccp_auditor;
GRANT USAGE ON SCHEMA report, as_of TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
ALTER DEFAULT PRIVILEGES IN SCHEMA app, audit GRANT SELECT ON TABLES TO ccp_auditor;

-- What verification compares: a line for each object, with who may do what.
CREATE OR REPLACE VIEW app.deployed_objects AS
WITH ours AS (
    SELECT n.oid, n.nspname, n.nspacl, n.nspowner
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of')
), relations AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, c.relkind, c.relacl, c.relowner,
        CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'type' END AS kind
    FROM pg_catalog.pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'S', 'c')
), rights AS (
    SELECT x.classid, x.oid, string_agg(x.verb || ' ' || x.names, '; ' ORDER BY x.verb) AS granted
    FROM (
        SELECT o.classid, o.oid, lower(a.privilege_type COLLATE "C") AS verb,
            string_agg(coalesce(r.rolname, 'public'), ' ' ORDER BY r.rolname COLLATE "C") AS names
        FROM (
            SELECT 'pg_namespace'::regclass AS classid, n.oid, n.nspacl AS acl, n.nspowner AS owner FROM ours AS n
            UNION ALL
            SELECT 'pg_class'::regclass, c.oid, c.relacl, c.relowner FROM relations AS c
            UNION ALL
            SELECT 'pg_proc'::regclass, p.oid, coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
            FROM pg_catalog.pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace
        ) AS o
        CROSS JOIN LATERAL aclexplode(o.acl) AS a
        LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
        WHERE a.grantee <> o.owner
        GROUP BY o.classid, o.oid, a.privilege_type
    ) AS x
    GROUP BY x.classid, x.oid
)
SELECT concat('schema ', n.nspname, ': ' || g.granted) AS object
FROM ours AS n LEFT JOIN rights AS g ON g.classid = 'pg_namespace'::regclass AND g.oid = n.oid
UNION ALL
SELECT concat(c.kind, ' ', c.name, ' (' || k.columns || ')', ': ' || g.granted)
FROM relations AS c
LEFT JOIN rights AS g ON g.classid = 'pg_class'::regclass AND g.oid = c.oid
LEFT JOIN LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'
) AS k ON true
UNION ALL
SELECT format('right on column %s.%I: %s', c.name, a.attname, x.acl)
FROM relations AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
CROSS JOIN LATERAL (
    SELECT string_agg(lower(e.privilege_type COLLATE "C") || ' ' || r.rolname, ', ' ORDER BY e.privilege_type, r.rolname) AS acl
    FROM aclexplode(a.attacl) AS e JOIN pg_catalog.pg_roles AS r ON r.oid = e.grantee
) AS x
WHERE a.attacl IS NOT NULL
UNION ALL
SELECT format('constraint %s.%I', c.name, k.conname)
FROM relations AS c JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid
WHERE k.contype <> 'n' AND k.contype <> 't'
UNION ALL
SELECT format('index %s', i.indexrelid::regclass)
FROM relations AS c JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid)
UNION ALL
SELECT format('trigger %s.%I%s', c.name, t.tgname,
    CASE t.tgenabled WHEN 'A' THEN '' ELSE ' that does not fire always' END)
FROM relations AS c JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid
WHERE NOT t.tgisinternal
UNION ALL
SELECT concat('function ', n.nspname, '.', quote_ident(p.proname), '(', oidvectortypes(p.proargtypes), ')',
    CASE WHEN p.prosecdef THEN ' as owner' END, ': ' || g.granted)
FROM pg_catalog.pg_proc AS p
JOIN ours AS n ON n.oid = p.pronamespace
LEFT JOIN rights AS g ON g.classid = 'pg_proc'::regclass AND g.oid = p.oid
UNION ALL
SELECT format('type %s.%I', n.nspname, t.typname)
FROM pg_catalog.pg_type AS t JOIN ours AS n ON n.oid = t.typnamespace
WHERE t.typtype IN ('d', 'e', 'r');
COMMENT ON VIEW app.deployed_objects IS 'Every object of our schemas as a line of text: its kind, name and columns, and who but the owner may do what with it.';
COMMENT ON COLUMN app.deployed_objects.object IS 'The line, the same on every server that has this version.';

CREATE OR REPLACE FUNCTION app.expect_objects(p_objects text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_missing text;
BEGIN
    SELECT pg_catalog.string_agg(e.object, E'\n' ORDER BY e.object COLLATE "C") INTO v_missing
    FROM (
        -- A line that begins with blanks goes on with the one before.
        SELECT w.object FROM pg_catalog.unnest(pg_catalog.string_to_array(
            pg_catalog.regexp_replace(p_objects, '\n +', ' ', 'g'), E'\n')) AS w (object)
        WHERE w.object <> ''
        EXCEPT
        SELECT o.object FROM app.deployed_objects AS o
    ) AS e;
    IF v_missing IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'P0001', MESSAGE = 'objects are not there, or not as they were deployed',
            DETAIL = v_missing, HINT = 'See app.deployed_objects for what is there.', COLUMN = '';
    END IF;
END
$$;
COMMENT ON FUNCTION app.expect_objects(text) IS 'For verification: raises an error that names every line of the text that app.deployed_objects does not have.';

COMMIT;
