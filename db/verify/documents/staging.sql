-- Staging is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.stage_documents(jsonb, jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.document_receipts(jsonb, app.staged_person[])', 'EXECUTE');
END
$$;

ROLLBACK;
