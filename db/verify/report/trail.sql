-- The history of an object is for administrators and auditors.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_auditor', 'report.object_history(uuid)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'report.object_history(uuid)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_auditor', 'audit.trail_transactions', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'audit.trail_transactions', 'SELECT');
END
$$;

ROLLBACK;
