-- Each rule has its finder, and no finder is open to roles.

BEGIN;

DO $$
BEGIN
    ASSERT NOT EXISTS (
        SELECT FROM app.validation_rules AS r
        WHERE to_regprocedure(format('app.%I(app.revision_draft[], jsonb)', r.finder)) IS NULL);
    ASSERT NOT has_function_privilege('ccp_admin', 'app.find_out_of_period(app.revision_draft[], jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
