-- The rules are registered, informing only.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM app.validation_rules AS r
            WHERE r.rule_code = 'control_total' AND NOT r.blocks) >= 1;
    ASSERT NOT has_function_privilege('ccp_admin', 'app.total_notices(jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
