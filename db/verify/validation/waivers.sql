-- Waivers are immutable and not open to roles; everybody reads them.

BEGIN;

SELECT app.expect_objects($$
constraint app.waiver_decisions.waiver_decisions_card_numbers_check
constraint app.waiver_decisions.waiver_decisions_created_tx_check
constraint app.waiver_decisions.waiver_decisions_decided_by_fkey
constraint app.waiver_decisions.waiver_decisions_note_check
constraint app.waiver_decisions.waiver_decisions_pkey
constraint app.waiver_decisions.waiver_decisions_second_person_check
constraint app.waiver_decisions.waiver_decisions_verdict_check
constraint app.waiver_decisions.waiver_decisions_waiver_id_fkey
constraint app.waivers.waivers_amount_limit_check
constraint app.waivers.waivers_card_numbers_check
constraint app.waivers.waivers_carried_from_fkey
constraint app.waivers.waivers_created_tx_check
constraint app.waivers.waivers_ends_on_check
constraint app.waivers.waivers_issue_id_fkey
constraint app.waivers.waivers_issue_id_issue_version_key
constraint app.waivers.waivers_limits_check
constraint app.waivers.waivers_pkey
constraint app.waivers.waivers_proposed_by_fkey
constraint app.waivers.waivers_proposed_method_check
constraint app.waivers.waivers_reason_check
constraint app.waivers.waivers_reason_class_check
constraint app.waivers.waivers_waiver_id_proposed_by_key
function app.decision_limit(uuid)
index app.waiver_decisions_created_tx_idx
index app.waiver_decisions_decided_by_idx
index app.waivers_carried_from_idx
index app.waivers_created_tx_idx
index app.waivers_ends_on_idx
index app.waivers_proposed_by_idx
table app.waiver_decisions (waiver_id, proposed_by, verdict, note, decided_by, decided_at, created_tx): select
    ccp_auditor
table app.waivers (waiver_id, issue_id, issue_version, proposed_method, reason_class, reason, amount_limit, ends_on,
    proposed_by, proposed_at, carried_from, created_tx): select ccp_auditor
trigger app.waiver_decisions.t10_immutable
trigger app.waiver_decisions.t90_mark
trigger app.waivers.t10_immutable
trigger app.waivers.t90_mark
view app.latest_waivers (waiver_id, issue_id, issue_version, proposed_method, reason_class, reason, amount_limit,
    ends_on, proposed_by, proposed_at, carried_from, created_tx, verdict, decision_note, decided_by, decided_at):
    select ccp_auditor
view app.waivers_over (issue_id, waiver_id, version): select ccp_auditor
view report.waivers (waiver_id, issue_id, reason_class, reason, amount_limit, ends_on, proposed_by_name, proposed_at,
    verdict, decision_note, decided_by_name, decided_at, carried_from, proposed_method, session_id): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
