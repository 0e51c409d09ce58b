-- The end of a run writes its message; only administrators and auditors read them.

BEGIN;

SELECT app.expect_objects($$
constraint app.outbox.outbox_attempts_check
constraint app.outbox.outbox_card_numbers_check
constraint app.outbox.outbox_cardholder_id_fkey
constraint app.outbox.outbox_cardholder_id_reminded_on_key
constraint app.outbox.outbox_kind_check
constraint app.outbox.outbox_last_error_check
constraint app.outbox.outbox_pkey
constraint app.outbox.outbox_recipient_check
constraint app.outbox.outbox_recipient_id_fkey
constraint app.outbox.outbox_reminded_on_check
constraint app.outbox.outbox_sent_at_check
constraint app.outbox.outbox_session_id_fkey
constraint app.outbox.outbox_state_check
constraint audit.outbox_history.outbox_history_audit_tx_check
constraint audit.outbox_history.outbox_history_pkey
function app.processing_sessions_notify() as owner
function audit.capture_outbox() as owner
index app.outbox_pending_idx
index app.outbox_recipient_id_idx
index app.outbox_session_id_idx
index audit.outbox_history_audit_actor_idx
index audit.outbox_history_audit_tx_audit_at_idx
index audit.outbox_history_cardholder_id_idx
index audit.outbox_history_session_id_cardholder_id_idx
table app.outbox (message_id, kind, session_id, recipient_id, cardholder_id, reminded_on, summary, state, attempts,
    next_attempt_at, last_error, sent_at, created_at): select ccp_auditor
table audit.outbox_history (message_id, kind, session_id, recipient_id, cardholder_id, reminded_on, summary, state,
    attempts, next_attempt_at, last_error, sent_at, created_at, audit_seq, audit_tx, audit_at, audit_operation,
    audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.outbox.t00_suppress_redundant
trigger app.outbox.t10_keep
trigger app.outbox.t80_keep_key
trigger app.outbox.t90_capture_delete
trigger app.outbox.t90_capture_insert
trigger app.outbox.t90_capture_update
trigger app.processing_sessions.t70_notify
trigger audit.outbox_history.t10_immutable
view report.outbox (message_id, kind, session_id, recipient_name, summary, state, attempts, next_attempt_at,
    last_error, sent_at, created_at, cardholder_id, reminded_on): select ccp_admin ccp_auditor
$$);

ROLLBACK;
