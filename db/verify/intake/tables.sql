-- Attempts are kept for good and private.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.import_attempts'::regclass, 'app.import_rejects'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 2;
    ASSERT NOT has_table_privilege('ccp_admin', 'app.import_attempts', 'SELECT');
END
$$;

ROLLBACK;
