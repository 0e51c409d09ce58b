-- Only the worker claims.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_worker', 'api.claim_job(text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'api.claim_job(text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.fail_job(uuid, uuid, text, text, text, boolean)', 'EXECUTE');
END
$$;

ROLLBACK;
