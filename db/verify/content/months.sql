-- Months are private and watched.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid = 'app.months'::regclass AND t.tgname = 't90_capture_insert' AND t.tgenabled = 'A');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.months', 'INSERT');
END
$$;

ROLLBACK;
