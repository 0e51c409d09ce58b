-- What place_issues calls is there and not open to roles.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.add_issues(app.revision_draft[], app.rule_finding[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.revive_issues(uuid, uuid)', 'EXECUTE');
END
$$;

ROLLBACK;
