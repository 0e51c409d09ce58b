-- Nobody but the owner opens or fills sessions directly.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.accept_activity(jsonb, uuid, text[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.open_session(text, uuid, text, bytea, text, text, text, date, date)', 'EXECUTE');
END
$$;

ROLLBACK;
