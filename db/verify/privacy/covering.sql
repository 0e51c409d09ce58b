-- One proposes, another confirms.

BEGIN;

SELECT app.expect_objects($$
function api.confirm_pseudonym(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.pseudonymise_cardholder(uuid, text, text[], text) as owner: execute ccp_admin
function api.reject_pseudonym(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function app.cover_person(uuid, text[])
function app.decide_pseudonym(text, uuid, text, text, text)
function app.judge_removal(uuid[], text[])
function app.names_anybody(app.kept_entries, text[])
$$);

ROLLBACK;
