-- Settling a month is no call of its own.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.settle_month(uuid, app.revision_draft[], date, date)', 'EXECUTE');
END
$$;

ROLLBACK;
