-- Only administrators and processors correct.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_processor', 'api.current_transactions', 'UPDATE');
    ASSERT NOT has_table_privilege('ccp_reviewer', 'api.current_transactions', 'UPDATE');
    ASSERT NOT has_table_privilege('ccp_report', 'api.current_transactions', 'SELECT');
    ASSERT has_function_privilege('ccp_processor', 'api.correct_transactions(uuid, jsonb, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.correct_transactions(uuid, jsonb, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
