-- Everybody who reads reads the work lists.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_read_only', 'report.work_list', 'SELECT');
    ASSERT has_table_privilege('ccp_report', 'report.ageing', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'report.claimed_fixed_still_present', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'report.work_list', 'SELECT');
END
$$;

ROLLBACK;
