-- Comparing works on nothing and is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT EXISTS (SELECT FROM app.compare_transactions('{}', '{}'));
    ASSERT NOT has_function_privilege('ccp_admin', 'app.compare_transactions(uuid[], uuid[])', 'EXECUTE');
END
$$;

ROLLBACK;
