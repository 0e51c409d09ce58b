-- Removes trying of rules.

BEGIN;

DROP FUNCTION api.try_rule(text, uuid, text, boolean, boolean, jsonb, text, text);
DROP FUNCTION app.compare_looks(app.revision_draft[], app.rule_look, app.rule_look);
DROP FUNCTION app.look_by_rule(app.revision_draft[], text);
DROP TYPE app.rule_look;
DROP TYPE report.rule_trial;
DROP TYPE report.rule_trial_person;

COMMIT;
