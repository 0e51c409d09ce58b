-- Only administrators manage users, logins and settings.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_admin', 'api.save_user(text, text, text, uuid, boolean, integer, text, text[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.save_user(text, text, text, uuid, boolean, integer, text, text[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.map_login(text, text, integer, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'api.save_setting(text, numeric, integer, text)', 'EXECUTE');
END
$$;

ROLLBACK;
