-- Only administrators change rules.

BEGIN;

DO $$
DECLARE
    v_function text := 'api.save_rule(text, integer, text, boolean, boolean, jsonb, text, text, date, date, text, text)';
BEGIN
    ASSERT has_function_privilege('ccp_admin', v_function, 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', v_function, 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', v_function, 'EXECUTE');
END
$$;

ROLLBACK;
