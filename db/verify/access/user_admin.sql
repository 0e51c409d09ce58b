-- Only administrators manage users, logins and settings.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = 'app.users'::regclass AND t.tgname = 't50_keep_administrator' AND t.tgenabled = 'A');
    ASSERT has_function_privilege('ccp_admin', 'api.save_user(text, text, text, uuid, boolean)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.save_user(text, text, text, uuid, boolean)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.map_login(text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_auditor', 'api.save_setting(text, numeric)', 'EXECUTE');
END
$$;

ROLLBACK;
