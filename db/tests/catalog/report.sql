-- Schema report: exactly these views and functions, for each exactly these readers. A new one belongs into this list.
-- Schema as_of: what its functions for the past read, and nothing else.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(11);

\set everybody '''ccp_admin, ccp_auditor, ccp_processor, ccp_read_only, ccp_report, ccp_reviewer'''
CREATE TEMP TABLE surface (name text PRIMARY KEY, kind text NOT NULL, readers text NOT NULL);
INSERT INTO surface (name, kind, readers) VALUES
('cardholders', 'view', :everybody),
('cards', 'view', :everybody),
('decisions', 'view', :everybody),
('name_patterns', 'function', :everybody),
('search_patterns', 'function', :everybody),
('search_text', 'function', :everybody),
('hide_names', 'function', :everybody),
('hide_names_of_list', 'function', :everybody),
('hide_names_of_value', 'function', :everybody),
('name_key', 'function', :everybody),
('role_names', 'function', :everybody),
('trace_correction', 'function', :everybody),
('count_corrections', 'function', :everybody),
('recalled_corrections', 'function', :everybody),
('surface', 'function', :everybody),
('surface_number', 'view', :everybody),
('terms', 'view', :everybody),
('charge_lines', 'view', :everybody),
('charges', 'view', :everybody),
('document_notices', 'view', :everybody),
('document_pages', 'view', :everybody),
('documents', 'view', :everybody),
('attachments', 'view', :everybody),
('jobs', 'view', :everybody),
('workers', 'view', 'ccp_admin, ccp_auditor, ccp_report'),
('name_distance', 'function', :everybody),
('packet_pages', 'function', :everybody),
('activity_entries', 'function', :everybody),
('activity_json', 'function', :everybody),
('mirror_state', 'view', :everybody),
('mirror_facts', 'function', :everybody),
('activity_changes', 'function', :everybody),
('readiness', 'view', :everybody),
('login_limits', 'view', 'ccp_admin, ccp_auditor'),
('unmatched_names', 'view', :everybody),
('object_history', 'function', 'ccp_admin, ccp_auditor'),
('ageing', 'view', :everybody),
('open_by_rule', 'view', :everybody),
('calendar_exceptions', 'view', :everybody),
('claimed_fixed_still_present', 'view', :everybody),
('coding_charts', 'view', :everybody),
('coding_codes', 'view', :everybody),
('duty_conflicts', 'view', 'ccp_admin, ccp_auditor'),
('prohibited_merchants', 'view', :everybody),
('spending_limits', 'view', :everybody),
('rule_parameters', 'view', :everybody),
('rule_precision', 'view', :everybody),
('months', 'view', :everybody),
('old_results', 'view', :everybody),
('parallel_runs', 'view', :everybody),
('parallel_differences', 'view', :everybody),
('parallel_counts', 'view', :everybody),
('clean_months', 'view', :everybody),
('history_proof', 'view', :everybody),
('way_back', 'function', :everybody),
('known_deviations', 'view', :everybody),
('accepted_differences', 'view', :everybody),
('parallel_report', 'function', :everybody),
('month_events', 'view', :everybody),
('month_obstacles', 'function', :everybody),
('counted_impacts', 'view', :everybody),
('counted_impacts_as_of', 'function', :everybody),
('months_as_of', 'function', :everybody),
('waivers', 'view', :everybody),
('work_list', 'view', :everybody),
('bridge', 'view', :everybody),
('bridge_history', 'view', :everybody),
('claim_differences', 'view', :everybody),
('employee_revisions', 'view', :everybody),
('employee_revisions_history', 'view', :everybody),
('error_codes', 'view', :everybody),
('figures', 'view', :everybody),
('import_attempts', 'view', :everybody),
('import_rejects', 'view', :everybody),
('issue_events', 'view', :everybody),
('corrections', 'view', :everybody),
('match_decisions', 'view', :everybody),
('match_rates', 'view', :everybody),
('masked_texts', 'view', :everybody),
('matches', 'view', :everybody),
('matches_history', 'view', :everybody),
('matching_policies', 'view', :everybody),
('accounting_profiles', 'view', :everybody),
('accounting_lines', 'function', :everybody),
('coding_rows', 'function', :everybody),
('hand_outs', 'view', :everybody),
('drills', 'view', :everybody),
('judge_old_file', 'function', :everybody),
('cutover', 'view', :everybody),
('cutover_days', 'view', :everybody),
('cutover_verdict', 'view', :everybody),
('cutover_proposals', 'view', :everybody),
('legal_holds', 'view', :everybody),
('removals', 'view', :everybody),
('pseudonyms', 'view', 'ccp_admin, ccp_auditor, ccp_reviewer'),
('foreseen_removals', 'function', 'ccp_admin, ccp_auditor, ccp_reviewer'),
('cutover_events', 'view', :everybody),
('closed_file', 'function', :everybody),
('closed_files', 'view', :everybody),
('missing_workbooks', 'function', :everybody),
('judge_coding', 'function', 'ccp_admin, ccp_processor'),
('workbook_summary', 'view', :everybody),
('workbook_issues', 'view', :everybody),
('workbook_lines', 'view', :everybody),
('workbook_bridge', 'view', :everybody),
('workbook_proof', 'view', :everybody),
('accounting_records', 'function', :everybody),
('changed_since_export', 'function', :everybody),
('batch_content', 'function', :everybody),
('accounting_batches', 'view', :everybody),
('accounting_batch_lines', 'view', :everybody),
('accounting_left_out', 'view', :everybody),
('name_aliases', 'view', :everybody),
('open_charges', 'view', :everybody),
('open_receipts', 'view', :everybody),
('metrics', 'view', :everybody),
('processing_metrics', 'view', :everybody),
('processing_sessions', 'view', :everybody),
('submission_controls', 'view', :everybody),
('submission_decisions', 'view', :everybody),
('submission_people', 'view', :everybody),
('session_bridge', 'view', :everybody),
('sessions', 'view', :everybody),
('settings', 'view', :everybody),
('ticks', 'view', :everybody),
('transactions', 'view', :everybody),
('transactions_history', 'view', :everybody),
('validation_issues', 'view', :everybody),
('validation_rules', 'view', :everybody),
('compare_revisions', 'function', :everybody),
('compare_sessions', 'function', :everybody),
('employee_revisions_as_of', 'function', :everybody),
('employee_revisions_history_as_of', 'function', :everybody),
('import_report', 'function', :everybody),
('find_masked_texts', 'function', :everybody),
('issue_events_as_of', 'function', :everybody),
('processing_sessions_as_of', 'function', :everybody),
('session_summary', 'function', :everybody),
('session_summaries', 'view', :everybody),
('sessions_as_of', 'function', :everybody),
('transactions_as_of', 'function', :everybody),
('transactions_history_as_of', 'function', :everybody),
('validation_issues_as_of', 'function', :everybody),
('audit_trail', 'view', 'ccp_admin, ccp_auditor'),
('outbox', 'view', 'ccp_admin, ccp_auditor'),
('seal_status', 'view', 'ccp_admin, ccp_auditor'),
('users', 'view', 'ccp_admin, ccp_auditor'),
('user_identities', 'view', 'ccp_admin, ccp_auditor'),
('cardholder_addresses', 'view', 'ccp_admin, ccp_auditor, ccp_processor'),
('reminder_days', 'view', 'ccp_admin, ccp_auditor, ccp_processor'),
('reminders', 'view', 'ccp_admin, ccp_auditor, ccp_processor'),
('role_claims', 'view', 'ccp_admin, ccp_auditor'),
('revoked_tokens', 'view', 'ccp_admin, ccp_auditor'),
('sign_ins', 'view', 'ccp_admin, ccp_auditor'),
('changed_fields', 'function', 'ccp_admin, ccp_auditor'),
('is_bookkeeping', 'function', 'ccp_admin, ccp_auditor');

