-- The auditor reads the catalog of audited objects; recorded DDL is append-only.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_auditor', 'audit.catalog_objects', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'audit.switched_triggers', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'audit.ddl_events', 'SELECT');
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t WHERE t.tgname = 't10_immutable' AND t.tgenabled = 'A'
            AND t.tgrelid IN ('audit.ticks'::regclass, 'audit.ddl_events'::regclass, 'audit.renamed_columns'::regclass)) = 3;
END
$$;

ROLLBACK;
