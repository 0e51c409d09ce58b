-- Who may take the plain steps.

BEGIN;

DO $$
DECLARE
    v_step text;
BEGIN
    FOREACH v_step IN ARRAY ARRAY['start_issue', 'suspend_issue', 'reopen_issue', 'mark_false_positive', 'note_issue'] LOOP
        v_step := format('api.%I(uuid, integer, text, text)', v_step);
        ASSERT has_function_privilege('ccp_admin', v_step, 'EXECUTE');
        ASSERT has_function_privilege('ccp_processor', v_step, 'EXECUTE');
        ASSERT has_function_privilege('ccp_reviewer', v_step, 'EXECUTE');
        ASSERT NOT has_function_privilege('ccp_read_only', v_step, 'EXECUTE');
        ASSERT NOT has_function_privilege('ccp_worker', v_step, 'EXECUTE');
    END LOOP;
    ASSERT has_function_privilege('ccp_reviewer', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'api.resolve_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_reviewer', 'api.assign_issue(uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.assign_issue(uuid, integer, text, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