CREATE TEMP TABLE roles AS
SELECT r.oid, r.rolname FROM pg_roles AS r WHERE r.rolname LIKE 'ccp\_%' AND NOT r.rolcanlogin;

SELECT views_are('report', ARRAY(SELECT s.name FROM pg_temp.surface AS s WHERE s.kind = 'view'),
    'the views of schema report are known');
SELECT functions_are('report', ARRAY(SELECT s.name FROM pg_temp.surface AS s WHERE s.kind = 'function'),
    'so are its functions');
-- A view calls functions with the rights of who reads, also where it has no row.
CREATE FUNCTION pg_temp.refused() RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    v_view regclass;
    v_role name;
BEGIN
    FOR v_view, v_role IN SELECT c.oid::regclass, r.rolname FROM pg_class AS c, pg_temp.roles AS r
        WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v' AND has_table_privilege(r.oid, c.oid, 'SELECT')
    LOOP
        BEGIN
            EXECUTE format('SET LOCAL ROLE %I', v_role);
            EXECUTE format('SELECT count(to_jsonb(x)) FROM %s AS x', v_view);
        EXCEPTION WHEN insufficient_privilege THEN
            RETURN NEXT format('%s %s: %s', v_view, v_role, SQLERRM);
        END;
        RESET ROLE;
    END LOOP;
