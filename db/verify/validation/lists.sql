-- Only administrators change the lists, everybody reads them.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_admin', 'api.load_chart(text, jsonb, integer, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.load_chart(text, jsonb, integer, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'api.save_prohibited_merchant(text, text, integer, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.save_prohibited_merchant(text, text, integer, text)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_report', 'report.coding_codes', 'SELECT');
END
$$;

ROLLBACK;
