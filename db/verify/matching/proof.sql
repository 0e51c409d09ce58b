-- The proof is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.matching_violations(bigint)', 'EXECUTE');
END
$$;

ROLLBACK;
