-- People can be read by every role but the worker, and written by none.

BEGIN;

SELECT app.expect_objects($$
view report.employee_revisions (revision_id, session_id, cardholder_id, revision_number, predecessor_id,
    compared_with, employee_name, employee_id, card_number, is_in_report, car_total, receipt_total,
    receipt_total_unique, amount_difference, receipt_count, status, validation_flags, open_issues,
    open_blocking_issues, car_page_range, receipt_page_range, changed_from_previous, change_details, origin, reason,
    created_by, processed_at, content_hash, version, hold_reason): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view report.employee_revisions_history (revision_id, session_id, cardholder_id, revision_number, predecessor_id,
    compared_with, employee_name, employee_id, card_number, is_in_report, car_total, receipt_total,
    receipt_total_unique, amount_difference, receipt_count, validation_flags, car_page_range, receipt_page_range,
    changed_from_previous, change_details, origin, reason, created_by, processed_at, content_hash, created_tx,
    valid_from, valid_to, is_source): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.issue_events (event_id, issue_id, issue_version, from_state, to_state, method, note, user_id, user_name,
    happened_at, request_id, batch_id, details, cause, amount): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view report.rule_precision (rule_code, version, findings, open_findings, closed_findings, decided, false_positives,
    false_positive_share, is_imprecise): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
view report.transactions (transaction_id, employee_revision_id, session_id, cardholder_id, employee_name,
    revision_number, external_transaction_id, transaction_date, date_text, transaction_type, amount, amount_text,
    expense_type, description, purpose, merchant_name, merchant_address, coding_type, job_number, job_phase,
    cost_type, gl_account, gl_description, has_attachment, attachment_name, is_coded, is_out_of_pocket, "position",
    page_number, natural_key, source_fields, printed_address, printed_merchant_address, printed_attachments,
    printed_notes): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.transactions_history (transaction_id, employee_revision_id, session_id, cardholder_id, employee_name,
    revision_number, external_transaction_id, transaction_date, date_text, transaction_type, amount, amount_text,
    expense_type, description, purpose, merchant_name, merchant_address, coding_type, job_number, job_phase,
    cost_type, gl_account, gl_description, has_attachment, attachment_name, is_coded, is_out_of_pocket, "position",
    page_number, natural_key, source_fields, created_tx, valid_from, valid_to, printed_address,
    printed_merchant_address, printed_attachments, printed_notes): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view report.validation_issues (issue_id, employee_revision_id, transaction_id, session_id, cardholder_id,
    employee_name, issue_type, rule_version, severity, blocks, description, suggested_resolution, amount_impact,
    state, is_open, is_resolved, assigned_to, resolved_by, resolved_by_name, resolved_at, resolution_notes,
    resolution_method, identified_at, due_date, carried_from, fingerprint, evidence, evidence_hash, version,
    charge_id): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.validation_rules (rule_code, version, severity, enabled, blocks, finder, parameters, description,
    suggested_resolution, created_at, is_current, description_template, valid_from, valid_until, scope, is_in_force,
    false_positive_share, is_imprecise): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
