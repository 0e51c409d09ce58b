-- The worker and administrators seal; the auditor reads; nobody writes a seal by hand.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_worker', 'audit.seal()', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'audit.seal()', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'audit.seal()', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'audit.start_epoch()', 'EXECUTE');
    ASSERT has_function_privilege('ccp_auditor', 'audit.publish_head()', 'EXECUTE');
    ASSERT has_table_privilege('ccp_auditor', 'audit.seals', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'audit.seals', 'INSERT');
    ASSERT has_table_privilege('ccp_admin', 'report.seal_status', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_report', 'report.seal_status', 'SELECT');
END
$$;

ROLLBACK;
