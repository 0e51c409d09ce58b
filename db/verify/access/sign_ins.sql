-- Everybody signs in and out; administrators and auditors see who did.

BEGIN;

SELECT app.expect_objects($$
constraint app.sign_ins.sign_ins_card_numbers_check
constraint app.sign_ins.sign_ins_link_id_check
constraint app.sign_ins.sign_ins_link_id_key
constraint app.sign_ins.sign_ins_method_check
constraint app.sign_ins.sign_ins_method_link_id_check
constraint app.sign_ins.sign_ins_pkey
constraint app.sign_ins.sign_ins_sign_in_id_check
constraint app.sign_ins.sign_ins_signed_out_at_check
constraint app.sign_ins.sign_ins_user_id_fkey
constraint audit.sign_ins_history.sign_ins_history_audit_tx_check
constraint audit.sign_ins_history.sign_ins_history_pkey
function api.record_sign_in(text, text, text, text) as owner: execute ccp_admin ccp_processor ccp_read_only
    ccp_reviewer
function api.record_sign_out(text, text) as owner: execute ccp_admin ccp_processor ccp_read_only ccp_reviewer
function app.end_sign_ins()
function audit.capture_sign_ins() as owner
index app.sign_ins_user_id_idx
index audit.sign_ins_history_audit_actor_idx
index audit.sign_ins_history_audit_tx_audit_at_idx
table app.sign_ins (sign_in_id, user_id, method, link_id, signed_in_at, signed_out_at): select ccp_auditor
table audit.sign_ins_history (sign_in_id, user_id, method, link_id, signed_in_at, signed_out_at, audit_seq, audit_tx,
    audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.sign_ins.t00_suppress_redundant
trigger app.sign_ins.t10_keep
trigger app.sign_ins.t80_keep_key
trigger app.sign_ins.t90_capture_delete
trigger app.sign_ins.t90_capture_insert
trigger app.sign_ins.t90_capture_update
trigger app.users.t60_end_sign_ins
trigger audit.sign_ins_history.t10_immutable
view report.sign_ins (sign_in_id, user_name, method, signed_in_at, signed_out_at): select ccp_admin ccp_auditor
$$);

ROLLBACK;
