-- The rules run on nothing and find nothing; nothing here is open to roles.

BEGIN;

SELECT app.expect_objects($$
function app.derive_status(uuid, uuid, boolean)
function app.drafts_of_source(app.revision_draft[], text)
function app.fill_template(text, jsonb)
function app.flags_of(text[])
function app.place_issues(app.revision_draft[], app.rule_finding[], text[], text)
function app.run_rules(app.revision_draft[], text[])
type app.rule_finding (rule_code, rule_version, severity, found)
view app.rules_in_force (rule_code, version, severity, enabled, blocks, finder, parameters, description,
    suggested_resolution, description_template, valid_from, valid_until, scope, created_at, created_tx): select
    ccp_auditor
$$);

ROLLBACK;
