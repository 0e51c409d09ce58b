-- Charges and people are for every reader; comparing them is no call of its own.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_report', 'report.charges', 'SELECT');
    ASSERT has_table_privilege('ccp_report', 'report.charge_lines', 'SELECT');
    ASSERT has_table_privilege('ccp_report', 'report.cardholders', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'report.charges', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_report', 'app.compare_charges(uuid[], uuid[])', 'EXECUTE');
END
$$;

ROLLBACK;
