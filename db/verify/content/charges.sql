-- Charges and what hangs on them are insert-only in every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.charges'::regclass, 'app.charge_lines'::regclass, 'app.card_totals'::regclass,
                    'app.bank_sides'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 4;
    ASSERT NOT has_table_privilege('ccp_processor', 'app.charges', 'INSERT');
END
$$;

ROLLBACK;
