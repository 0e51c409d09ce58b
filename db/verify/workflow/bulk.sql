-- Who may resolve in bulk.

BEGIN;

DO $$
DECLARE
    v_function text := 'api.resolve_issues(jsonb, jsonb, text, text, boolean, boolean, text)';
BEGIN
    ASSERT has_function_privilege('ccp_reviewer', v_function, 'EXECUTE');
    ASSERT has_function_privilege('ccp_processor', v_function, 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', v_function, 'EXECUTE');
END
$$;

ROLLBACK;
