-- Nobody but the owner makes revisions by these.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.lock_people(uuid[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.lock_person(uuid, uuid, integer)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.copy_receipts(uuid[], uuid[], uuid[])', 'EXECUTE');
END
$$;

ROLLBACK;
