-- Who may import.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.import_activity(text, text, uuid, boolean, text, text, text, date, date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.import_activity(text, text, uuid, boolean, text, text, text, date, date)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_service', 'api.import_activity(text, text, uuid, boolean, text, text, text, date, date)', 'EXECUTE');
END
$$;

ROLLBACK;
