-- The operations of the surface, one row each.
-- requires: surface/terms

BEGIN;

INSERT INTO app.surface_parents (parameter, target, column_name, code, title) VALUES
('session_id', 'report.processing_sessions', 'session_id', 'session_not_found', 'no such session'),
('month_id', 'report.months', 'month_id', 'no_such_month', 'no such month'),
('other_id', 'report.processing_sessions', 'session_id', 'session_not_found', 'no such session'),
('issue_id', 'report.validation_issues', 'issue_id', 'no_such_issue', 'no such issue'),
('revision_id', 'report.employee_revisions_history', 'revision_id', 'no_such_revision', 'no such revision'),
('other_revision_id', 'report.employee_revisions_history', 'revision_id', 'no_such_revision', 'no such revision'),
('attempt_id', 'report.import_attempts', 'attempt_id', 'no_such_import', 'no such import'),
('rule_code', 'report.validation_rules', 'rule_code', 'no_such_rule', 'no such rule'),
('target', 'report.accounting_batches', 'target', 'no_such_accounting_batch', 'no such batch'),
('batch_number', 'report.accounting_batches', 'batch_number', 'no_such_accounting_batch', 'no such batch');

-- Lists.
INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys) VALUES
('list_sessions', 'sessions', 'GET', '/sessions', 'list', 'report.processing_sessions', '{-session_id}'),
('list_months', 'sessions', 'GET', '/months', 'list', 'report.months', '{-period_start,-month_id}'),
('list_month_obstacles', 'sessions', 'GET', '/months/{month_id}/obstacles', 'list', 'report.month_obstacles', '{#}'),
('list_month_events', 'sessions', 'GET', '/months/{month_id}/events', 'list', 'report.month_events', '{event_number}'),
('list_session_jobs', 'sessions', 'GET', '/sessions/{session_id}/jobs', 'list', 'report.jobs', '{-queued_at,-job_id}'),
('list_session_documents', 'documents', 'GET', '/sessions/{session_id}/documents', 'list', 'report.documents', '{kind}'),
('list_session_attachments', 'documents', 'GET', '/sessions/{session_id}/attachments', 'list', 'report.attachments', '{attachment_id}'),
('list_document_pages', 'documents', 'GET', '/sessions/{session_id}/document-pages', 'list', 'report.document_pages', '{kind,page_number}'),
('list_document_notices', 'documents', 'GET', '/sessions/{session_id}/document-notices', 'list', 'report.document_notices', '{notice_number}'),
('list_session_controls', 'sessions', 'GET', '/sessions/{session_id}/controls', 'list', 'report.submission_controls', '{-control_number}'),
('list_submission_people', 'sessions', 'GET', '/sessions/{session_id}/submission-people', 'list', 'report.submission_people', '{person_number}'),
('list_submission_decisions', 'sessions', 'GET', '/submission-decisions', 'list', 'report.submission_decisions', '{-decided_at,-session_id}'),
('list_import_attempts', 'documents', 'GET', '/import-attempts', 'list', 'report.import_attempts', '{-attempt_id}'),
('list_import_rejects', 'documents', 'GET', '/import-attempts/{attempt_id}/rejects', 'list', 'report.import_rejects', '{reject_number}'),
('list_processing_metrics', 'documents', 'GET', '/processing-metrics', 'list', 'report.processing_metrics', '{-metric_id}'),
('list_session_employees', 'people', 'GET', '/sessions/{session_id}/employees', 'list', 'report.employee_revisions', '{employee_name,revision_id}'),
('list_revisions', 'people', 'GET', '/revisions', 'list', 'report.employee_revisions_history', '{revision_id}'),
('list_session_cards', 'people', 'GET', '/sessions/{session_id}/cards', 'list', 'report.cards', '{card_id}'),
('list_claim_differences', 'people', 'GET', '/sessions/{session_id}/claim-differences', 'list', 'report.claim_differences', '{cardholder_id,item}'),
('list_unmatched_names', 'people', 'GET', '/sessions/{session_id}/unmatched-names', 'list', 'report.unmatched_names', '{cardholder_id,suggestion_number}'),
('list_cardholders', 'people', 'GET', '/cardholders', 'list', 'report.cardholders', '{employee_name,cardholder_id}'),
('list_aliases', 'people', 'GET', '/aliases', 'list', 'report.name_aliases', '{receipt_key}'),
('list_session_transactions', 'receipts', 'GET', '/sessions/{session_id}/transactions', 'list', 'report.transactions', '{transaction_id}'),
('list_session_corrections', 'receipts', 'GET', '/sessions/{session_id}/corrections', 'list', 'report.corrections', '{said_at,correction_id}'),
('list_session_matches', 'matches', 'GET', '/sessions/{session_id}/matches', 'list', 'report.matches', '{charge_id,transaction_id}'),
('list_session_charges', 'matches', 'GET', '/sessions/{session_id}/charges', 'list', 'report.charges', '{charge_id}'),
('list_session_charge_lines', 'matches', 'GET', '/sessions/{session_id}/charge-lines', 'list', 'report.charge_lines', '{charge_id,line_number}'),
('list_session_open_charges', 'matches', 'GET', '/sessions/{session_id}/open-charges', 'list', 'report.open_charges', '{charge_id}'),
('list_session_open_receipts', 'matches', 'GET', '/sessions/{session_id}/open-receipts', 'list', 'report.open_receipts', '{transaction_id}'),
('list_session_bridges', 'matches', 'GET', '/sessions/{session_id}/bridges', 'list', 'report.bridge', '{revision_id}'),
('list_session_bridge_history', 'matches', 'GET', '/sessions/{session_id}/bridge-history', 'list', 'report.bridge_history', '{revision_id}'),
('list_match_rates', 'matches', 'GET', '/sessions/{session_id}/match-rates', 'list', 'report.match_rates', '{pass}'),
('list_match_decisions', 'matches', 'GET', '/sessions/{session_id}/match-decisions', 'list', 'report.match_decisions', '{decision_number}'),
('list_accounting_lines', 'outputs', 'GET', '/sessions/{session_id}/accounting-lines', 'list', 'report.accounting_lines', '{#}'),
('list_changed_since_export', 'outputs', 'GET', '/sessions/{session_id}/changed-since-export', 'list', 'report.changed_since_export', '{#}'),
('list_accounting_batches', 'outputs', 'GET', '/accounting-batches', 'list', 'report.accounting_batches', '{target,batch_number}'),
('list_batch_lines', 'outputs', 'GET', '/accounting-batches/{target}/{batch_number}/lines', 'list', 'report.accounting_batch_lines', '{line_number}'),
('list_batch_left_out', 'outputs', 'GET', '/accounting-batches/{target}/{batch_number}/left-out', 'list', 'report.accounting_left_out', '{transaction_id}'),
('list_accounting_profiles', 'outputs', 'GET', '/accounting-profiles', 'list', 'report.accounting_profiles', '{profile_name,-profile_version}'),
('list_hand_outs', 'outputs', 'GET', '/hand-outs', 'list', 'report.hand_outs', '{-hand_out_id}'),
('list_closed_files', 'outputs', 'GET', '/months/{month_id}/closed-files', 'list', 'report.closed_files', '{closing_number,session_id,kind}'),
('list_matching_policies', 'matches', 'GET', '/matching-policies', 'list', 'report.matching_policies', '{-policy_version}'),
('list_session_issues', 'issues', 'GET', '/sessions/{session_id}/issues', 'list', 'report.validation_issues', '{issue_id}'),
('list_issue_events', 'issues', 'GET', '/issues/{issue_id}/events', 'list', 'report.issue_events', '{issue_version}'),
('list_issue_waivers', 'issues', 'GET', '/issues/{issue_id}/waivers', 'list', 'report.waivers', '{waiver_id}'),
('list_waivers', 'issues', 'GET', '/waivers', 'list', 'report.waivers', '{waiver_id}'),
('list_decisions', 'issues', 'GET', '/decisions', 'list', 'report.decisions', '{decided_on,user_id,method}'),
('list_ageing', 'issues', 'GET', '/ageing', 'list', 'report.ageing', '{session_id,severity,state}'),
('list_claimed_fixed', 'issues', 'GET', '/claimed-fixed-still-present', 'list', 'report.claimed_fixed_still_present', '{issue_id}'),
('list_rule_parameters', 'rules', 'GET', '/rules/{rule_code}/parameters', 'list', 'report.rule_parameters', '{parameter_name}'),
('list_rule_versions', 'rules', 'GET', '/rules/{rule_code}/versions', 'list', 'report.validation_rules', '{-version}'),
('list_settings', 'settings', 'GET', '/settings', 'list', 'report.settings', '{setting_name}'),
('list_calendar', 'settings', 'GET', '/calendar', 'list', 'report.calendar_exceptions', '{calendar_day}'),
('list_code_charts', 'settings', 'GET', '/code-charts', 'list', 'report.coding_charts', '{code_kind}'),
('list_codes', 'settings', 'GET', '/codes', 'list', 'report.coding_codes', '{code_kind,code,valid_from}'),
('list_prohibited_merchants', 'settings', 'GET', '/prohibited-merchants', 'list', 'report.prohibited_merchants', '{pattern}'),
('list_rule_precision', 'settings', 'GET', '/rule-precision', 'list', 'report.rule_precision', '{rule_code,version}'),
('list_spending_limits', 'settings', 'GET', '/spending-limits', 'list', 'report.spending_limits', '{limit_id}'),
('list_workers', 'settings', 'GET', '/workers', 'list', 'report.workers', '{worker_name,duty}'),
('list_users', 'settings', 'GET', '/users', 'list', 'report.users', '{user_name}'),
('list_identities', 'settings', 'GET', '/identities', 'list', 'report.user_identities', '{issuer,subject}'),
('list_role_claims', 'settings', 'GET', '/role-claims', 'list', 'report.role_claims', '{issuer,claim_value}'),
('list_revoked_tokens', 'settings', 'GET', '/revoked-tokens', 'list', 'report.revoked_tokens', '{token_id}'),
('list_login_limits', 'settings', 'GET', '/login-limits', 'list', 'report.login_limits', '{login_name}'),
('list_messages', 'settings', 'GET', '/messages', 'list', 'report.outbox', '{message_id}'),
('list_error_codes', 'about', 'GET', '/error-codes', 'list', 'report.error_codes', '{sqlstate}'),
('list_terms', 'about', 'GET', '/terms', 'list', 'report.terms', '{term}'),
('list_ticks', 'audit', 'GET', '/ticks', 'list', 'report.ticks', '{-tick_number}'),
('get_object_history', 'audit', 'GET', '/objects/{object_id}/history', 'list', 'report.object_history', '{#}');

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, one_of) VALUES
('list_work', 'issues', 'GET', '/issues', 'list', 'report.work_list', '{first_identified_at,issue_id}', '{session_id,month_id,assignee}');

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, fixed) VALUES
('list_rules', 'rules', 'GET', '/rules', 'list', 'report.validation_rules', '{rule_code}', '{"is_current": true}');

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, names) VALUES
('list_revision_transactions', 'receipts', 'GET', '/revisions/{revision_id}/transactions', 'list', 'report.transactions_history',
    '{transaction_id}', '{"revision_id": "employee_revision_id"}'),
