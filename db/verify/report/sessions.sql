-- Sessions can be read by every role but the worker.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_report', 'report.sessions', 'SELECT');
    ASSERT has_table_privilege('ccp_read_only', 'report.processing_sessions', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'report.sessions', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'report.sessions', 'UPDATE');
END
$$;

ROLLBACK;
