-- Schemas app and audit: the owner's own; the auditor reads tables, nobody else anything.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(9);

-- What others may call in these schemas, beyond what the owner calls for them.
CREATE TEMP TABLE callers (name text NOT NULL, role text NOT NULL);
INSERT INTO callers (name, role)
SELECT k.name, r.role
FROM (VALUES
    ('tick', '{ccp_admin,ccp_worker}'::text[]),
    ('seal', '{ccp_admin,ccp_worker}'), ('publish_head', '{ccp_admin,ccp_worker,ccp_auditor}'),
    ('seal_lag', '{ccp_admin,ccp_worker}'),
    ('verify', '{ccp_admin,ccp_auditor}')
) AS k (name, roles)
-- The login at the machine inherits what administrator and auditor may.
CROSS JOIN LATERAL (SELECT unnest(k.roles) UNION SELECT 'ccp_local') AS r (role);

CREATE TEMP TABLE roles AS
SELECT r.oid, r.rolname FROM pg_roles AS r
WHERE (r.rolname LIKE 'ccp\_%' AND r.rolname <> 'ccp_owner') OR r.rolname = 'pg_read_all_settings';
CREATE TEMP TABLE relations AS
SELECT c.oid, c.relname FROM pg_class AS c
WHERE c.relnamespace::regnamespace::text IN ('app', 'audit') AND c.relkind IN ('r', 'p', 'v', 'm');

SELECT is_empty($$SELECT c.oid::regclass, r.rolname, v.verb FROM pg_temp.relations AS c, pg_temp.roles AS r,
        unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS v (verb)
    WHERE has_table_privilege(r.oid, c.oid, v.verb)$$, 'nobody but the owner writes any table');
SELECT is_empty($$SELECT c.oid::regclass, r.rolname FROM pg_temp.relations AS c, pg_temp.roles AS r
    WHERE r.rolname NOT IN ('ccp_auditor', 'ccp_local') AND has_any_column_privilege(r.oid, c.oid, 'SELECT')$$,
    'nobody but owner and auditor reads any table');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_temp.relations AS c
    WHERE has_table_privilege('ccp_auditor', c.oid, 'SELECT') = (c.oid = 'app.document_chunks'::regclass)$$,
    'the auditor reads all of them but the bytes of PDFs');
SELECT is_empty($$SELECT p.oid::regprocedure, r.rolname FROM pg_proc AS p, pg_temp.roles AS r
    WHERE p.pronamespace::regnamespace::text IN ('app', 'audit') AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
        AND NOT EXISTS (SELECT FROM pg_temp.callers AS k WHERE k.name = p.proname AND k.role = r.rolname)$$,
    'nobody else calls their functions');
SELECT is_empty($$SELECT k.name, k.role FROM pg_temp.callers AS k WHERE NOT EXISTS (
        SELECT FROM pg_proc AS p WHERE p.proname = k.name AND p.pronamespace = 'audit'::regnamespace
            AND has_function_privilege(k.role, p.oid, 'EXECUTE'))$$, 'those who may call some can');
SELECT is_empty($$SELECT r.rolname, s.name FROM pg_temp.roles AS r, unnest(ARRAY['app', 'audit']) AS s (name)
    WHERE r.rolname NOT IN ('ccp_auditor', 'ccp_local') AND has_schema_privilege(r.oid, s.name, 'USAGE')
        AND (s.name, r.rolname) NOT IN (('audit', 'ccp_admin'), ('audit', 'ccp_worker'))$$,
    'nobody else reaches the schemas');
SELECT is_empty($$SELECT r.rolname, n.nspname FROM pg_temp.roles AS r, pg_namespace AS n
    WHERE n.nspname IN ('app', 'audit', 'api', 'report', 'as_of', 'public') AND has_schema_privilege(r.oid, n.oid, 'CREATE')$$,
    'nobody makes objects in any schema');
SELECT is_empty($$SELECT r.rolname FROM pg_temp.roles AS r
    WHERE has_database_privilege(r.oid, current_database(), 'TEMP, CREATE')$$, 'nor temporary ones or schemas');
SELECT is_empty($$SELECT r.rolname FROM pg_roles AS r WHERE r.rolname LIKE 'ccp\_%'
    AND (r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
        OR pg_has_role(r.oid, 'pg_read_all_data', 'MEMBER') OR pg_has_role(r.oid, 'pg_write_all_data', 'MEMBER')
        OR (r.rolname <> 'ccp_owner' AND pg_has_role(r.oid, 'ccp_owner', 'MEMBER')))$$,
    'no role of ours has powers over the server or becomes the owner');
SELECT * FROM finish();
ROLLBACK;
