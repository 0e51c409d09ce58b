-- Who may open and who may cancel.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.create_session(text, uuid, text, text, date, date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.create_session(text, uuid, text, text, date, date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.cancel_session(uuid, text)', 'EXECUTE');
END
$$;

ROLLBACK;