END
$$;
SELECT is_empty('SELECT pg_temp.refused()', 'who may read a view may call what it calls');
SELECT tables_are('report', ARRAY[]::name[], 'schema report has no table');
SELECT set_eq($$
        SELECT c.relname::text, 'view', string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_class AS c
        LEFT JOIN pg_temp.roles AS r ON has_table_privilege(r.oid, c.oid, 'SELECT')
        WHERE c.relnamespace = 'report'::regnamespace AND c.relkind = 'v' GROUP BY c.oid, c.relname
    $$, $$SELECT s.name, s.kind, s.readers FROM pg_temp.surface AS s WHERE s.kind = 'view'$$,
    'each view may be read by its roles and by no other');
SELECT set_eq($$
        SELECT p.proname::text, 'function', string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_proc AS p
        LEFT JOIN pg_temp.roles AS r ON has_function_privilege(r.oid, p.oid, 'EXECUTE')
        WHERE p.pronamespace = 'report'::regnamespace GROUP BY p.oid
    $$, $$SELECT s.name, s.kind, s.readers FROM pg_temp.surface AS s WHERE s.kind = 'function'$$,
    'each function may be called by its roles and by no other');
SELECT is_empty($$SELECT c.oid::regclass, r.rolname, v.verb FROM pg_class AS c, pg_temp.roles AS r,
        unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS v (verb)
    WHERE c.relnamespace = 'report'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p')
        AND has_table_privilege(r.oid, c.oid, v.verb)$$, 'nobody may write, refer to or hang triggers on any of them');
SELECT is_empty($$SELECT c.oid::regclass FROM pg_class AS c
    WHERE c.relnamespace = 'report'::regnamespace AND c.relkind IN ('v', 'm')
        AND has_table_privilege('ccp_service', c.oid, 'SELECT')$$,
    'the login of the service reads nothing before it has taken a role');
SELECT set_eq($$SELECT c.relname::text, c.relkind::text, string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_class AS c
        LEFT JOIN pg_temp.roles AS r ON has_table_privilege(r.oid, c.oid, 'SELECT')
            AND has_schema_privilege(r.oid, c.relnamespace, 'USAGE')
        WHERE c.relnamespace = 'as_of'::regnamespace GROUP BY c.oid, c.relname, c.relkind
    $$, $$SELECT v.name, 'v', v.readers FROM pg_temp.surface AS v JOIN pg_temp.surface AS f ON f.name = v.name || '_as_of'
        WHERE v.kind = 'view'$$, 'schema as_of has the views that can be asked about in the past, for the same readers');
SELECT is_empty($$SELECT s.name FROM pg_temp.surface AS s WHERE s.name LIKE '%by\_tick'$$,
    'and a report writer does not find them among the others');
SELECT set_eq($$SELECT r.rolname FROM pg_temp.roles AS r
        WHERE has_schema_privilege(r.oid, 'report', 'USAGE')$$,
    ARRAY['ccp_admin', 'ccp_auditor', 'ccp_processor', 'ccp_read_only', 'ccp_report', 'ccp_reviewer']::name[],
    'these roles reach the schema');
SELECT * FROM finish();
ROLLBACK;
