-- Histories are made by migrations only.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'audit.create_history(regclass)', 'EXECUTE');
    ASSERT has_schema_privilege('ccp_worker', 'audit', 'USAGE');
END
$$;

ROLLBACK;
