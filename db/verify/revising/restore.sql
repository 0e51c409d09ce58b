-- Who may go back.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.restore_revision(uuid, uuid, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.restore_revision(uuid, uuid, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
