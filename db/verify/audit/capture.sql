-- The first tables are watched, for every replication role; nobody but their owner reaches the histories.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.users'::regclass, 'app.login_users'::regclass, 'app.settings'::regclass)
                AND NOT t.tgisinternal AND t.tgenabled = 'A') >= 18;
    ASSERT has_table_privilege('ccp_auditor', 'audit.users_history', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_auditor', 'audit.users_history', 'INSERT');
    ASSERT NOT has_table_privilege('ccp_admin', 'audit.users_history', 'SELECT');
    ASSERT has_table_privilege('ccp_admin', 'report.audit_trail', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_report', 'report.audit_trail', 'SELECT');
END
$$;

ROLLBACK;
