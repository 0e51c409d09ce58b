-- Waivers are immutable and not open to roles; everybody reads them.

BEGIN;

DO $$
BEGIN
    ASSERT 2 = (SELECT count(*) FROM pg_catalog.pg_trigger AS t
                WHERE t.tgrelid IN ('app.waivers'::regclass, 'app.waiver_decisions'::regclass)
                    AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.waivers', 'INSERT');
    ASSERT has_table_privilege('ccp_report', 'report.waivers', 'SELECT');
END
$$;

ROLLBACK;
