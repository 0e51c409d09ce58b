-- Everybody who reads may see the instants; the worker and administrators write them.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_report', 'report.ticks', 'SELECT');
    ASSERT has_function_privilege('ccp_worker', 'audit.tick(text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'audit.tick(text)', 'EXECUTE');
    ASSERT NOT has_table_privilege('ccp_worker', 'audit.ticks', 'INSERT');
END
$$;

ROLLBACK;