('list_revision_matches', 'matches', 'GET', '/revisions/{revision_id}/matches', 'list', 'report.matches_history',
    '{charge_id,transaction_id}', '{"revision_id": "employee_revision_id"}'),
('compare_sessions', 'sessions', 'GET', '/sessions/{session_id}/compare/{other_id}', 'list', 'report.compare_sessions',
    '{#}', '{"session_id": "old_session_id", "other_id": "new_session_id"}'),
('compare_revisions', 'people', 'GET', '/revisions/{revision_id}/compare/{other_revision_id}', 'list',
    'report.compare_revisions', '{#}', '{"revision_id": "old_revision_id", "other_revision_id": "new_revision_id"}');

UPDATE app.surface_operations AS o SET as_of = o.target || '_as_of'
WHERE o.operation IN ('list_sessions', 'list_months', 'list_session_employees', 'list_revisions', 'list_session_transactions',
    'list_session_issues', 'list_issue_events', 'list_revision_transactions');

-- One row.
INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, parts) VALUES
('get_session', 'sessions', 'GET', '/sessions/{session_id}', 'row', 'report.processing_sessions', '{}',
    '{"progress": "get_session_progress", "documents": "list_session_documents", "control": "get_session_control",
        "decision": "get_session_decision"}'),
('get_session_control', 'sessions', 'GET', '/sessions/{session_id}/control', 'row', 'report.submission_controls', '{-control_number}', '{}'),
('get_session_decision', 'sessions', 'GET', '/sessions/{session_id}/decision', 'row', 'report.submission_decisions', '{}', '{}'),
('get_session_progress', 'sessions', 'GET', '/sessions/{session_id}/progress', 'row', 'report.jobs', '{-queued_at,-job_id}', '{}'),
('get_session_summary', 'sessions', 'GET', '/sessions/{session_id}/summary', 'row', 'report.session_summaries', '{}', '{}'),
('get_import_report', 'sessions', 'GET', '/sessions/{session_id}/import-report', 'row', 'report.import_report', '{}', '{}'),
('get_session_bridge', 'matches', 'GET', '/sessions/{session_id}/bridge', 'row', 'report.session_bridge', '{}', '{}'),
('get_revision', 'people', 'GET', '/revisions/{revision_id}', 'row', 'report.employee_revisions_history', '{}', '{}'),
('get_issue', 'issues', 'GET', '/issues/{issue_id}', 'row', 'report.validation_issues', '{}', '{}'),
('get_month', 'sessions', 'GET', '/months/{month_id}', 'row', 'report.months', '{}', '{}'),
('get_accounting_batch', 'outputs', 'GET', '/accounting-batches/{target}/{batch_number}', 'row', 'report.accounting_batches', '{}', '{}'),
('get_figures', 'about', 'GET', '/figures', 'row', 'report.figures', '{}', '{}'),
('get_seal_status', 'audit', 'GET', '/seal-status', 'row', 'report.seal_status', '{}', '{}'),
('get_readiness', 'about', 'GET', '/readiness', 'row', 'report.readiness', '{}', '{}'),
('whoami', 'about', 'GET', '/whoami', 'row', 'api.whoami', '{}', '{}');

