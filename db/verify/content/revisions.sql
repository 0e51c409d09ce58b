-- Revisions and what hangs on them are insert-only in every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.employee_revisions'::regclass, 'app.transactions'::regclass,
                                'app.old_claims'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 3;
    ASSERT NOT has_table_privilege('ccp_processor', 'app.transactions', 'INSERT');
END
$$;

ROLLBACK;
