-- Issues are watched, events are immutable, nothing is open to roles.

BEGIN;

SELECT app.expect_objects($$
constraint app.issue_events.issue_events_amount_check
constraint app.issue_events.issue_events_card_numbers_check
constraint app.issue_events.issue_events_cause_check
constraint app.issue_events.issue_events_created_tx_check
constraint app.issue_events.issue_events_issue_id_fkey
constraint app.issue_events.issue_events_issue_id_issue_version_key
constraint app.issue_events.issue_events_note_check
constraint app.issue_events.issue_events_pkey
constraint app.issue_events.issue_events_user_id_fkey
constraint app.validation_issues.validation_issues_amount_impact_check
constraint app.validation_issues.validation_issues_assigned_to_fkey
constraint app.validation_issues.validation_issues_card_numbers_check
constraint app.validation_issues.validation_issues_carried_from_fkey
constraint app.validation_issues.validation_issues_fingerprint_key
constraint app.validation_issues.validation_issues_first_identified_at_check
constraint app.validation_issues.validation_issues_pkey
constraint app.validation_issues.validation_issues_resolution_check
constraint app.validation_issues.validation_issues_resolution_method_check
constraint app.validation_issues.validation_issues_resolved_by_fkey
constraint app.validation_issues.validation_issues_severity_check
constraint app.validation_issues.validation_issues_state_check
constraint app.validation_rules.validation_rules_card_numbers_check
constraint app.validation_rules.validation_rules_created_tx_check
constraint app.validation_rules.validation_rules_description_template_check
constraint app.validation_rules.validation_rules_finder_check
constraint app.validation_rules.validation_rules_parameters_check
constraint app.validation_rules.validation_rules_pkey
constraint app.validation_rules.validation_rules_rule_code_check
constraint app.validation_rules.validation_rules_scope_check
constraint app.validation_rules.validation_rules_severity_check
constraint app.validation_rules.validation_rules_valid_check
constraint app.validation_rules.validation_rules_version_check
constraint audit.validation_issues_history.validation_issues_history_audit_tx_check
constraint audit.validation_issues_history.validation_issues_history_pkey
function app.stamp_issue()
function audit.capture_validation_issues() as owner
index app.issue_events_batch_id_idx
index app.issue_events_created_tx_idx
index app.issue_events_happened_at_idx
index app.issue_events_user_id_idx
index app.validation_issues_assigned_to_idx
index app.validation_issues_carried_from_idx
index app.validation_issues_changed_tx_idx
index app.validation_issues_open_idx
index app.validation_issues_resolved_by_idx
index app.validation_issues_revision_transaction_idx
index app.validation_issues_rule_idx
index app.validation_rules_created_tx_idx
index audit.validation_issues_history_audit_actor_idx
index audit.validation_issues_history_audit_tx_audit_at_idx
index audit.validation_issues_history_cardholder_id_idx
index audit.validation_issues_history_session_id_cardholder_id_idx
table app.issue_events (event_id, issue_id, issue_version, from_state, to_state, method, note, user_id, happened_at,
    request_id, batch_id, details, cause, amount, created_tx): select ccp_auditor
table app.validation_issues (issue_id, session_id, cardholder_id, rule_code, subject_key, rule_version,
    employee_revision_id, transaction_id, charge_id, severity, blocks, description, amount_impact, evidence, state,
    is_resolved, is_open, is_claim, assigned_to, resolved_by, resolved_at, resolution_notes, resolution_method,
    identified_at, first_identified_at, due_date, carried_from, version, changed_tx): select ccp_auditor
table app.validation_rules (rule_code, version, severity, enabled, blocks, finder, parameters, description,
    suggested_resolution, description_template, valid_from, valid_until, scope, created_at, created_tx): select
    ccp_auditor
table audit.validation_issues_history (issue_id, session_id, cardholder_id, rule_code, subject_key, rule_version,
    employee_revision_id, transaction_id, charge_id, severity, blocks, description, amount_impact, evidence, state,
    is_resolved, is_open, is_claim, assigned_to, resolved_by, resolved_at, resolution_notes, resolution_method,
    identified_at, first_identified_at, due_date, carried_from, version, changed_tx, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.issue_events.t10_immutable
trigger app.issue_events.t90_mark
trigger app.validation_issues.t00_suppress_redundant
trigger app.validation_issues.t10_keep
trigger app.validation_issues.t20_keep_rows
trigger app.validation_issues.t50_stamp
trigger app.validation_issues.t80_keep_key
trigger app.validation_issues.t90_capture_delete
trigger app.validation_issues.t90_capture_insert
trigger app.validation_issues.t90_capture_update
trigger app.validation_rules.t10_immutable
trigger app.validation_rules.t90_mark
trigger audit.validation_issues_history.t10_immutable
$$);

ROLLBACK;