-- Calls.
INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, status, location) VALUES
('create_session', 'sessions', 'POST', '/sessions', 'call', 'api.create_session', 201, '/sessions/{session_id}'),
('cancel_session', 'sessions', 'POST', '/sessions/{session_id}/cancel', 'call', 'api.cancel_session', 200, NULL),
('accept_submission', 'sessions', 'POST', '/sessions/{session_id}/accept', 'call', 'api.accept_submission', 200, NULL),
('discard_submission', 'sessions', 'POST', '/sessions/{session_id}/discard', 'call', 'api.discard_submission', 200, NULL),
('restore_session', 'sessions', 'POST', '/sessions/{session_id}/restore', 'call', 'api.restore_session', 201, '/sessions/{session_id}'),
('sign_off_month', 'sessions', 'POST', '/months/{month_id}/sign-off', 'call', 'api.sign_off_month', 200, NULL),
('accept_unposted', 'sessions', 'POST', '/months/{month_id}/accept-unposted', 'call', 'api.accept_unposted', 200, NULL),
('close_month', 'sessions', 'POST', '/months/{month_id}/close', 'call', 'api.close_month', 200, NULL),
('close_past_month', 'sessions', 'POST', '/months/{month_id}/close-past', 'call', 'api.close_past_month', 200, NULL),
('reopen_month', 'sessions', 'POST', '/months/{month_id}/reopen', 'call', 'api.reopen_month', 200, NULL),
('hold_employee', 'people', 'POST', '/sessions/{session_id}/employees/{cardholder_id}/hold', 'call', 'api.hold_employee', 200, NULL),
('release_employee', 'people', 'POST', '/sessions/{session_id}/employees/{cardholder_id}/release', 'call', 'api.release_employee', 200, NULL),
('decide_conflict', 'receipts', 'POST', '/sessions/{session_id}/transactions/{transaction_id}/decide-conflict', 'call', 'api.decide_conflict', 200, NULL),
('restore_revision', 'people', 'POST', '/revisions/{revision_id}/restore', 'call', 'api.restore_revision', 201, NULL),
('approve_alias', 'people', 'POST', '/aliases', 'call', 'api.approve_alias', 200, NULL),
('withdraw_alias', 'people', 'POST', '/aliases/{receipt_key}/withdraw', 'call', 'api.withdraw_alias', 200, NULL),
('correct_transactions', 'receipts', 'POST', '/sessions/{session_id}/corrections', 'call', 'api.correct_transactions', 200, NULL),
('add_transaction', 'receipts', 'POST', '/sessions/{session_id}/transactions', 'call', 'api.add_transaction', 201, NULL),
('remove_transaction', 'receipts', 'POST', '/sessions/{session_id}/transactions/{transaction_id}/remove', 'call', 'api.remove_transaction', 200, NULL),
('move_transaction', 'receipts', 'POST', '/sessions/{session_id}/transactions/{transaction_id}/move', 'call', 'api.move_transaction', 200, NULL),
('decide_match', 'matches', 'POST', '/matches/decide', 'call', 'api.decide_match', 200, NULL),
('export_lines', 'outputs', 'POST', '/sessions/{session_id}/accounting-batches', 'call', 'api.export_lines', 200, NULL),
('void_batch', 'outputs', 'POST', '/accounting-batches/{target}/{batch_number}/void', 'call', 'api.void_batch', 200, NULL),
('save_accounting_profile', 'outputs', 'POST', '/accounting-profiles/{profile_name}', 'call', 'api.save_accounting_profile', 200, NULL),
('save_matching_policy', 'matches', 'POST', '/matching-policies', 'call', 'api.save_matching_policy', 200, NULL),
('resolve_issue', 'issues', 'POST', '/issues/{issue_id}/resolve', 'call', 'api.resolve_issue', 200, NULL),
('start_issue', 'issues', 'POST', '/issues/{issue_id}/start', 'call', 'api.start_issue', 200, NULL),
('suspend_issue', 'issues', 'POST', '/issues/{issue_id}/suspend', 'call', 'api.suspend_issue', 200, NULL),
('reopen_issue', 'issues', 'POST', '/issues/{issue_id}/reopen', 'call', 'api.reopen_issue', 200, NULL),
('note_issue', 'issues', 'POST', '/issues/{issue_id}/note', 'call', 'api.note_issue', 200, NULL),
('mark_false_positive', 'issues', 'POST', '/issues/{issue_id}/false-positive', 'call', 'api.mark_false_positive', 200, NULL),
('assign_issue', 'issues', 'POST', '/issues/{issue_id}/assign', 'call', 'api.assign_issue', 200, NULL),
('propose_waiver', 'issues', 'POST', '/issues/{issue_id}/waiver', 'call', 'api.propose_waiver', 200, NULL),
('propose_decision', 'issues', 'POST', '/issues/{issue_id}/decision', 'call', 'api.propose_decision', 200, NULL),
('approve_waiver', 'issues', 'POST', '/issues/{issue_id}/waiver/approve', 'call', 'api.approve_waiver', 200, NULL),
('reject_waiver', 'issues', 'POST', '/issues/{issue_id}/waiver/reject', 'call', 'api.reject_waiver', 200, NULL),
('save_rule', 'rules', 'POST', '/rules/{rule_code}', 'call', 'api.save_rule', 200, NULL),
('save_user', 'settings', 'POST', '/users', 'call', 'api.save_user', 200, NULL),
('map_login', 'settings', 'POST', '/logins', 'call', 'api.map_login', 200, NULL),
('link_identity', 'settings', 'POST', '/identities', 'call', 'api.link_identity', 200, NULL),
('save_role_claim', 'settings', 'POST', '/role-claims', 'call', 'api.save_role_claim', 200, NULL),
('revoke_token', 'settings', 'POST', '/revoked-tokens', 'call', 'api.revoke_token', 200, NULL),
('save_setting', 'settings', 'POST', '/settings', 'call', 'api.save_setting', 200, NULL),
('save_calendar_day', 'settings', 'POST', '/calendar', 'call', 'api.save_calendar_day', 200, NULL),
('save_prohibited_merchant', 'settings', 'POST', '/prohibited-merchants', 'call', 'api.save_prohibited_merchant', 200, NULL),
('save_spending_limit', 'settings', 'POST', '/spending-limits', 'call', 'api.save_spending_limit', 200, NULL),
('load_chart', 'settings', 'POST', '/codes/{code_kind}', 'call', 'api.load_chart', 200, NULL);

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target) VALUES
('undo_batch', 'issues', 'POST', '/issues/batches/{batch_id}/undo', 'call', 'api.undo_batch');

INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, body_factor) VALUES
('resolve_issues', 'issues', 'POST', '/issues/resolve', 'call', 'api.resolve_issues', 32);

INSERT INTO app.surface_filters (operation, filter_name, column_name, operator, hides) VALUES
('list_cardholders', 'person', 'employee_name', 'person', NULL),
('list_spending_limits', 'person', 'employee_name', 'person', NULL),
('list_month_events', 'person', 'employee_name', 'person', NULL),
('list_sessions', 'status', 'status', 'is', 'cancelled'),
('list_sessions', 'parent_session_id', 'parent_session_id', 'is', NULL),
('list_sessions', 'month_id', 'month_id', 'is', NULL),
('list_sessions', 'latest', 'is_latest', 'is', NULL),
('list_months', 'state', 'state', 'is', NULL),
('list_months', 'programme', 'programme', 'is', NULL),
('list_submission_decisions', 'month_id', 'session_id', 'month', NULL),
('list_import_attempts', 'month_id', 'session_id', 'month', NULL),
('list_processing_metrics', 'month_id', 'session_id', 'month', NULL),
('list_revisions', 'month_id', 'session_id', 'month', NULL),
('list_work', 'month_id', 'session_id', 'month', NULL),
('list_ageing', 'month_id', 'session_id', 'month', NULL),
('list_claimed_fixed', 'month_id', 'session_id', 'month', NULL),
('list_messages', 'month_id', 'session_id', 'month', NULL),
('list_hand_outs', 'month_id', 'session_id', 'month', NULL),
('list_hand_outs', 'session_id', 'session_id', 'is', NULL),
('list_hand_outs', 'user_name', 'user_name', 'is', NULL),
('list_submission_decisions', 'session_id', 'session_id', 'is', NULL),
('list_import_attempts', 'session_id', 'session_id', 'is', NULL),
('list_import_attempts', 'outcome', 'outcome', 'is', NULL),
('list_processing_metrics', 'session_id', 'session_id', 'is', NULL),
('list_submission_people', 'person', 'employee_name', 'person', NULL),
('list_document_pages', 'status', 'status', 'is', NULL),
('list_document_pages', 'cardholder_id', 'cardholder_id', 'is', NULL),
('list_document_pages', 'person', 'employee_name', 'person', NULL),
('list_session_corrections', 'person', 'employee_name', 'person', NULL),
('list_session_attachments', 'person', 'employee_name', 'person', NULL),
('list_session_employees', 'status', 'status', 'is', NULL),
('list_session_employees', 'flag', 'validation_flags', 'flag', NULL),
('list_session_employees', 'person', 'employee_name', 'person', NULL),
('list_revisions', 'session_id', 'session_id', 'is', NULL),
('list_revisions', 'cardholder_id', 'cardholder_id', 'is', NULL),
('list_revisions', 'person', 'employee_name', 'person', NULL),
('list_session_cards', 'person', 'employee_name', 'person', NULL),
('list_claim_differences', 'person', 'employee_name', 'person', NULL),
('list_session_transactions', 'person', 'employee_name', 'person', NULL),
('list_session_transactions', 'coded', 'is_coded', 'is', NULL),
('list_session_transactions', 'from', 'transaction_date', 'from', NULL),
('list_session_transactions', 'to', 'transaction_date', 'to', NULL),
('list_session_charges', 'person', 'employee_name', 'person', NULL),
('list_session_charge_lines', 'person', 'employee_name', 'person', NULL),
('list_session_matches', 'person', 'employee_name', 'person', NULL),
('list_session_open_charges', 'person', 'employee_name', 'person', NULL),
('list_session_open_receipts', 'person', 'employee_name', 'person', NULL),
('list_session_bridges', 'person', 'employee_name', 'person', NULL),
('list_session_bridges', 'clean', 'is_clean', 'is', NULL),
('list_session_bridge_history', 'person', 'employee_name', 'person', NULL),
('list_changed_since_export', 'person', 'employee_name', 'person', NULL),
('list_batch_left_out', 'person', 'employee_name', 'person', NULL),
('list_batch_left_out', 'reason', 'reason', 'is', NULL),
('list_batch_lines', 'person', 'card_holder', 'person', NULL),
('list_accounting_batches', 'month_id', 'month_id', 'is', NULL),
('list_accounting_batches', 'session_id', 'session_id', 'is', NULL),
('list_accounting_batches', 'target', 'target', 'is', NULL),
('list_accounting_batches', 'void', 'is_void', 'is', NULL),
('list_match_decisions', 'person', 'employee_name', 'person', NULL),
('list_session_issues', 'state', 'state', 'is', NULL),
('list_session_issues', 'resolved', 'is_resolved', 'is', NULL),
('list_session_issues', 'severity', 'severity', 'is', NULL),
('list_session_issues', 'rule', 'issue_type', 'is', NULL),
('list_session_issues', 'person', 'employee_name', 'person', NULL),
('list_work', 'session_id', 'session_id', 'is', NULL),
('list_work', 'assignee', 'assigned_to_name', 'is', NULL),
('list_work', 'state', 'state', 'is', NULL),
('list_work', 'severity', 'severity', 'is', NULL),
('list_work', 'rule', 'issue_type', 'is', NULL),
('list_work', 'person', 'employee_name', 'person', NULL),
('list_work', 'overdue', 'is_overdue', 'is', NULL),
('list_waivers', 'issue_id', 'issue_id', 'is', NULL),
('list_waivers', 'month_id', 'session_id', 'month', NULL),
('list_waivers', 'verdict', 'verdict', 'is', NULL),
('list_ageing', 'session_id', 'session_id', 'is', NULL),
('list_decisions', 'from', 'decided_on', 'from', NULL),
('list_decisions', 'to', 'decided_on', 'to', NULL),
('list_decisions', 'user_name', 'user_name', 'is', NULL),
('list_decisions', 'method', 'method', 'is', NULL),
('list_claimed_fixed', 'session_id', 'session_id', 'is', NULL),
('list_claimed_fixed', 'person', 'employee_name', 'person', NULL),
('list_codes', 'code_kind', 'code_kind', 'is', NULL),
('list_messages', 'state', 'state', 'is', NULL),
('list_messages', 'session_id', 'session_id', 'is', NULL),
('get_object_history', 'bookkeeping', 'is_bookkeeping', 'is', NULL),
('list_ticks', 'from', 'instant', 'from', NULL),
('list_ticks', 'to', 'instant', 'to', NULL);

