-- Only migrations make functions of an instant.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'audit.make_as_of(regclass)', 'EXECUTE');
END
$$;

ROLLBACK;
