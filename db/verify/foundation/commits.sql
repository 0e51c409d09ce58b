-- The guards stand on the first tables, for every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.users'::regclass, 'app.login_users'::regclass, 'app.settings'::regclass)
                AND NOT t.tgisinternal AND t.tgenabled = 'A') >= 9;
    ASSERT NOT has_table_privilege('ccp_admin', 'audit.commits', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'audit.commits', 'SELECT');
END
$$;

ROLLBACK;