INSERT INTO app.surface_filters (operation, filter_name, column_name, operator, also) VALUES
('list_session_transactions', 'q', 'employee_name', 'search', '{"merchant": "merchant_name", "purpose": "purpose", "amount": "amount"}'),
('list_revision_transactions', 'q', 'employee_name', 'search', '{"merchant": "merchant_name", "purpose": "purpose", "amount": "amount"}'),
('list_session_charges', 'q', 'employee_name', 'search', '{"merchant": "merchant_name", "purpose": "merchant_group", "amount": "net_amount"}'),
('list_session_issues', 'q', 'employee_name', 'search', '{"merchant": "description", "amount": "amount_impact"}'),
('list_work', 'q', 'employee_name', 'search', '{"merchant": "description", "amount": "amount_impact"}');

-- The cut-over.
INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys) VALUES
('list_drills', 'cutover', 'GET', '/drills', 'list', 'report.drills', '{-drill_id}'),
('get_cutover', 'cutover', 'GET', '/cutover', 'row', 'report.cutover_verdict', '{}'),
('list_cutover_checks', 'cutover', 'GET', '/cutover/checks', 'list', 'report.cutover', '{place}'),
('list_cutover_days', 'cutover', 'GET', '/cutover/days', 'list', 'report.cutover_days', '{day_number,check_code}'),
('list_cutover_proposals', 'cutover', 'GET', '/cutover/proposals', 'list', 'report.cutover_proposals', '{-proposal_id}'),
('list_cutover_events', 'cutover', 'GET', '/cutover/events', 'list', 'report.cutover_events', '{event_number}'),
('record_drill', 'cutover', 'POST', '/drills', 'call', 'api.record_drill', '{}'),
('run_cutover_checks', 'cutover', 'POST', '/cutover/checks', 'call', 'api.run_cutover_checks', '{}'),
('sign_cutover_check', 'cutover', 'POST', '/cutover/checks/{check_code}/sign', 'call', 'api.sign_cutover_check', '{}'),
('propose_check_waiver', 'cutover', 'POST', '/cutover/checks/{check_code}/waiver', 'call', 'api.propose_check_waiver', '{}'),
('propose_cutover_step', 'cutover', 'POST', '/cutover/proposals', 'call', 'api.propose_cutover_step', '{}'),
('confirm_cutover', 'cutover', 'POST', '/cutover/proposals/{proposal_id}/confirm', 'call', 'api.confirm_cutover', '{}'),
('reject_cutover', 'cutover', 'POST', '/cutover/proposals/{proposal_id}/reject', 'call', 'api.reject_cutover', '{}'),
('roll_back_cutover', 'cutover', 'POST', '/cutover/roll-back', 'call', 'api.roll_back_cutover', '{}');

