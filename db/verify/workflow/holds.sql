-- Who may put people on hold and release them.

BEGIN;

DO $$
DECLARE
    v_step text;
BEGIN
    FOREACH v_step IN ARRAY ARRAY['hold_employee', 'release_employee'] LOOP
        v_step := format('api.%I(uuid, uuid, integer, text, text)', v_step);
        ASSERT has_function_privilege('ccp_admin', v_step, 'EXECUTE');
        ASSERT has_function_privilege('ccp_processor', v_step, 'EXECUTE');
        ASSERT has_function_privilege('ccp_reviewer', v_step, 'EXECUTE');
        ASSERT NOT has_function_privilege('ccp_read_only', v_step, 'EXECUTE');
        ASSERT NOT has_function_privilege('ccp_worker', v_step, 'EXECUTE');
    END LOOP;
    ASSERT NOT has_function_privilege('ccp_admin', 'app.set_hold(text, uuid, uuid, integer, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
