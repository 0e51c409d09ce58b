-- System users exist; the list of users is for administrators and auditors only.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM app.users AS u WHERE u.is_system) = 2;
    ASSERT has_table_privilege('ccp_auditor', 'report.users', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_processor', 'report.users', 'SELECT');
    ASSERT NOT has_function_privilege('ccp_service', 'api.whoami()', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'api.whoami()', 'EXECUTE');
END
$$;

ROLLBACK;
