-- Schemas are there and closed; what bootstrap promised about the roles holds.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_schema_privilege('ccp_service', 'app', 'USAGE'), 'app is open to the service login';
    ASSERT NOT has_schema_privilege('ccp_report', 'app', 'USAGE'), 'app is open to report writers';
    ASSERT NOT has_schema_privilege('ccp_report', 'api', 'USAGE'), 'api is open to report writers';
    ASSERT NOT has_schema_privilege('ccp_worker', 'report', 'USAGE'), 'report is open to the worker';
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
END
$$;

ROLLBACK;
