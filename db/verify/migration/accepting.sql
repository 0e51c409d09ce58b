-- Migration: accepting.

BEGIN;

SELECT app.expect_objects($$
constraint app.accepted_differences.accepted_differences_accepted_at_check
constraint app.accepted_differences.accepted_differences_accepted_by_check
constraint app.accepted_differences.accepted_differences_accepted_by_fkey
constraint app.accepted_differences.accepted_differences_card_numbers_check
constraint app.accepted_differences.accepted_differences_difference_fkey
constraint app.accepted_differences.accepted_differences_month_id_fkey
constraint app.accepted_differences.accepted_differences_pkey
constraint app.accepted_differences.accepted_differences_proposed_by_fkey
constraint app.accepted_differences.accepted_differences_reason_check
constraint app.accepted_differences.accepted_differences_valid_until_check
constraint audit.accepted_differences_history.accepted_differences_history_audit_tx_check
constraint audit.accepted_differences_history.accepted_differences_history_pkey
function api.accept_difference(uuid, text) as owner: execute ccp_admin ccp_reviewer
function api.propose_difference(uuid, integer, date, text, text) as owner: execute ccp_admin ccp_processor
    ccp_reviewer
function app.is_accepted_difference(uuid, text, text, text, text, text)
function audit.capture_accepted_differences() as owner
index app.accepted_differences_accepted_by_idx
index app.accepted_differences_difference_idx
index app.accepted_differences_month_id_idx
index app.accepted_differences_proposed_by_idx
index audit.accepted_differences_history_audit_actor_idx
index audit.accepted_differences_history_audit_tx_audit_at_idx
table app.accepted_differences (acceptance_id, month_id, run_id, difference_number, level, path, old_value, new_value,
    reason, valid_until, proposed_by, proposed_at, accepted_by, accepted_at, created_tx): select ccp_auditor
table audit.accepted_differences_history (acceptance_id, month_id, run_id, difference_number, level, path, old_value,
    new_value, reason, valid_until, proposed_by, proposed_at, accepted_by, accepted_at, created_tx, audit_seq,
    audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.accepted_differences.t00_suppress_redundant
trigger app.accepted_differences.t10_keep
trigger app.accepted_differences.t80_keep_key
trigger app.accepted_differences.t90_capture_delete
trigger app.accepted_differences.t90_capture_insert
trigger app.accepted_differences.t90_capture_update
trigger audit.accepted_differences_history.t10_immutable
type report.acceptance_answer (acceptance_id, run_id, difference_number, valid_until, is_accepted)
view report.accepted_differences (acceptance_id, month_id, run_id, difference_number, level, path, old_value,
    new_value, reason, valid_until, proposed_by_name, proposed_at, accepted_by_name, accepted_at): select ccp_admin
    ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
