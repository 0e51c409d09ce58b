-- Removes control totals and names that fit several people.

BEGIN;

-- Rows of rules are never removed by anybody else; a rule without its finder would stop every import.
ALTER TABLE app.validation_rules DISABLE TRIGGER t10_immutable;
DELETE FROM app.validation_rules AS r WHERE r.rule_code IN ('control_total', 'unread_value');
ALTER TABLE app.validation_rules ENABLE ALWAYS TRIGGER t10_immutable;
DROP FUNCTION app.find_unread_value(app.revision_draft[], jsonb);
DROP FUNCTION app.find_control_total(app.revision_draft[], jsonb);
DROP FUNCTION app.judge_totals(uuid, jsonb);
DROP FUNCTION app.list_unread(jsonb);
DROP FUNCTION app.name_unread(jsonb);
DROP FUNCTION app.total_notices(jsonb);

COMMIT;
