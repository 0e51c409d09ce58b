-- The trail's differences can be read by those who may read the trail; only migrations build it.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_auditor', 'report.changed_fields(jsonb, jsonb)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'audit.build_trail()', 'EXECUTE');
END
$$;

ROLLBACK;
