-- Removes the typed parameters.

BEGIN;

DROP VIEW report.rule_parameters;
DROP TRIGGER t20_check_parameters ON app.validation_rules;
DROP FUNCTION app.validation_rules_check_parameters();
DROP FUNCTION app.parameter_fault(text, jsonb);
SELECT audit.forget_table('app.rule_parameters');
DROP TABLE app.rule_parameters;

COMMIT;
