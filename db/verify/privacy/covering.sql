-- One proposes, another confirms.

BEGIN;

SELECT app.expect_objects($$
function api.confirm_pseudonym(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.lift_pseudonym(uuid, text, text) as owner: execute ccp_admin
function api.pseudonymise_cardholder(uuid, text, text[], text) as owner: execute ccp_admin
function api.reject_pseudonym(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function app.cover_person(uuid, text[])
function app.decide_pseudonym(text, uuid, text, text, text)
function app.documents_of(uuid[])
function app.has_name(text, text[])
function app.judge_lift(uuid)
function app.judge_removal(app.removals[], text[])
function app.removals_for(uuid[], text[])
function report.foreseen_removals(uuid) as owner: execute ccp_admin ccp_auditor ccp_reviewer
$$);

ROLLBACK;
