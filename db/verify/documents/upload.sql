-- Processors hand in documents, reviewers do not.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.queue_documents(uuid, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_processor', 'api.store_chunk(uuid, integer, bytea)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.queue_documents(uuid, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_worker', 'api.store_chunk(uuid, integer, bytea)', 'EXECUTE');
END
$$;

ROLLBACK;
