-- Measuring works on nothing and is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT EXISTS (SELECT FROM app.measure_revisions('{}'));
    ASSERT NOT has_function_privilege('ccp_admin', 'app.measure_revisions(uuid[])', 'EXECUTE');
END
$$;

ROLLBACK;
