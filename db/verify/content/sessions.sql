-- Sessions and people in them are private, watched and versioned.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.processing_sessions'::regclass, 'app.session_employees'::regclass)
                AND t.tgname = 't50_stamp' AND t.tgenabled = 'A') = 2;
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid = 'app.processing_metrics'::regclass AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.session_employees', 'UPDATE');
END
$$;

ROLLBACK;
