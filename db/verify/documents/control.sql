-- The rules are registered, informing only.

BEGIN;

DO $$
BEGIN
    ASSERT (SELECT count(*) FROM app.validation_rules AS r
            WHERE r.rule_code IN ('control_total', 'ambiguous_name') AND NOT r.blocks) >= 2;
    ASSERT NOT has_function_privilege('ccp_admin', 'app.total_notices(jsonb)', 'EXECUTE');
END
$$;

ROLLBACK;
