-- Only the worker and administrators make partitions.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_worker', 'audit.make_partitions(date)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'audit.make_partitions(date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'audit.make_partitions(date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'audit.create_history(regclass)', 'EXECUTE');
END
$$;

ROLLBACK;
