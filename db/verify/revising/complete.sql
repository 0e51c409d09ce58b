-- Nobody but the owner makes revisions.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.complete_revisions(app.revision_draft[], text, text)', 'EXECUTE');
END
$$;

ROLLBACK;
