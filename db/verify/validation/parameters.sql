-- Every version of every rule has the parameters it needs, and new ones are checked.

BEGIN;

DO $$
BEGIN
    ASSERT NOT EXISTS (
        SELECT FROM app.validation_rules AS r WHERE app.parameter_fault(r.rule_code, r.parameters) IS NOT NULL);
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.validation_rules'::regclass AND t.tgname = 't20_check_parameters'
                       AND t.tgenabled = 'A');
    ASSERT has_table_privilege('ccp_report', 'report.rule_parameters', 'SELECT');
END
$$;

ROLLBACK;
