-- Only administrators link identities, map roles and revoke tokens; only the opening role signs in.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_read_only', 'api.sign_in(text, text, text, text[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_report', 'api.sign_in(text, text, text, text[])', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'api.link_identity(text, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.link_identity(text, text, text, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'api.save_role_claim(text, text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.save_role_claim(text, text, text, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_admin', 'api.revoke_token(text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.revoke_token(text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.check_token_roles(text, text[], text)', 'EXECUTE');
    ASSERT has_table_privilege('ccp_auditor', 'report.user_identities', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_processor', 'report.user_identities', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.user_identities', 'INSERT');
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = 'app.revoked_tokens'::regclass AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = 'app.user_identities'::regclass AND t.tgname = 't90_capture_update' AND t.tgenabled = 'A');
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = 'app.role_claims'::regclass AND t.tgname = 't90_capture_update' AND t.tgenabled = 'A');
END
$$;

ROLLBACK;
