-- Only administrators set limits, everybody reads them.

BEGIN;

SELECT app.expect_objects($$
constraint app.spending_limits.spending_limits_card_numbers_check
constraint app.spending_limits.spending_limits_cardholder_id_fkey
constraint app.spending_limits.spending_limits_limit_amount_check
constraint app.spending_limits.spending_limits_merchant_group_check
constraint app.spending_limits.spending_limits_pkey
constraint app.spending_limits.spending_limits_subject_check
constraint app.spending_limits.spending_limits_subject_key
constraint audit.spending_limits_history.spending_limits_history_audit_tx_check
constraint audit.spending_limits_history.spending_limits_history_pkey
function api.save_spending_limit(uuid, text, numeric, integer, text) as owner: execute ccp_admin
function audit.capture_spending_limits() as owner
index audit.spending_limits_history_audit_actor_idx
index audit.spending_limits_history_audit_tx_audit_at_idx
index audit.spending_limits_history_cardholder_id_idx
table app.spending_limits (limit_id, cardholder_id, merchant_group, limit_amount, version): select ccp_auditor
table audit.spending_limits_history (limit_id, cardholder_id, merchant_group, limit_amount, version, audit_seq,
    audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.spending_limits.t00_suppress_redundant
trigger app.spending_limits.t10_keep
trigger app.spending_limits.t50_version
trigger app.spending_limits.t80_keep_key
trigger app.spending_limits.t90_capture_delete
trigger app.spending_limits.t90_capture_insert
trigger app.spending_limits.t90_capture_update
trigger audit.spending_limits_history.t10_immutable
view report.spending_limits (limit_id, cardholder_id, employee_name, employee_id, merchant_group, limit_amount,
    version): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
