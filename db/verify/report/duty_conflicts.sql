-- Administrators and auditors read it.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_auditor', 'report.duty_conflicts', 'SELECT');
    ASSERT has_table_privilege('ccp_admin', 'report.duty_conflicts', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_processor', 'report.duty_conflicts', 'SELECT');
END
$$;

ROLLBACK;
