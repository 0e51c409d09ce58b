-- The auditor and administrators verify.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_auditor', 'audit.verify(bigint, bigint, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'audit.verify(bigint, bigint, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'audit.check_switched(bigint)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'audit.verify(bigint, bigint, text)', 'EXECUTE');
END
$$;

ROLLBACK;
