-- Whoever reads a view reads it as of an instant too.

BEGIN;

SELECT app.expect_objects($$
function report.counted_impacts_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.employee_revisions_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.employee_revisions_history_as_of(timestamp with time zone): execute ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
function report.issue_events_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.months_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.processing_sessions_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.sessions_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.transactions_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.transactions_history_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
function report.validation_issues_as_of(timestamp with time zone): execute ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view as_of.counted_impacts (as_of_tick, issue_id, session_id, cardholder_id, counted): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
view as_of.employee_revisions (as_of_tick, revision_id, session_id, cardholder_id, revision_number, predecessor_id,
    compared_with, employee_name, employee_id, card_number, is_in_report, car_total, receipt_total,
    receipt_total_unique, amount_difference, receipt_count, status, validation_flags, open_issues,
    open_blocking_issues, car_page_range, receipt_page_range, changed_from_previous, change_details, origin, reason,
    created_by, processed_at, content_hash, version, hold_reason): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view as_of.employee_revisions_history (as_of_tick, revision_id, session_id, cardholder_id, revision_number,
    predecessor_id, compared_with, employee_name, employee_id, card_number, is_in_report, car_total, receipt_total,
    receipt_total_unique, amount_difference, receipt_count, validation_flags, car_page_range, receipt_page_range,
    changed_from_previous, change_details, origin, reason, created_by, processed_at, content_hash, created_tx,
    valid_from, valid_to, is_source): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view as_of.issue_events (as_of_tick, event_id, issue_id, issue_version, from_state, to_state, method, note, user_id,
    user_name, happened_at, request_id, batch_id, details, cause, amount): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view as_of.months (as_of_tick, month_id, month_name, programme, period_start, period_end, state, version, created_at,
    submissions, chains, latest_session_id, latest_session_name, completed_at, total_employees, employees_completed,
    employees_with_issues, open_issues, open_high, open_medium, open_low, open_blocking, dollars, total_amount,
    receipt_total, unknown_card_totals, closed_at, closed_by_name, close_reason, is_history, closed_digest,
    seal_number, seal_hash): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view as_of.processing_sessions (as_of_tick, session_id, parent_session_id, revision_number, user_id, user_name,
    session_name, status, source_type, car_file_name, receipt_file_name, month_id, month_name, programme,
    period_start, period_end, period_source, is_latest, total_employees, employees_completed, employees_with_issues,
    open_issues, total_amount, receipt_total, change_summary, failure_reason, processing_started_at,
    processing_completed_at, created_at, version, unknown_card_totals): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view as_of.sessions (as_of_tick, session_id, parent_session_id, revision_number, user_id, user_name, session_name,
    status, source_type, car_file_name, receipt_file_name, month_id, month_name, programme, period_start, period_end,
    period_source, is_latest, total_employees, employees_completed, employees_with_issues, open_issues, total_amount,
    receipt_total, change_summary, failure_reason, processing_started_at, processing_completed_at, created_at,
    version, unknown_card_totals): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view as_of.transactions (as_of_tick, transaction_id, employee_revision_id, session_id, cardholder_id, employee_name,
    revision_number, external_transaction_id, transaction_date, date_text, transaction_type, amount, amount_text,
    expense_type, description, purpose, merchant_name, merchant_address, coding_type, job_number, job_phase,
    cost_type, gl_account, gl_description, has_attachment, attachment_name, is_coded, is_out_of_pocket, "position",
    page_number, natural_key, source_fields, printed_address, printed_merchant_address, printed_attachments,
    printed_notes): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view as_of.transactions_history (as_of_tick, transaction_id, employee_revision_id, session_id, cardholder_id,
    employee_name, revision_number, external_transaction_id, transaction_date, date_text, transaction_type, amount,
    amount_text, expense_type, description, purpose, merchant_name, merchant_address, coding_type, job_number,
    job_phase, cost_type, gl_account, gl_description, has_attachment, attachment_name, is_coded, is_out_of_pocket,
    "position", page_number, natural_key, source_fields, created_tx, valid_from, valid_to, printed_address,
    printed_merchant_address, printed_attachments, printed_notes): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
view as_of.validation_issues (as_of_tick, issue_id, employee_revision_id, transaction_id, session_id, cardholder_id,
    employee_name, issue_type, rule_version, severity, blocks, description, suggested_resolution, amount_impact,
    state, is_open, is_resolved, assigned_to, resolved_by, resolved_by_name, resolved_at, resolution_notes,
    resolution_method, identified_at, due_date, carried_from, fingerprint, evidence, evidence_hash, version,
    charge_id): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
