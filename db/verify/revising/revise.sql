-- Nobody but the owner makes revisions by these.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.copy_receipts(uuid[], uuid[], uuid[])', 'EXECUTE');
END
$$;

ROLLBACK;
