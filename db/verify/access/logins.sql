-- Administrators and auditors see which logins lack limits.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_auditor', 'report.login_limits', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_report', 'report.login_limits', 'SELECT');
END
$$;

ROLLBACK;