-- What is read below a session is read below a month, too: of its newest completed submission.
INSERT INTO app.surface_operations (operation, tag, method, path, shape, target, keys, names)
SELECT regexp_replace(o.operation, '^(list|get)_(session_)?', '\1_month_'), o.tag, o.method,
    replace(o.path, '/sessions/{session_id}/', '/months/{month_id}/'), o.shape, o.target, o.keys,
    CASE WHEN o.target = 'report.corrections' THEN '{}'::jsonb ELSE '{"month_id": "session_id"}' END
FROM app.surface_operations AS o
WHERE o.path ~ '^/sessions/\{session_id\}/[a-z-]+$' AND o.shape <> 'call'
    AND o.operation NOT IN ('get_import_report', 'get_session_decision', 'get_session_control', 'get_session_progress',
        'list_changed_since_export');
INSERT INTO app.surface_filters (operation, filter_name, column_name, operator, hides, also)
SELECT regexp_replace(f.operation, '^(list|get)_(session_)?', '\1_month_'), f.filter_name, f.column_name, f.operator, f.hides, f.also
FROM app.surface_filters AS f
JOIN app.surface_operations AS o ON o.operation = f.operation
WHERE o.path ~ '^/sessions/\{session_id\}/[a-z-]+$' AND o.shape = 'list' AND o.operation <> 'list_changed_since_export';

INSERT INTO app.surface_orders (operation, order_name, keys) VALUES
('list_work', 'age', '{first_identified_at,issue_id}'),
('list_work', 'due', '{due_rank,issue_id}'),
('list_work', 'severity', '{severity_rank,issue_id}'),
('list_work', 'dollars', '{-amount_rank,issue_id}'),
('list_work', 'person', '{employee_name,issue_id}');

COMMIT;
