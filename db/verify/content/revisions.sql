-- Revisions and what hangs on them are insert-only in every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.employee_revisions'::regclass, 'app.receipt_contents'::regclass,
                                'app.receipt_links'::regclass,
                                'app.old_claims'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 4;
    ASSERT NOT has_table_privilege('ccp_processor', 'app.receipt_links', 'INSERT');
END
$$;

ROLLBACK;
