-- People can be read by every role but the worker, and written by none.

BEGIN;

DO $$
BEGIN
    ASSERT has_table_privilege('ccp_report', 'report.employee_revisions', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'report.transactions_history', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'report.validation_issues', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'report.validation_issues', 'UPDATE');
END
$$;

ROLLBACK;
