-- Who may resolve.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_reviewer', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
