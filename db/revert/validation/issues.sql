-- Removes running rules and placing issues.

BEGIN;

DROP FUNCTION app.place_issues(app.revision_draft[], app.rule_finding[], text[], text);
DROP FUNCTION app.derive_status(uuid, uuid, boolean);
DROP FUNCTION app.flags_of(text[]);
DROP FUNCTION app.run_rules(app.revision_draft[], text[]);
DROP FUNCTION app.fill_template(text, jsonb);
DROP FUNCTION app.drafts_of_source(app.revision_draft[], text);
DROP VIEW app.rules_in_force;
DROP TYPE app.rule_finding;

COMMIT;
