-- Everybody reads the ledger; those who export read the bytes.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_read_only', 'report.document_pages', 'SELECT');
    ASSERT has_function_privilege('ccp_reviewer', 'api.read_chunk(uuid, integer)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.read_chunk(uuid, integer)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'api.read_chunk(uuid, integer)', 'EXECUTE');
END
$$;

ROLLBACK;
