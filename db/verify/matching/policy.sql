-- One policy is there; only administrators may change it and nobody edits a version.

BEGIN;

DO $$
BEGIN
    ASSERT to_regprocedure('app.matching_policy()') IS NOT NULL;
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.matching_policies'::regclass AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT has_function_privilege('ccp_admin', 'api.save_matching_policy(jsonb, integer, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.save_matching_policy(jsonb, integer, text)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_read_only', 'report.matching_policies', 'SELECT');
END
$$;

ROLLBACK;
