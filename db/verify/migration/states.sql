-- The state of the cut-over, and what is refused in it: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
constraint app.cutover_decisions.cutover_decisions_card_numbers_check
constraint app.cutover_decisions.cutover_decisions_created_tx_check
constraint app.cutover_decisions.cutover_decisions_decided_by_check
constraint app.cutover_decisions.cutover_decisions_decided_by_fkey
constraint app.cutover_decisions.cutover_decisions_note_check
constraint app.cutover_decisions.cutover_decisions_pkey
constraint app.cutover_decisions.cutover_decisions_proposal_id_fkey
constraint app.cutover_decisions.cutover_decisions_second_person_check
constraint app.cutover_decisions.cutover_decisions_verdict_check
constraint app.cutover_events.cutover_events_card_numbers_check
constraint app.cutover_events.cutover_events_created_tx_check
constraint app.cutover_events.cutover_events_event_number_check
constraint app.cutover_events.cutover_events_from_state_check
constraint app.cutover_events.cutover_events_pkey
constraint app.cutover_events.cutover_events_proposal_id_fkey
constraint app.cutover_events.cutover_events_reason_check
constraint app.cutover_events.cutover_events_step_check
constraint app.cutover_events.cutover_events_to_state_check
constraint app.cutover_events.cutover_events_two_check
constraint app.cutover_events.cutover_events_user_id_check
constraint app.cutover_events.cutover_events_user_id_fkey
constraint app.cutover_proposals.cutover_proposals_about_check
constraint app.cutover_proposals.cutover_proposals_card_numbers_check
constraint app.cutover_proposals.cutover_proposals_check_code_fkey
constraint app.cutover_proposals.cutover_proposals_created_tx_check
constraint app.cutover_proposals.cutover_proposals_ends_on_check
constraint app.cutover_proposals.cutover_proposals_pkey
constraint app.cutover_proposals.cutover_proposals_proposed_by_check
constraint app.cutover_proposals.cutover_proposals_proposed_by_fkey
constraint app.cutover_proposals.cutover_proposals_proposed_by_key
constraint app.cutover_proposals.cutover_proposals_reason_check
constraint app.cutover_proposals.cutover_proposals_step_check
function app.cutover_state()
function app.describe_cutover()
function app.has_lost_jobs()
function app.keep_held()
function app.keep_held_issues()
function app.newest_cutover()
function app.refuse_held_call(text)
function app.refuse_old_import()
index app.cutover_decisions_created_tx_idx
index app.cutover_decisions_decided_by_idx
index app.cutover_decisions_proposal_id_key
index app.cutover_events_created_tx_idx
index app.cutover_events_proposal_id_key
index app.cutover_events_user_id_idx
index app.cutover_proposals_check_code_idx
index app.cutover_proposals_created_tx_idx
index app.cutover_proposals_proposed_by_idx
table app.cutover_decisions (proposal_id, proposed_by, verdict, note, decided_by, decided_at, created_tx): select
    ccp_auditor
table app.cutover_events (event_number, step, from_state, to_state, proposal_id, reason, verdict, user_id,
    happened_at, created_tx): select ccp_auditor
table app.cutover_proposals (proposal_id, step, check_code, event_number, reason, ends_on, proposed_by, proposed_at,
    created_tx): select ccp_auditor
trigger app.accounting_batches.t10_held
trigger app.corrections.t10_held
trigger app.cutover_decisions.t10_immutable
trigger app.cutover_decisions.t90_mark
trigger app.cutover_events.t10_immutable
trigger app.cutover_events.t90_mark
trigger app.cutover_proposals.t10_immutable
trigger app.cutover_proposals.t90_mark
trigger app.issue_events.t10_held
trigger app.match_decisions.t10_held
trigger app.month_events.t10_held
$$);

ROLLBACK;
