-- Which parameters a rule has, of which type and range: nothing else is taken.
-- requires: validation/catalogue_receipts
-- requires: validation/catalogue_charges
-- requires: validation/issues

BEGIN;

CREATE TABLE app.rule_parameters (
    rule_code text NOT NULL,
    parameter_name text NOT NULL,
    parameter_type text NOT NULL,
    minimum numeric NOT NULL,
    maximum numeric NOT NULL,
    unit text NOT NULL,
    description text NOT NULL,
    is_optional boolean NOT NULL DEFAULT false,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT rule_parameters_pkey PRIMARY KEY (rule_code, parameter_name),
    CONSTRAINT rule_parameters_parameter_name_check CHECK (parameter_name ~ '^[a-z][a-z0-9_]*$'),
    CONSTRAINT rule_parameters_parameter_type_check CHECK (parameter_type IN ('integer', 'money')),
    CONSTRAINT rule_parameters_range_check CHECK (minimum <= maximum)
);
COMMENT ON TABLE app.rule_parameters IS 'The parameters of the rules, with type and range. A version of a rule gives each of its parameters a value.';
COMMENT ON COLUMN app.rule_parameters.rule_code IS 'The rule.';
COMMENT ON COLUMN app.rule_parameters.parameter_name IS 'Name, lower snake case.';
COMMENT ON COLUMN app.rule_parameters.parameter_type IS 'integer, or money: dollars with at most two decimals.';
COMMENT ON COLUMN app.rule_parameters.minimum IS 'The smallest value allowed.';
COMMENT ON COLUMN app.rule_parameters.maximum IS 'The largest value allowed.';
COMMENT ON COLUMN app.rule_parameters.unit IS 'Unit of the value.';
COMMENT ON COLUMN app.rule_parameters.description IS 'What the parameter does.';
COMMENT ON COLUMN app.rule_parameters.is_optional IS 'True when it may be null: not set.';
COMMENT ON COLUMN app.rule_parameters.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.rule_parameters', 'immutable');

INSERT INTO app.rule_parameters (rule_code, parameter_name, parameter_type, minimum, maximum, unit, description) VALUES
('missing_coding_info', 'minimum_amount', 'money', 0, 1000000, 'dollars', 'Receipts below this amount need no coding.'),
('missing_receipt', 'minimum_amount', 'money', 0, 1000000, 'dollars', 'Receipts below this amount need no attachment.'),
('missing_all_receipts', 'minimum_amount', 'money', 0, 1000000, 'dollars',
    'People with a card total below this amount need no receipt.'),
('total_mismatch', 'minimum_amount', 'money', 0, 1000000, 'dollars', 'Differences below this amount are none.'),
('unmatched_charge', 'minimum_amount', 'money', 0, 1000000, 'dollars',
    'Charges below this amount need no receipt; they are found and do not block.'),
('missing_purpose', 'minimum_amount', 'money', 0, 1000000, 'dollars', 'Receipts below this amount need no purpose.'),
('receipt_off_period', 'days_before', 'integer', 0, 366, 'days', 'How long before the period a receipt may be dated.'),
('receipt_off_period', 'days_after', 'integer', 0, 366, 'days', 'How long after the period a receipt may be dated.'),
('future_dated', 'days_ahead', 'integer', 0, 366, 'days', 'How far after the day of the session a date may lie.'),
('stale_posting', 'days', 'integer', 0, 3660, 'days', 'How long after the purchase a charge may be posted.'),
('over_limit', 'medium_from', 'integer', 100, 10000, 'percent of the limit', 'Charges above it are of medium severity.'),
('over_limit', 'high_from', 'integer', 100, 10000, 'percent of the limit', 'Charges above it are of high severity.'),
('split_purchase', 'limit', 'money', 0, 10000000, 'dollars', 'Largest purchase that needs no approval.'),
('split_purchase', 'business_days', 'integer', 0, 20, 'business days', 'How many business days after the first charge count with it.'),
('duplicate_across_cards', 'minimum_amount', 'money', 0, 1000000, 'dollars', 'Smaller charges are not compared.');
INSERT INTO app.rule_parameters (rule_code, parameter_name, parameter_type, minimum, maximum, unit, description, is_optional)
VALUES ('over_limit', 'limit', 'money', 0, 10000000, 'dollars',
    'Largest charge that needs no approval, where neither the person nor the merchant group has a limit; null: none is set.',
    true);

CREATE OR REPLACE FUNCTION app.parameter_fault(p_rule_code text, p_parameters jsonb) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT min(CASE
            WHEN p.parameter_name IS NULL THEN format('%s is no parameter of this rule', v.key)
            WHEN v.key IS NULL THEN format('%s has no value', p.parameter_name)
            WHEN v.type = 'null' AND p.is_optional THEN NULL
            WHEN v.type <> 'number' THEN format('%s is not a number', v.key)
            WHEN v.number NOT BETWEEN p.minimum AND p.maximum
                THEN format('%s is outside %s to %s', v.key, p.minimum, p.maximum)
            WHEN v.number <> round(v.number, CASE p.parameter_type WHEN 'money' THEN 2 ELSE 0 END)
                THEN format('%s has too many decimals', v.key) END)
    FROM (SELECT x.* FROM app.rule_parameters AS x WHERE x.rule_code = p_rule_code) AS p
    FULL JOIN (
        SELECT e.key, jsonb_typeof(e.value) AS type,
            CASE jsonb_typeof(e.value) WHEN 'number' THEN e.value::numeric END AS number
        FROM jsonb_each(p_parameters) AS e
    ) AS v ON v.key = p.parameter_name;
END;
COMMENT ON FUNCTION app.parameter_fault(text, jsonb) IS 'What is wrong with the parameters of a rule, in words: one that the rule does not have, one without value, of another type or outside its range. Null when nothing is.';

CREATE OR REPLACE FUNCTION app.validation_rules_check_parameters() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    v_fault text := app.parameter_fault(NEW.rule_code, NEW.parameters);
BEGIN
    IF v_fault IS NOT NULL THEN
        PERFORM app.fail('IV061', 'parameters', NULL, pg_catalog.format('%s: %s', NEW.rule_code, v_fault));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.validation_rules_check_parameters() IS 'Row trigger of rules: refuses a version whose parameters do not fit, IV061.';
CREATE OR REPLACE TRIGGER t20_check_parameters BEFORE INSERT ON app.validation_rules
    FOR EACH ROW EXECUTE FUNCTION app.validation_rules_check_parameters();
COMMENT ON TRIGGER t20_check_parameters ON app.validation_rules IS 'Refuses parameters that the rule does not have or that are out of range.';
ALTER TABLE app.validation_rules ENABLE ALWAYS TRIGGER t20_check_parameters;

CREATE OR REPLACE VIEW report.rule_parameters AS
SELECT p.rule_code, p.parameter_name, p.parameter_type, p.minimum, p.maximum, p.unit, p.description,
    (SELECT r.parameters -> p.parameter_name FROM app.rules_in_force AS r WHERE r.rule_code = p.rule_code) AS value,
    p.is_optional
FROM app.rule_parameters AS p;
COMMENT ON VIEW report.rule_parameters IS 'The parameters of the rules with type, range and the value in force.';
COMMENT ON COLUMN report.rule_parameters.value IS 'The value in force; null while the rule is not.';
SELECT app.describe_columns('report.rule_parameters', 'app.rule_parameters');
GRANT SELECT ON report.rule_parameters
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
