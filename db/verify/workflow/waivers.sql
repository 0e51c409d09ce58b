-- Who may propose, approve and expire.

BEGIN;

SELECT app.expect_objects($$
function api.approve_waiver(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function api.expire_waivers() as owner: execute ccp_admin ccp_worker
function api.propose_decision(uuid, integer, text, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.propose_waiver(uuid, integer, text, text, numeric, date, text) as owner: execute ccp_admin ccp_processor
    ccp_reviewer
function api.reject_waiver(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function app.check_waiver_amount(uuid, numeric)
function app.decide_waiver(text, uuid, integer, text, text)
function app.describe_first_person(app.waivers)
$$);

ROLLBACK;
