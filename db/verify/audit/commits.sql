-- The row per writing transaction is readable for the auditor only.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_table_privilege('ccp_admin', 'audit.commits', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'audit.commits', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'audit.guarded_tables', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_service', 'audit.mark()', 'EXECUTE');
END
$$;

ROLLBACK;
