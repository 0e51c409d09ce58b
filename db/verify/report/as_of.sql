-- Whoever reads a view reads it as of an instant too.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_report', 'report.transactions_as_of(timestamptz)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_read_only', 'report.sessions_as_of(timestamptz)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_report', 'as_of.transactions', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_worker', 'report.transactions_as_of(timestamptz)', 'EXECUTE');
END
$$;

ROLLBACK;
