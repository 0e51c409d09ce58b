-- Who may go back to an old session.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.restore_session(uuid, uuid, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.restore_session(uuid, uuid, text, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
