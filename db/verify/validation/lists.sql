-- Only administrators change the lists, everybody reads them.

BEGIN;

SELECT app.expect_objects($$
constraint app.coding_charts.coding_charts_card_numbers_check
constraint app.coding_charts.coding_charts_code_kind_check
constraint app.coding_charts.coding_charts_pkey
constraint app.coding_codes.coding_codes_card_numbers_check
constraint app.coding_codes.coding_codes_code_check
constraint app.coding_codes.coding_codes_code_kind_fkey
constraint app.coding_codes.coding_codes_description_check
constraint app.coding_codes.coding_codes_pkey
constraint app.coding_codes.coding_codes_valid_check
constraint app.prohibited_merchants.prohibited_merchants_card_numbers_check
constraint app.prohibited_merchants.prohibited_merchants_pattern_check
constraint app.prohibited_merchants.prohibited_merchants_pkey
constraint app.prohibited_merchants.prohibited_merchants_reason_check
constraint audit.coding_charts_history.coding_charts_history_audit_tx_check
constraint audit.coding_charts_history.coding_charts_history_pkey
constraint audit.coding_codes_history.coding_codes_history_audit_tx_check
constraint audit.coding_codes_history.coding_codes_history_pkey
constraint audit.prohibited_merchants_history.prohibited_merchants_history_audit_tx_check
constraint audit.prohibited_merchants_history.prohibited_merchants_history_pkey
function api.load_chart(text, jsonb, integer, text) as owner: execute ccp_admin
function api.save_prohibited_merchant(text, text, integer, text) as owner: execute ccp_admin
function app.read_codes(jsonb)
function audit.capture_coding_charts() as owner
function audit.capture_coding_codes() as owner
function audit.capture_prohibited_merchants() as owner
index audit.coding_charts_history_audit_actor_idx
index audit.coding_charts_history_audit_tx_audit_at_idx
index audit.coding_codes_history_audit_actor_idx
index audit.coding_codes_history_audit_tx_audit_at_idx
index audit.prohibited_merchants_history_audit_actor_idx
index audit.prohibited_merchants_history_audit_tx_audit_at_idx
table app.coding_charts (code_kind, version): select ccp_auditor
table app.coding_codes (code_kind, code, valid_from, valid_until, description): select ccp_auditor
table app.prohibited_merchants (pattern, reason, version): select ccp_auditor
table audit.coding_charts_history (code_kind, version, audit_seq, audit_tx, audit_at, audit_operation, audit_actor,
    audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.coding_codes_history (code_kind, code, valid_from, valid_until, description, audit_seq, audit_tx,
    audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
table audit.prohibited_merchants_history (pattern, reason, version, audit_seq, audit_tx, audit_at, audit_operation,
    audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.coding_charts.t00_suppress_redundant
trigger app.coding_charts.t10_keep
trigger app.coding_charts.t50_version
trigger app.coding_charts.t80_keep_key
trigger app.coding_charts.t90_capture_delete
trigger app.coding_charts.t90_capture_insert
trigger app.coding_charts.t90_capture_update
trigger app.coding_codes.t00_suppress_redundant
trigger app.coding_codes.t10_keep
trigger app.coding_codes.t80_keep_key
trigger app.coding_codes.t90_capture_delete
trigger app.coding_codes.t90_capture_insert
trigger app.coding_codes.t90_capture_update
trigger app.prohibited_merchants.t00_suppress_redundant
trigger app.prohibited_merchants.t10_keep
trigger app.prohibited_merchants.t50_version
trigger app.prohibited_merchants.t80_keep_key
trigger app.prohibited_merchants.t90_capture_delete
trigger app.prohibited_merchants.t90_capture_insert
trigger app.prohibited_merchants.t90_capture_update
trigger audit.coding_charts_history.t10_immutable
trigger audit.coding_codes_history.t10_immutable
trigger audit.prohibited_merchants_history.t10_immutable
view report.coding_charts (code_kind, version, code_count): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.coding_codes (code_kind, code, valid_from, valid_until, description): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.prohibited_merchants (pattern, reason, version): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
