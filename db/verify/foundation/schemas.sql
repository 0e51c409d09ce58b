-- Schemas are there and closed; what bootstrap promised about the roles holds.

BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_roles AS r
               WHERE r.rolname = 'ccp_owner' AND (r.rolsuper OR r.rolcreaterole OR r.rolbypassrls)) THEN
        RAISE EXCEPTION 'ccp_owner must be neither superuser nor CREATEROLE nor BYPASSRLS';
    ELSIF EXISTS (SELECT FROM pg_catalog.pg_roles AS r
                  WHERE r.rolname = 'ccp_service' AND (r.rolinherit OR r.rolsuper)) THEN
        RAISE EXCEPTION 'ccp_service must be NOINHERIT and no superuser';
    ELSIF has_database_privilege('ccp_service', current_database(), 'TEMP')
        OR has_schema_privilege('ccp_service', 'public', 'CREATE')
    THEN
        RAISE EXCEPTION 'temporary tables or schema public are open: run db/bootstrap.sql';
    ELSIF has_function_privilege('ccp_report', 'pg_catalog.pg_advisory_lock(bigint)', 'EXECUTE') OR EXISTS (
        -- The bootstrap closes all of them or none. What has other rights than initdb gave was closed by it.
        SELECT FROM pg_catalog.pg_proc AS p
        CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) AS a
        LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.grantee
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
            AND (a.grantee = 0 OR (starts_with(r.rolname, 'ccp_') AND r.rolname <> 'ccp_owner'))
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_init_privs AS i
                WHERE i.classoid = 'pg_catalog.pg_proc'::regclass AND i.objoid = p.oid))
    THEN
        RAISE EXCEPTION 'large objects, notifications, locks or transaction numbers are open: run db/bootstrap.sql';
    END IF;
END
$$;

SELECT app.expect_objects($$
function app.expect_objects(text)
schema api: usage ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_reviewer ccp_worker
schema app: usage ccp_auditor
schema as_of: usage ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
schema report: usage ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view app.deployed_objects (object): select ccp_auditor
$$);

ROLLBACK;
