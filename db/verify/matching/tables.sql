-- Decisions, matchings, allocations and open items are insert-only in every replication role.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM pg_catalog.pg_trigger AS t
            WHERE t.tgrelid IN ('app.match_decisions'::regclass, 'app.matchings'::regclass, 'app.found_allocations'::regclass,
                    'app.found_open_items'::regclass)
                AND t.tgname = 't10_immutable' AND t.tgenabled = 'A') = 4;
    ASSERT NOT has_table_privilege('ccp_processor', 'app.found_allocations', 'INSERT');
    ASSERT NOT has_table_privilege('ccp_processor', 'app.match_decisions', 'SELECT');
END
$$;

ROLLBACK;
