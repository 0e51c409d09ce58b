-- The end of a run writes its message; only administrators and auditors read them.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.processing_sessions'::regclass AND t.tgname = 't70_notify' AND t.tgenabled = 'A');
    ASSERT has_table_privilege('ccp_admin', 'report.outbox', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_processor', 'report.outbox', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_worker', 'app.outbox', 'SELECT');
END
$$;

ROLLBACK;
