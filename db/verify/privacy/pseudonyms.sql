-- What was proposed is read by few.

BEGIN;

SELECT app.expect_objects($$
constraint app.pseudonym_decisions.pseudonym_decisions_card_numbers_check
constraint app.pseudonym_decisions.pseudonym_decisions_created_tx_check
constraint app.pseudonym_decisions.pseudonym_decisions_decided_by_check
constraint app.pseudonym_decisions.pseudonym_decisions_decided_by_fkey
constraint app.pseudonym_decisions.pseudonym_decisions_note_check
constraint app.pseudonym_decisions.pseudonym_decisions_other_check
constraint app.pseudonym_decisions.pseudonym_decisions_pkey
constraint app.pseudonym_decisions.pseudonym_decisions_proposal_fkey
constraint app.pseudonym_decisions.pseudonym_decisions_verdict_check
constraint app.pseudonym_proposals.pseudonym_proposals_card_numbers_check
constraint app.pseudonym_proposals.pseudonym_proposals_cardholder_id_fkey
constraint app.pseudonym_proposals.pseudonym_proposals_created_tx_check
constraint app.pseudonym_proposals.pseudonym_proposals_lifts_fkey
constraint app.pseudonym_proposals.pseudonym_proposals_pkey
constraint app.pseudonym_proposals.pseudonym_proposals_proposed_by_check
constraint app.pseudonym_proposals.pseudonym_proposals_proposed_by_fkey
constraint app.pseudonym_proposals.pseudonym_proposals_proposed_key
constraint app.pseudonym_proposals.pseudonym_proposals_reason_check
function app.judge_pseudonym(uuid, text[])
index app.pseudonym_decisions_created_tx_idx
index app.pseudonym_decisions_decided_by_idx
index app.pseudonym_proposals_cardholder_id_idx
index app.pseudonym_proposals_created_tx_idx
index app.pseudonym_proposals_lifts_idx
index app.pseudonym_proposals_proposed_by_idx
table app.pseudonym_decisions (proposal_id, proposed_by, verdict, note, decided_by, decided_at, created_tx): select
    ccp_auditor
table app.pseudonym_proposals (proposal_id, cardholder_id, lifts, spellings, reason, proposed_by, proposed_at,
    created_tx): select ccp_auditor
trigger app.pseudonym_decisions.t10_immutable
trigger app.pseudonym_decisions.t90_mark
trigger app.pseudonym_proposals.t10_immutable
trigger app.pseudonym_proposals.t90_mark
view report.pseudonyms (proposal_id, cardholder_id, lifts, employee_name, state, reason, proposed_by,
    proposed_by_name, proposed_at, note, decided_by, decided_by_name, decided_at): select ccp_admin ccp_auditor
    ccp_reviewer
$$);

ROLLBACK;
