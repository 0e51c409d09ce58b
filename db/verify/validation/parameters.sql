-- Every version of every rule has the parameters it needs, and new ones are checked.

BEGIN;

SELECT app.expect_objects($$
constraint app.rule_parameters.rule_parameters_card_numbers_check
constraint app.rule_parameters.rule_parameters_created_tx_check
constraint app.rule_parameters.rule_parameters_parameter_name_check
constraint app.rule_parameters.rule_parameters_parameter_type_check
constraint app.rule_parameters.rule_parameters_pkey
constraint app.rule_parameters.rule_parameters_range_check
function app.parameter_fault(text, jsonb)
function app.validation_rules_check_parameters()
index app.rule_parameters_created_tx_idx
table app.rule_parameters (rule_code, parameter_name, parameter_type, minimum, maximum, unit, description,
    is_optional, created_tx): select ccp_auditor
trigger app.rule_parameters.t10_immutable
trigger app.rule_parameters.t90_mark
trigger app.validation_rules.t20_check_parameters
view report.rule_parameters (rule_code, parameter_name, parameter_type, minimum, maximum, unit, description, value,
    is_optional): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
