-- Acceptance is for those who may import, never for the worker's own role.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_worker', 'api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.accept_documents(uuid, uuid, jsonb, jsonb, jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
