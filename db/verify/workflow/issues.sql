-- Nobody but the owner takes steps past the calls.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.take_steps(text, app.issue_item[], uuid, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.judge_steps(text, app.issue_item[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.judge_step(text, uuid, integer, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.step_issue(text, uuid, integer, text, text, text, text)',
        'EXECUTE');
END
$$;

ROLLBACK;
