-- Names fold; aliases are approved by administrators and processors only.

BEGIN;

DO $$
BEGIN
    ASSERT app.name_key('René O''Under-Hollow') = 'RENEOUNDERHOLLOW';
    ASSERT has_function_privilege('ccp_processor', 'api.approve_alias(text, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.approve_alias(text, text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
