-- Who may do what in our schemas, as it was deployed, so that what was granted or revoked by hand is seen.
-- requires: migration/evidence

BEGIN;

CREATE OR REPLACE VIEW app.granted_rights AS
WITH ours AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of')
), objects AS (
    SELECT format('schema %I', n.nspname) AS object_name, n.xmin AS written_by, n.nspowner AS owner,
        coalesce(n.nspacl, acldefault('n', n.nspowner)) AS acl
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'public' OR n.oid IN (SELECT o.oid FROM ours AS o)
    UNION ALL
    SELECT format('%I.%I', o.nspname, c.relname), c.xmin, c.relowner,
        coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))
    FROM pg_catalog.pg_class AS c JOIN ours AS o ON o.oid = c.relnamespace WHERE c.relkind NOT IN ('c', 'i', 'I', 't')
    UNION ALL
    SELECT format('column %I.%I.%I', o.nspname, c.relname, a.attname), a.xmin, c.relowner, a.attacl
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind <> 'c'
    JOIN ours AS o ON o.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
    UNION ALL
    SELECT format('%I.%I(%s)', o.nspname, p.proname, oidvectortypes(p.proargtypes)), p.xmin, p.proowner,
        coalesce(p.proacl, acldefault('f', p.proowner))
    FROM pg_catalog.pg_proc AS p JOIN ours AS o ON o.oid = p.pronamespace
    UNION ALL
    SELECT format('type %I.%I', o.nspname, t.typname), t.xmin, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner))
    FROM pg_catalog.pg_type AS t JOIN ours AS o ON o.oid = t.typnamespace WHERE t.typcategory <> 'A'
    UNION ALL
    SELECT concat_ws(' ', 'what', pg_get_userbyid(d.defaclrole), 'makes', 'in ' || o.nspname, 'of kind', d.defaclobjtype), d.xmin,
        d.defaclrole, d.defaclacl
    FROM pg_catalog.pg_default_acl AS d LEFT JOIN pg_catalog.pg_namespace AS o ON o.oid = d.defaclnamespace
)
SELECT o.object_name, o.written_by, coalesce(r.rolname::text, CASE WHEN a.grantee = 0 THEN 'public' END) AS role_name,
    lower(a.privilege_type COLLATE "C") || CASE WHEN a.is_grantable THEN ' and hand on' ELSE '' END AS privilege
FROM objects AS o
LEFT JOIN LATERAL aclexplode(o.acl) AS a ON a.grantee <> o.owner
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee;
COMMENT ON VIEW app.granted_rights IS 'Every schema, relation, function and type of ours, columns and default grants where there are some, with who but the owner may do what now; one row without role where nobody may.';
COMMENT ON COLUMN app.granted_rights.object_name IS 'The object, with its schema.';
COMMENT ON COLUMN app.granted_rights.written_by IS 'Transaction that made or granted last.';
COMMENT ON COLUMN app.granted_rights.role_name IS 'Who may; public is everybody.';
COMMENT ON COLUMN app.granted_rights.privilege IS 'What, and whether others may be given it.';

CREATE TABLE app.deployed_rights (
    object_name text NOT NULL,
    role_name text NOT NULL,
    privilege text NOT NULL,
    CONSTRAINT deployed_rights_pkey PRIMARY KEY (object_name, role_name, privilege)
);
COMMENT ON TABLE app.deployed_rights IS 'Who may do what as it was deployed, see app.keep_rights().';
COMMENT ON COLUMN app.deployed_rights.object_name IS 'The object, with its schema.';
COMMENT ON COLUMN app.deployed_rights.role_name IS 'Who may; public is everybody.';
COMMENT ON COLUMN app.deployed_rights.privilege IS 'What, and whether others may be given it.';
SELECT audit.guard('app.deployed_rights', 'free', 'Written by migrations only; part of the code.');

CREATE OR REPLACE FUNCTION app.keep_rights() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_is_first boolean := NOT EXISTS (SELECT FROM app.deployed_rights);
    v_this bigint := app.tx() & 4294967295;
