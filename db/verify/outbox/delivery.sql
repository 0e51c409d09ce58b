-- Only workers deliver.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_worker', 'api.claim_messages(integer, integer)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'api.claim_messages(integer, integer)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_worker', 'api.record_delivery(uuid, integer, text, boolean)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.record_delivery(uuid, integer, text, boolean)', 'EXECUTE');
END
$$;

ROLLBACK;
