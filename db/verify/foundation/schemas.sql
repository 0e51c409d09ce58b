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
    ELSIF EXISTS (
        SELECT FROM pg_catalog.pg_proc AS p
        CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND a.grantee = 0
            AND p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lo_open', 'lowrite', 'lo_truncate',
                'lo_truncate64', 'lo_unlink', 'pg_notify', 'pg_logical_emit_message', 'txid_current',
                'pg_current_xact_id'))
    THEN
        RAISE EXCEPTION 'large objects, notifications or transaction numbers are open: run db/bootstrap.sql';
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
