-- Identification is private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.identify_people(app.staged_person[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.save_cardholders(app.staged_person[])', 'EXECUTE');
END
$$;

ROLLBACK;
