-- Reading works on nothing and is private.

BEGIN;

DO $$
BEGIN
    ASSERT app.stage_people('{}') IS NULL;
    ASSERT NOT has_function_privilege('ccp_admin', 'app.stage_people(jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
