-- Processors approve aliases; everybody sees the names without one.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.approve_alias(text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.approve_alias(text, text, text)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_read_only', 'report.unmatched_names', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.move_receipts(uuid, uuid, text)', 'EXECUTE');
END
$$;

ROLLBACK;
