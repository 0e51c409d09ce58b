-- The rules run on nothing and find nothing; nothing here is open to roles.

BEGIN;

DO $$
BEGIN
    ASSERT app.run_rules('{}') = '{}';
    ASSERT NOT has_function_privilege('ccp_admin', 'app.place_issues(app.revision_draft[], app.rule_finding[])', 'EXECUTE');
END
$$;

ROLLBACK;