BEGIN
    DELETE FROM app.deployed_rights AS d
    WHERE d.object_name NOT IN (
        SELECT g.object_name FROM app.granted_rights AS g WHERE g.written_by::text::bigint <> v_this);
    INSERT INTO app.deployed_rights (object_name, role_name, privilege)
    SELECT g.object_name, g.role_name, g.privilege
    FROM app.granted_rights AS g
    WHERE g.role_name IS NOT NULL AND (v_is_first OR g.written_by::text::bigint = v_this);
END
$$;
COMMENT ON FUNCTION app.keep_rights() IS 'For migrations: what is granted becomes what was deployed. Called by the last change of a deployment from nothing, for everything; later by each change that grants or revokes, for the objects that it made or granted on itself, so that a grant by hand on another stays seen.';

CREATE OR REPLACE FUNCTION app.changed_rights() RETURNS SETOF text
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH live AS MATERIALIZED (
        SELECT g.object_name, g.role_name, g.privilege FROM app.granted_rights AS g WHERE g.role_name IS NOT NULL
    ), ours AS MATERIALIZED (
        SELECT r.* FROM pg_catalog.pg_roles AS r
        WHERE r.rolname IN ('ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_read_only', 'ccp_report', 'ccp_auditor', 'ccp_worker',
            'ccp_owner', 'ccp_service', 'ccp_local')
    ), members AS MATERIALIZED (
        -- Logins of people and tools have the groups, and nothing else of ours.
        SELECT DISTINCT m.rolname::text AS member_name, r.rolname || CASE WHEN a.admin_option THEN ' and hands it on' ELSE '' END AS role_name
        FROM pg_catalog.pg_auth_members AS a
        JOIN pg_catalog.pg_roles AS m ON m.oid = a.member
        JOIN pg_catalog.pg_roles AS r ON r.oid = a.roleid
        WHERE m.oid IN (SELECT o.oid FROM ours AS o) OR r.rolname IN ('ccp_owner', 'ccp_service', 'ccp_local')
            OR (a.admin_option AND r.oid IN (SELECT o.oid FROM ours AS o))
    ), bootstrapped (member_name, role_name) AS (
        VALUES ('ccp_service', 'ccp_admin'), ('ccp_service', 'ccp_processor'), ('ccp_service', 'ccp_reviewer'),
            ('ccp_service', 'ccp_read_only'), ('ccp_service', 'ccp_worker'), ('ccp_local', 'ccp_admin'), ('ccp_local', 'ccp_auditor')
    )
    SELECT format('%s may %s: %s, granted beyond the deployment', x.role_name, x.privilege, x.object_name)
    FROM (SELECT l.* FROM live AS l EXCEPT SELECT d.object_name, d.role_name, d.privilege FROM app.deployed_rights AS d) AS x
    UNION ALL
    SELECT format('%s may no longer %s: %s', x.role_name, x.privilege, x.object_name)
    FROM (SELECT d.object_name, d.role_name, d.privilege FROM app.deployed_rights AS d EXCEPT SELECT l.* FROM live AS l) AS x
    UNION ALL
    SELECT format('%s is %s beyond the bootstrap', x.member_name, x.role_name)
    FROM (SELECT m.* FROM members AS m EXCEPT SELECT b.* FROM bootstrapped AS b) AS x
    UNION ALL
    SELECT format('%s is no longer %s', x.member_name, x.role_name)
    FROM (SELECT b.* FROM bootstrapped AS b EXCEPT SELECT m.* FROM members AS m) AS x
    UNION ALL
    SELECT format('%s has an attribute of administrators of the server', o.rolname)
    FROM ours AS o WHERE o.rolsuper OR o.rolcreaterole OR o.rolcreatedb OR o.rolreplication OR o.rolbypassrls;
END;
COMMENT ON FUNCTION app.changed_rights() IS 'Rights in our schemas that are not as they were deployed, more or fewer; memberships and attributes of our roles that are not those of the bootstrap.';

COMMIT;
