-- Schemas are there and closed; what bootstrap promised about the roles holds.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_schema_privilege('ccp_service', 'app', 'USAGE'), 'app is open to the service login';
    ASSERT NOT has_schema_privilege('ccp_report', 'app', 'USAGE'), 'app is open to report writers';
    ASSERT NOT has_schema_privilege('ccp_report', 'api', 'USAGE'), 'api is open to report writers';
    ASSERT NOT has_schema_privilege('ccp_worker', 'report', 'USAGE'), 'report is open to the worker';
    ASSERT NOT has_schema_privilege('ccp_worker', 'as_of', 'USAGE'), 'as_of is open to the worker';
    ASSERT has_schema_privilege('ccp_auditor', 'audit', 'USAGE'), 'the auditor cannot reach audit';
    ASSERT (SELECT NOT r.rolsuper AND NOT r.rolcreaterole AND NOT r.rolbypassrls
            FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'ccp_owner'),
           'ccp_owner must be neither superuser nor CREATEROLE';
    ASSERT (SELECT NOT r.rolinherit AND NOT r.rolsuper
            FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'ccp_service'),
           'ccp_service must be NOINHERIT';
    ASSERT NOT has_database_privilege('ccp_service', current_database(), 'TEMP'),
           'the service may create temporary tables';
    ASSERT NOT has_schema_privilege('ccp_service', 'public', 'CREATE'), 'public is open for CREATE';
    ASSERT NOT EXISTS (
        SELECT FROM pg_catalog.pg_proc AS p
        CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS a
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND a.grantee = 0
            AND p.proname IN ('lo_create', 'lo_creat', 'lo_from_bytea', 'lo_put', 'lo_open', 'lowrite', 'lo_truncate',
                'lo_truncate64', 'lo_unlink', 'pg_notify', 'pg_logical_emit_message', 'txid_current',
                'pg_current_xact_id')),
           'large objects, notifications or transaction numbers are open to PUBLIC: run db/bootstrap.sql';
END
$$;

ROLLBACK;
