-- Two people, and the way back: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
function api.confirm_cutover(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.propose_check_waiver(text, text, date, text) as owner: execute ccp_admin
function api.propose_cutover_step(text, text, text) as owner: execute ccp_admin
function api.reject_cutover(uuid, text, text) as owner: execute ccp_admin ccp_reviewer
function api.roll_back_cutover(text, text) as owner: execute ccp_admin
function app.judge_step(text)
function app.lock_proposal(uuid, boolean)
function app.propose_cutover(text, text, text, date)
function app.take_step(app.cutover_steps, uuid, text)
view report.cutover_events (event_number, step, from_state, to_state, proposal_id, reason, verdict, user_id,
    user_name, happened_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.cutover_proposals (proposal_id, step, check_code, reason, ends_on, proposed_by, proposed_by_name,
    proposed_at, state, note, decided_by, decided_by_name, decided_at): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
