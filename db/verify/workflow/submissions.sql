-- Who decides, and who may not.

BEGIN;

SELECT app.expect_objects($$
constraint app.submission_decisions.submission_decisions_card_numbers_check
constraint app.submission_decisions.submission_decisions_control_number_fkey
constraint app.submission_decisions.submission_decisions_created_tx_check
constraint app.submission_decisions.submission_decisions_decided_by_fkey
constraint app.submission_decisions.submission_decisions_decision_check
constraint app.submission_decisions.submission_decisions_parent_session_id_fkey
constraint app.submission_decisions.submission_decisions_pkey
constraint app.submission_decisions.submission_decisions_reason_check
function api.accept_submission(uuid, integer, text, uuid, text) as owner: execute ccp_admin ccp_processor
function api.discard_expired_submissions() as owner: execute ccp_admin ccp_worker
function api.discard_submission(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor
function app.discard_staged(uuid, text)
function app.is_own_submission(uuid, uuid)
function app.lock_awaiting(uuid, integer, text)
function app.name_parent(app.processing_sessions, uuid)
function app.take_staged(app.processing_sessions, text[])
index app.submission_decisions_control_number_idx
index app.submission_decisions_created_tx_idx
index app.submission_decisions_decided_by_idx
index app.submission_decisions_parent_session_id_idx
table app.submission_decisions (session_id, control_number, decision, reason, parent_session_id, decided_by,
    decided_at, created_tx): select ccp_auditor
trigger app.submission_decisions.t10_immutable
trigger app.submission_decisions.t90_mark
view report.submission_decisions (session_id, session_name, control_number, decision, reasons, reason,
    parent_session_id, decided_by_name, decided_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
