-- Judging is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_worker', 'app.judge_rows(jsonb, jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.pages_fault(jsonb, text)', 'EXECUTE');
END
$$;

ROLLBACK;
