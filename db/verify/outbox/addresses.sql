-- Addresses are read and saved by those who work with people.

BEGIN;

SELECT app.expect_objects($$
constraint app.cardholder_addresses.cardholder_addresses_card_numbers_check
constraint app.cardholder_addresses.cardholder_addresses_cardholder_id_fkey
constraint app.cardholder_addresses.cardholder_addresses_email_check
constraint app.cardholder_addresses.cardholder_addresses_pkey
constraint audit.cardholder_addresses_history.cardholder_addresses_history_audit_tx_check
constraint audit.cardholder_addresses_history.cardholder_addresses_history_pkey
function api.save_addresses(jsonb, boolean, text) as owner: execute ccp_admin ccp_processor
function app.judge_addresses(jsonb)
function audit.capture_cardholder_addresses() as owner
index audit.cardholder_addresses_history_audit_actor_idx
index audit.cardholder_addresses_history_audit_tx_audit_at_idx
table app.cardholder_addresses (cardholder_id, email, is_quiet, version): select ccp_auditor
table audit.cardholder_addresses_history (cardholder_id, email, is_quiet, version, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.cardholder_addresses.t00_suppress_redundant
trigger app.cardholder_addresses.t10_keep
trigger app.cardholder_addresses.t50_version
trigger app.cardholder_addresses.t80_keep_key
trigger app.cardholder_addresses.t90_capture_delete
trigger app.cardholder_addresses.t90_capture_insert
trigger app.cardholder_addresses.t90_capture_update
trigger audit.cardholder_addresses_history.t10_immutable
type app.listed_address (row_number, name, cardholder_id, email, is_quiet, outcome, code, detail)
view report.cardholder_addresses (cardholder_id, employee_name, employee_id, email, is_quiet, version): select
    ccp_admin ccp_auditor ccp_processor
$$);

ROLLBACK;
