-- Schema api: exactly these functions, and for each exactly these roles. A new one belongs into this list.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
SELECT plan(10);

CREATE TEMP TABLE surface (name text PRIMARY KEY, callers text NOT NULL);
INSERT INTO surface (name, callers) VALUES
('admit_identity', 'ccp_worker'),
('save_users', 'ccp_admin'),
('save_addresses', 'ccp_admin, ccp_processor'),
('choose_reminder_day', 'ccp_admin, ccp_processor'),
('write_reminders', 'ccp_worker'),
('accept_documents', 'ccp_admin, ccp_processor'),
('accept_submission', 'ccp_admin, ccp_processor'),
('discard_expired_submissions', 'ccp_admin, ccp_worker'),
('discard_submission', 'ccp_admin, ccp_processor'),
('begin_upload', 'ccp_admin, ccp_processor'),
('claim_job', 'ccp_worker'),
('compare_old_result', 'ccp_admin, ccp_processor'),
('propose_difference', 'ccp_admin, ccp_processor, ccp_reviewer'),
('accept_difference', 'ccp_admin, ccp_reviewer'),
('fail_job', 'ccp_worker'),
('queue_documents', 'ccp_admin, ccp_processor'),
('read_chunk', 'ccp_admin, ccp_processor, ccp_reviewer'),
('read_job_chunk', 'ccp_worker'),
('record_progress', 'ccp_worker'),
('record_duty', 'ccp_worker'),
('remove_expired_answers', 'ccp_admin, ccp_worker'),
('remove_expired_documents', 'ccp_admin, ccp_worker'),
('store_chunk', 'ccp_admin, ccp_processor'),
('approve_alias', 'ccp_admin, ccp_processor'),
('approve_waiver', 'ccp_admin, ccp_reviewer'),
('withdraw_alias', 'ccp_admin, ccp_processor'),
('assign_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('cancel_session', 'ccp_admin, ccp_processor'),
('add_transaction', 'ccp_admin, ccp_processor'),
('attach_document', 'ccp_admin, ccp_processor'),
('remove_transaction', 'ccp_admin, ccp_processor'),
('move_transaction', 'ccp_admin, ccp_processor'),
('claim_messages', 'ccp_worker'),
('sign_off_month', 'ccp_admin, ccp_reviewer'),
('close_month', 'ccp_admin, ccp_reviewer'),
('close_past_month', 'ccp_admin'),
('reopen_month', 'ccp_admin'),
('correct_transactions', 'ccp_admin, ccp_processor'),
('take_coding', 'ccp_admin, ccp_processor'),
('decide_conflict', 'ccp_admin, ccp_processor'),
('create_session', 'ccp_admin, ccp_processor'),
('decide_match', 'ccp_admin, ccp_processor'),
('expire_waivers', 'ccp_admin, ccp_worker'),
('hold_employee', 'ccp_admin, ccp_processor, ccp_reviewer'),
('import_activity', 'ccp_admin, ccp_processor'),
('link_identity', 'ccp_admin'),
('load_chart', 'ccp_admin'),
('map_login', 'ccp_admin'),
('mark_false_positive', 'ccp_admin, ccp_processor, ccp_reviewer'),
('note_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('propose_decision', 'ccp_admin, ccp_processor, ccp_reviewer'),
('propose_waiver', 'ccp_admin, ccp_processor, ccp_reviewer'),
('record_delivery', 'ccp_worker'),
('record_hand_out', 'ccp_admin, ccp_processor, ccp_read_only, ccp_reviewer'),
('record_sign_in', 'ccp_admin, ccp_processor, ccp_read_only, ccp_reviewer'),
('record_sign_out', 'ccp_admin, ccp_processor, ccp_read_only, ccp_reviewer'),
('mirror_orders', 'ccp_worker'),
('record_mirror', 'ccp_worker'),
('store_closed_workbook', 'ccp_worker'),
('record_drill', 'ccp_admin'),
('confirm_drill', 'ccp_admin, ccp_reviewer'),
('run_cutover_checks', 'ccp_admin, ccp_reviewer'),
('sign_cutover_check', 'ccp_admin, ccp_reviewer'),
('run_cutover_day', 'ccp_admin, ccp_worker'),
('propose_cutover_step', 'ccp_admin'),
('propose_check_waiver', 'ccp_admin'),
('confirm_cutover', 'ccp_admin, ccp_reviewer'),
('reject_cutover', 'ccp_admin, ccp_reviewer'),
('roll_back_cutover', 'ccp_admin'),
('refuse_import', 'ccp_admin, ccp_processor'),
('reject_waiver', 'ccp_admin, ccp_reviewer'),
('release_employee', 'ccp_admin, ccp_processor, ccp_reviewer'),
('reopen_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('resolve_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('resolve_issues', 'ccp_admin, ccp_processor, ccp_reviewer'),
('restore_revision', 'ccp_admin, ccp_processor'),
('restore_session', 'ccp_admin, ccp_processor'),
('save_calendar_day', 'ccp_admin'),
('save_matching_policy', 'ccp_admin'),
('save_accounting_profile', 'ccp_admin'),
('accept_unposted', 'ccp_admin, ccp_reviewer'),
('sign_history_proof', 'ccp_admin, ccp_reviewer'),
('place_legal_hold', 'ccp_admin'),
('lift_legal_hold', 'ccp_admin, ccp_reviewer'),
('pseudonymise_cardholder', 'ccp_admin'),
('lift_pseudonym', 'ccp_admin'),
('confirm_pseudonym', 'ccp_admin, ccp_reviewer'),
('reject_pseudonym', 'ccp_admin, ccp_reviewer'),
('withdraw_history_proof', 'ccp_admin, ccp_reviewer'),
('export_lines', 'ccp_admin, ccp_processor'),
('void_batch', 'ccp_admin'),
('save_prohibited_merchant', 'ccp_admin'),
('save_spending_limit', 'ccp_admin'),
('revoke_token', 'ccp_admin'),
('save_role_claim', 'ccp_admin'),
('save_rule', 'ccp_admin'),
('try_rule', 'ccp_admin'),
('save_setting', 'ccp_admin'),
('save_user', 'ccp_admin'),
('sign_in', 'ccp_read_only'),
('start_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('suspend_issue', 'ccp_admin, ccp_processor, ccp_reviewer'),
('undo_batch', 'ccp_admin, ccp_processor, ccp_reviewer'),
('whoami', 'ccp_admin, ccp_auditor, ccp_processor, ccp_read_only, ccp_reviewer, ccp_worker');

SELECT functions_are('api', ARRAY(SELECT s.name FROM pg_temp.surface AS s), 'the functions of schema api are known');
SELECT set_eq($$SELECT p.proname::text FROM pg_proc AS p WHERE p.pronamespace = 'api'::regnamespace AND p.provolatile = 'v'
        UNION ALL SELECT 'current_transactions'$$,
    'SELECT c.call_name FROM app.month_calls AS c', 'of each call that writes it is said what it changes of a month');
SELECT tables_are('api', ARRAY[]::name[], 'schema api has no table');
SELECT views_are('api', ARRAY['current_transactions'], 'schema api has one view');
SELECT set_eq($$SELECT r.rolname, v.verb FROM pg_roles AS r,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS v (verb)
    WHERE r.rolname LIKE 'ccp\_%' AND NOT r.rolcanlogin AND has_table_privilege(r.oid, 'api.current_transactions', v.verb)$$,
    $$SELECT r::name, v FROM unnest(ARRAY['ccp_admin', 'ccp_processor']) AS r,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS v$$, 'it is written by those who correct');
SELECT set_eq($$
        SELECT p.proname::text, string_agg(r.rolname, ', ' ORDER BY r.rolname) FROM pg_proc AS p
        LEFT JOIN pg_roles AS r ON r.rolname LIKE 'ccp\_%' AND NOT r.rolcanlogin
            AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
        WHERE p.pronamespace = 'api'::regnamespace GROUP BY p.oid
    $$, 'SELECT s.name, s.callers FROM pg_temp.surface AS s', 'each may be called by its roles and by no other');
SELECT is_empty($$SELECT p.oid::regprocedure, r.rolname FROM pg_proc AS p, pg_roles AS r
    WHERE p.pronamespace = 'api'::regnamespace AND r.rolname = 'ccp_service'
        AND has_function_privilege(r.oid, p.oid, 'EXECUTE')$$,
    'the login of the service may call nothing before it has taken a role');
SELECT set_eq($$SELECT r.rolname FROM pg_roles AS r WHERE r.rolname LIKE 'ccp\_%' AND NOT r.rolcanlogin
        AND has_schema_privilege(r.oid, 'api', 'USAGE')$$,
    ARRAY['ccp_admin', 'ccp_auditor', 'ccp_processor', 'ccp_read_only', 'ccp_reviewer', 'ccp_worker']::name[],
    'these roles reach the schema');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p
    WHERE p.pronamespace = 'api'::regnamespace AND 'p_cardholder_id' = ANY (p.proargnames)
        AND obj_description(p.oid, 'pg_proc') !~ 'PM00[34]'$$, 'whatever is called for a person says that it is not for the own card');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p
    WHERE p.pronamespace = 'api'::regnamespace AND pg_get_function_arguments(p.oid) ~ 'DEFAULT (pg_catalog\.)?(now|clock_timestamp)\('
        AND has_function_privilege('ccp_admin', p.oid, 'EXECUTE')$$, 'nobody tells a call what time it is');
SELECT * FROM finish();
ROLLBACK;
