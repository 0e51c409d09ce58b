-- Every call that decides something has a call that takes it back: named here, and made.
BEGIN;
SET LOCAL search_path = tap, pg_catalog;
\ir ../fixtures/workflow.psql
\ir ../fixtures/month.psql
\ir ../fixtures/pdfs.psql
SELECT no_plan();

-- What decides nothing, or cannot be taken back by what it is for.
CREATE TEMP TABLE without_inverse (call_name text PRIMARY KEY, reason text NOT NULL);
INSERT INTO without_inverse VALUES
('accept_submission', 'what waited is a submission then, and cancel_session hides it as any other'),
('decide_conflict', 'what it decided is said otherwise by the next correction of the receipt, see corrections_survive.sql'),
('discard_submission', 'nothing of it is kept: the file is handed in again'),
('discard_expired_submissions', 'follows from the time; the file is handed in again'),
('sign_off_month', 'it says what was seen, and falls by itself when anything of it changes'),
('close_month', 'reopen_month opens it; made and taken back in months/closing.sql, where a month is ready to be closed'),
('reopen_month', 'close_month closes it again, as it is then'),
('note_issue', 'a note decides nothing and is kept for good'),
('accept_unposted', 'it says what was seen, and falls by itself when anything of it changes'),
('sign_history_proof', 'withdraw_history_proof takes it back; made and taken back in migration/history.sql, where months are closed'),
('withdraw_history_proof', 'sign_history_proof signs it anew, see migration/history.sql'),
('place_legal_hold', 'lift_legal_hold ends it; made and taken back in privacy/retention.sql'),
('lift_legal_hold', 'place_legal_hold places another one'),
('pseudonymise_cardholder', 'reject_pseudonym takes it back, see privacy/pseudonyms.sql'),
('confirm_pseudonym', 'lift_pseudonym and a second confirm_pseudonym, see privacy/pseudonyms.sql; what went with it is gone for good'),
('lift_pseudonym', 'reject_pseudonym takes it back, see privacy/pseudonyms.sql'),
('reject_pseudonym', 'it is proposed anew'),
('export_lines', 'void_batch says that it was never posted; made and taken back in outputs/batches.sql'),
('void_batch', 'its lines are free again, and the next batch has them; see outputs/batches.sql'),
('revoke_token', 'a token that may be in other hands stays revoked; its holder asks for a new one'),
('expire_waivers', 'the machine: the time is over'),
('begin_upload', 'files on their way in: cancel_session ends it'),
('store_chunk', 'files on their way in: cancel_session ends it'),
('queue_documents', 'files on their way in: cancel_session ends it'),
('compare_old_result', 'a record of what was compared; another run is another record'),
('propose_difference', 'it decides nothing, and ends on its day'),
('accept_difference', 'it ends on its day; verdicts given stay as they were'),
('refuse_import', 'a record of what was not taken'),
('try_rule', 'it is taken back before it answers'),
('claim_job', 'the worker: a lease that ends'),
('record_progress', 'the worker: how far it is'),
('record_duty', 'the worker: a sign of life'),
('fail_job', 'the worker: the files are handed in again'),
('remove_expired_documents', 'the machine: retention is over'),
('remove_expired_answers', 'the machine: retention is over'),
('claim_messages', 'the worker: a lease that ends'),
('record_delivery', 'the worker: what was sent is sent'),
('write_reminders', 'the worker: what is written is sent'),
('record_hand_out', 'what was handed out is handed out'),
('record_sign_in', 'record_sign_out ends it'),
('record_sign_out', 'whoever it was signs in anew'),
('mirror_orders', 'the worker: what is to be written'),
('record_mirror', 'the worker: how a file is that can be made again'),
('store_closed_workbook', 'the worker: what a closing was stays on record'),
('record_drill', 'what was tried was tried'),
('confirm_drill', 'what was seen was seen; the next drill takes its place'),
('run_cutover_checks', 'what was found is kept; the next run takes its place'),
('sign_cutover_check', 'the next signature takes its place'),
('run_cutover_day', 'the worker: what was found is kept'),
('propose_cutover_step', 'reject_cutover takes it back, see migration/steps.sql'),
('propose_check_waiver', 'reject_cutover takes it back, see migration/steps.sql'),
('confirm_cutover', 'each step has one that leads back but the last, see migration/steps.sql; a waiver ends on its day'),
('reject_cutover', 'it is proposed anew'),
('roll_back_cutover', 'the step return leads back, see migration/steps.sql'),
('admit_identity', 'the directory takes back what it gave, or an administrator by save_user'),
('sign_in', 'first step of every request: the transaction ends it');

-- A month of Ann and of a receipt that only names "Anne Roe".
:as_owner
SELECT tap.hand_in('inverse', tap.pdf_report('{}', tap.pdf_card()),
    tap.pdf_receipts('{}', tap.pdf_receipt(1), tap.pdf_receipt(2, '{"employee": "Anne Roe"}'))) ->> 'session_id' AS pdfs \gset
SELECT api.save_user('zoe', NULL, 'reviewer') \g /dev/null
SELECT api.save_user('ava', NULL, 'admin') \g /dev/null
-- A month from before, which nobody works on.
SELECT api.import_activity(replace(:'month', '"20.00"', '"22.00"'), 'Old', p_programme => 'Old') \g /dev/null
:as_tester
SELECT t.transaction_id AS receipt, t.cardholder_id AS ann FROM report.transactions AS t
WHERE t.session_id = :'pdfs' AND t.employee_name = 'ANNROE' \gset
SELECT c.charge_id AS charge FROM report.charges AS c WHERE c.session_id = :'pdfs' \gset
CREATE FUNCTION tap.look(p_query text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
AS $$
DECLARE
    v_seen text;
BEGIN
    EXECUTE 'SELECT string_agg(x::text, '', '' ORDER BY x::text) FROM (' || p_query || ') AS x' INTO v_seen;
    RETURN coalesce(v_seen, 'nothing');
END
$$;
-- Makes a call as its user, then the inverse as its user: another state in between, and the first one afterwards.
CREATE FUNCTION tap.there_and_back(
    p_call text, p_user text, p_statement text, p_inverse text, p_back_user text, p_back text, p_look text, p_before text)
RETURNS SETOF text
LANGUAGE plpgsql
AS $$
DECLARE
    v_roles jsonb := '{"ada": "ccp_admin", "pat": "ccp_processor", "rex": "ccp_reviewer", "rae": "ccp_reviewer", "ava": "ccp_admin"}';
    v_before text;
BEGIN
    IF p_before IS NOT NULL THEN
        PERFORM set_config('role', 'ccp_processor', true), set_config('app.actor', 'pat', true);
        EXECUTE p_before;
    END IF;
    v_before := tap.look(p_look);
    PERFORM set_config('role', v_roles ->> p_user, true), set_config('app.actor', p_user, true);
    EXECUTE p_statement;
    RETURN NEXT isnt(tap.look(p_look), v_before, p_call || ' does something');
    PERFORM set_config('role', v_roles ->> p_back_user, true), set_config('app.actor', p_back_user, true);
    EXECUTE p_back;
    RETURN NEXT is(tap.look(p_look), v_before, p_inverse || ' takes ' || p_call || ' back');
END
$$;
CREATE FUNCTION tap.on_issue(p_call text, p_issue_id uuid, p_words text DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format('SELECT api.%I(i.issue_id, i.version%s) FROM report.validation_issues AS i WHERE i.issue_id = %L', p_call, ', ' || p_words, p_issue_id);
CREATE FUNCTION tap.restored(p_session uuid, p_cardholder uuid, p_back integer) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN format('SELECT api.restore_revision(o.revision_id, e.revision_id, ''back'') FROM report.employee_revisions AS e
    JOIN report.employee_revisions_history AS o ON o.session_id = e.session_id AND o.cardholder_id = e.cardholder_id
        AND o.revision_number = e.revision_number - %s WHERE e.session_id = %L AND e.cardholder_id = %L', p_back, p_session, p_cardholder);
CREATE FUNCTION tap.cancelled(p_where text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN 'SELECT api.cancel_session(s.session_id, s.version) FROM report.processing_sessions AS s WHERE s.status <> ''cancelled'' AND ' || p_where;

CREATE TABLE tap.ways (
    place integer GENERATED ALWAYS AS IDENTITY, call_name text NOT NULL, user_name text NOT NULL, statement text NOT NULL,
    inverse text NOT NULL, back_user text NOT NULL, back text NOT NULL, look text NOT NULL, before text);
\set said 'format(''SELECT t.purpose FROM report.transactions AS t WHERE t.transaction_id = %L'', :''receipt'')'
\set state 'format(''SELECT i.state, i.assigned_to FROM app.validation_issues AS i WHERE i.issue_id = %L'', :''coding_issue'')'
\set decided 'format(''SELECT i.is_resolved FROM app.validation_issues AS i WHERE i.issue_id = %L'', :''coding_issue'')'
\set receipts '''SELECT t.employee_name, t.external_transaction_id, t.amount, t.purpose FROM report.transactions AS t'''
\set sessions '''SELECT s.session_name, s.total_employees FROM report.sessions AS s'''
\set aliases '''SELECT t.employee_name, t.external_transaction_id FROM report.transactions AS t UNION ALL SELECT a.receipt_key, a.name_key FROM app.name_aliases AS a'''
\set batch 'format(''SELECT api.resolve_issues(jsonb_build_array(jsonb_build_object(''''issue_id'''', i.issue_id, ''''expected_version'''', i.version)), NULL, ''''explained'''', ''''x'''') FROM report.validation_issues AS i WHERE i.issue_id = %L'', :''coding_issue'')'
\set unbatch '''SELECT api.undo_batch(v.batch_id, ''''x'''') FROM report.issue_events AS v WHERE v.batch_id IS NOT NULL AND v.to_state = ''''resolved'''' ORDER BY v.happened_at DESC LIMIT 1'''
INSERT INTO tap.ways (call_name, user_name, statement, inverse, back_user, back, look) VALUES
('current_transactions', 'pat', format('UPDATE api.current_transactions SET purpose = ''x'' WHERE transaction_id = %L', :'receipt'),
    'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), :said),
('correct_transactions', 'pat', format('SELECT api.correct_transactions(%L, jsonb_build_array(jsonb_build_object(''transaction_id'', t.transaction_id, ''employee_revision_id'', t.employee_revision_id, ''changes'', ''{"purpose": "y"}''::jsonb)), ''x'') FROM report.transactions AS t WHERE t.transaction_id = %L', :'pdfs', :'receipt'),
    'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), :said),
('take_coding', 'pat', format('SELECT * FROM api.take_coding(%L, %L, ''x'')', :'pdfs', (SELECT jsonb_build_array(jsonb_build_object('row_number', 2,
        'transaction_id', t.transaction_id, 'employee_revision_id', t.employee_revision_id, 'stamp', app.coding_stamp(t.transaction_id, t.employee_revision_id),
        'external_transaction_id', t.external_transaction_id, 'amount', t.amount::text, 'fault', NULL, 'cells', '{"purpose": "by sheet"}'::jsonb))
    FROM report.transactions AS t WHERE t.transaction_id = :'receipt')),
    'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), :said),
('add_transaction', 'pat', format('SELECT api.add_transaction(%L, e.revision_id, ''{"amount": 3}'', ''x'') FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L', :'pdfs', :'pdfs', :'ann'),
    'remove_transaction', 'pat', format('SELECT api.remove_transaction(t.session_id, t.transaction_id, t.employee_revision_id, ''y'') FROM report.transactions AS t WHERE t.session_id = %L AND t.amount = 3', :'pdfs'), :receipts),
('remove_transaction', 'pat', format('SELECT api.remove_transaction(t.session_id, t.transaction_id, t.employee_revision_id, ''x'') FROM report.transactions AS t WHERE t.transaction_id = %L', :'receipt'),
    'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), :receipts),
('attach_document', 'pat', format('SELECT api.attach_document(t.session_id, t.transaction_id, t.employee_revision_id, ''late.png'', decode(''89504e470d0a1a0a'', ''hex''), ''x'') FROM report.transactions AS t WHERE t.transaction_id = %L', :'receipt'),
    'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), 'SELECT p.employee_name, p.kind, p.page_number FROM report.sessions AS s, report.packet_pages(s.session_id) AS p'),
('move_transaction', 'pat', format('SELECT api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id, e.revision_id, ''x'') FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.session_id = t.session_id AND e.employee_name = ''ANNEROE'' WHERE t.transaction_id = %L', :'receipt'),
    'move_transaction', 'pat', format('SELECT api.move_transaction(t.session_id, t.transaction_id, t.employee_revision_id, e.revision_id, ''x'') FROM report.transactions AS t JOIN report.employee_revisions AS e ON e.session_id = t.session_id AND e.employee_name = ''ANNROE'' WHERE t.transaction_id = %L', :'receipt'), :receipts),
('restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), 'restore_revision', 'pat', tap.restored(:'pdfs', :'ann', 1), :said),
('approve_alias', 'pat', 'SELECT api.approve_alias(''Anne Roe'', ''ANNROE'', ''x'')', 'withdraw_alias', 'pat', 'SELECT api.withdraw_alias(''Anne Roe'', 1, ''x'')', :aliases),
('decide_match', 'pat', format('SELECT api.decide_match(''reject'', ARRAY[%L]::uuid[], ARRAY[%L]::uuid[], e.version, ''x'') FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L', :'charge', :'receipt', :'pdfs', :'ann'),
    'decide_match', 'pat', format('SELECT api.decide_match(''undo'', ARRAY[%L]::uuid[], ARRAY[%L]::uuid[], e.version, ''x'') FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L', :'charge', :'receipt', :'pdfs', :'ann'),
    'SELECT m.charge_id, m.transaction_id FROM report.matches AS m'),
('hold_employee', 'rex', format('SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, ''x'') FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L', :'pdfs', :'ann'),
    'release_employee', 'rex', format('SELECT api.release_employee(e.session_id, e.cardholder_id, e.version) FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L', :'pdfs', :'ann'),
    'SELECT e.status, e.employee_name, e.session_id FROM report.employee_revisions AS e'),
('resolve_issue', 'pat', tap.on_issue('resolve_issue', :'coding_issue', '''explained'', ''x'''), 'reopen_issue', 'rex', tap.on_issue('reopen_issue', :'coding_issue', '''x'''), :state),
('mark_false_positive', 'pat', tap.on_issue('mark_false_positive', :'coding_issue', '''x'''), 'reopen_issue', 'pat', tap.on_issue('reopen_issue', :'coding_issue', '''x'''), :state),
('resolve_issues', 'pat', :batch, 'undo_batch', 'rex', :unbatch, :state),
('assign_issue', 'pat', tap.on_issue('assign_issue', :'coding_issue', '''rex'''), 'assign_issue', 'pat', tap.on_issue('assign_issue', :'coding_issue'), :state),
('propose_waiver', 'pat', tap.on_issue('propose_waiver', :'coding_issue', '''other'', ''x'', 100, (now() AT TIME ZONE ''UTC'')::date'), 'reject_waiver', 'rex', tap.on_issue('reject_waiver', :'coding_issue', '''x'''), :state),
('propose_decision', 'pat', tap.on_issue('propose_decision', :'coding_issue', '''other'', ''x'''), 'reject_waiver', 'rex', tap.on_issue('reject_waiver', :'coding_issue', '''x'''), :state),
('create_session', 'pat', 'SELECT api.create_session(''Empty one'')', 'cancel_session', 'ada', tap.cancelled('s.session_name = ''Empty one'''), :sessions),
('import_activity', 'pat', format('SELECT api.import_activity(%L, ''Again'', p_programme => ''Again'')', replace(:'month', '"20.00"', '"21.00"')), 'cancel_session', 'ada', tap.cancelled('s.session_name = ''Again'''), :sessions),
('restore_session', 'pat', 'SELECT api.restore_session(s.session_id, NULL, ''x'', ''Restored'') FROM report.processing_sessions AS s WHERE s.session_name = ''Again''', 'cancel_session', 'ada', tap.cancelled('s.session_name = ''Restored'''), :sessions),
('cancel_session', 'ada', tap.cancelled(format('s.session_id = %L', :'session_id')), 'restore_session', 'pat', format('SELECT api.restore_session(%L, NULL, ''x'')', :'session_id'), :sessions),
('close_past_month', 'ada', 'SELECT api.close_past_month(m.month_id, m.version) FROM report.months AS m WHERE m.programme = ''Old''', 'reopen_month', 'ava', 'SELECT api.reopen_month(m.month_id, m.version, ''x'') FROM report.months AS m WHERE m.programme = ''Old''', 'SELECT m.month_name, m.state FROM app.months AS m'),
('save_user', 'ada', 'SELECT api.save_user(''zoe'', p_role => ''processor'', p_expected_version => 1)', 'save_user', 'ada', 'SELECT api.save_user(''zoe'', p_role => ''reviewer'', p_expected_version => 2)', 'SELECT u.user_name, u.role FROM app.users AS u'),
('map_login', 'ada', 'SELECT api.map_login(''psql_of_zoe'', ''zoe'', 3)', 'map_login', 'ada', 'SELECT api.map_login(''psql_of_zoe'', NULL, u.version) FROM report.users AS u WHERE u.user_name = ''zoe''', 'SELECT l.login_name, l.user_id FROM app.login_users AS l'),
('save_addresses', 'ada', 'SELECT api.save_addresses(''[{"employee_name": "ANNROE", "email": "ann@example.org"}]'')', 'save_addresses', 'ada', 'SELECT api.save_addresses(''[{"employee_name": "ANNROE", "email": null, "version": 1}]'')', 'SELECT a.email FROM report.cardholder_addresses AS a WHERE a.email IS NOT NULL'),
('choose_reminder_day', 'ada', 'SELECT api.choose_reminder_day(m.month_id, current_date + 30) FROM report.months AS m', 'choose_reminder_day', 'ada', 'SELECT api.choose_reminder_day(m.month_id, current_date + 30, false) FROM report.months AS m', 'SELECT d.month_id FROM report.reminder_days AS d'),
('save_users', 'ada', 'SELECT api.save_users(jsonb_build_array(jsonb_build_object(''user_name'', u.user_name, ''is_active'', false, ''version'', u.version))) FROM report.users AS u WHERE u.user_name = ''zoe''', 'save_users', 'ada', 'SELECT api.save_users(jsonb_build_array(jsonb_build_object(''user_name'', u.user_name, ''is_active'', true, ''version'', u.version))) FROM report.users AS u WHERE u.user_name = ''zoe''', 'SELECT u.user_name, u.is_active FROM app.users AS u'),
('link_identity', 'ada', 'SELECT api.link_identity(''https://login.example.org'', ''o'', ''zoe'')', 'link_identity', 'ada', 'SELECT api.link_identity(''https://login.example.org'', ''o'', NULL, 1)', 'SELECT i.issuer, i.subject FROM app.user_identities AS i'),
('save_role_claim', 'ada', 'SELECT api.save_role_claim(''https://login.example.org'', ''Clerk'', ''processor'')', 'save_role_claim', 'ada', 'SELECT api.save_role_claim(''https://login.example.org'', ''Clerk'', NULL, 1)', 'SELECT c.claim_value, c.role FROM app.role_claims AS c'),
('save_setting', 'ada', 'SELECT api.save_setting(''json_max_depth'', 31, 1)', 'save_setting', 'ada', 'SELECT api.save_setting(''json_max_depth'', 32, 2)', 'SELECT s.setting_name, s.value FROM app.settings AS s'),
('save_calendar_day', 'ada', 'SELECT api.save_calendar_day(''2031-05-01'', false, ''x'')', 'save_calendar_day', 'ada', 'SELECT api.save_calendar_day(''2031-05-01'', NULL, NULL, 1)', 'SELECT d.calendar_day FROM report.calendar_exceptions AS d'),
('load_chart', 'ada', 'SELECT api.load_chart(''gl_account'', ''[{"code": "6120.100"}]'', c.version) FROM report.coding_charts AS c WHERE c.code_kind = ''gl_account''', 'load_chart', 'ada', 'SELECT api.load_chart(''gl_account'', ''[]'', c.version) FROM report.coding_charts AS c WHERE c.code_kind = ''gl_account''', 'SELECT c.code FROM report.coding_codes AS c'),
('save_prohibited_merchant', 'ada', 'SELECT api.save_prohibited_merchant(''CASINO'', ''x'')', 'save_prohibited_merchant', 'ada', 'SELECT api.save_prohibited_merchant(''CASINO'', NULL, 1)', 'SELECT p.pattern FROM report.prohibited_merchants AS p'),
('save_spending_limit', 'ada', 'SELECT api.save_spending_limit(NULL, ''Restaurants'', 100)', 'save_spending_limit', 'ada', 'SELECT api.save_spending_limit(NULL, ''Restaurants'', NULL, 1)', 'SELECT l.merchant_group, l.limit_amount FROM report.spending_limits AS l'),
('save_matching_policy', 'ada', 'SELECT api.save_matching_policy(''{"near_amount": "2.00"}'', p.policy_version) FROM report.matching_policies AS p ORDER BY p.policy_version DESC LIMIT 1', 'save_matching_policy', 'ada',
    'SELECT api.save_matching_policy(jsonb_build_object(''near_amount'', o.near_amount::text), p.policy_version) FROM report.matching_policies AS p JOIN report.matching_policies AS o ON o.policy_version = p.policy_version - 1 ORDER BY p.policy_version DESC LIMIT 1',
    'SELECT p.near_amount FROM app.matching_policy() AS p'),
('save_accounting_profile', 'ada', 'SELECT api.save_accounting_profile(''old_program'', ''{"tax": "X"}'', p.profile_version) FROM report.accounting_profiles AS p WHERE p.is_current', 'save_accounting_profile', 'ada',
    'SELECT api.save_accounting_profile(''old_program'', ''{"tax": "XX"}'', p.profile_version) FROM report.accounting_profiles AS p WHERE p.is_current',
    'SELECT p.tax FROM app.accounting_profile(''old_program'') AS p'),
('save_rule', 'ada', 'SELECT api.save_rule(''missing_receipt'', r.version, p_severity => ''low'') FROM report.validation_rules AS r WHERE r.rule_code = ''missing_receipt'' AND r.is_current', 'save_rule', 'ada',
    'SELECT api.save_rule(''missing_receipt'', r.version, p_severity => o.severity) FROM report.validation_rules AS r JOIN report.validation_rules AS o ON o.rule_code = r.rule_code AND o.version = r.version - 1 WHERE r.rule_code = ''missing_receipt'' AND r.is_current',
    'SELECT r.rule_code, r.severity FROM report.validation_rules AS r WHERE r.is_current');
-- What starts from where another call leads.
\set hold 'format(''SELECT api.hold_employee(e.session_id, e.cardholder_id, e.version, ''''x'''') FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L'', :''pdfs'', :''ann'')'
\set release 'format(''SELECT api.release_employee(e.session_id, e.cardholder_id, e.version) FROM report.employee_revisions AS e WHERE e.session_id = %L AND e.cardholder_id = %L'', :''pdfs'', :''ann'')'
\set propose 'tap.on_issue(''propose_waiver'', :''coding_issue'', ''''''other'''', ''''x'''', 100, (now() AT TIME ZONE ''''UTC'''')::date'')'
INSERT INTO tap.ways (call_name, user_name, statement, inverse, back_user, back, look, before) VALUES
('release_employee', 'rex', :release, 'hold_employee', 'rex', :hold, 'SELECT e.status, e.employee_name, e.session_id FROM report.employee_revisions AS e', :hold),
('withdraw_alias', 'pat', 'SELECT api.withdraw_alias(''Anne Roe'', 1, ''x'')', 'approve_alias', 'pat', 'SELECT api.approve_alias(''Anne Roe'', ''ANNROE'', ''x'')', :aliases, 'SELECT api.approve_alias(''Anne Roe'', ''ANNROE'', ''x'')'),
('reopen_issue', 'pat', tap.on_issue('reopen_issue', :'coding_issue', '''x'''), 'resolve_issue', 'pat', tap.on_issue('resolve_issue', :'coding_issue', '''explained'', ''x'''), :state, tap.on_issue('resolve_issue', :'coding_issue', '''explained'', ''x''')),
('undo_batch', 'pat', :unbatch, 'resolve_issues', 'pat', :batch, :state, 'SELECT tap.reopened(' || quote_literal(:'coding_issue') || ')'),
('approve_waiver', 'rex', tap.on_issue('approve_waiver', :'coding_issue'), 'reopen_issue', 'rex', tap.on_issue('reopen_issue', :'coding_issue', '''x'''), :decided, 'SELECT tap.proposed(' || quote_literal(:'coding_issue') || ')'),
('reject_waiver', 'rex', tap.on_issue('reject_waiver', :'coding_issue', '''x'''), 'propose_waiver', 'pat', :propose, :state, :propose),
('start_issue', 'pat', tap.on_issue('start_issue', :'coding_issue'), 'suspend_issue', 'pat', tap.on_issue('suspend_issue', :'coding_issue', '''x'''), 'SELECT i.state FROM app.validation_issues AS i WHERE i.rule_code = ''missing_coding_info''', NULL),
('suspend_issue', 'pat', tap.on_issue('suspend_issue', :'coding_issue', '''x'''), 'start_issue', 'pat', tap.on_issue('start_issue', :'coding_issue'), :state, tap.on_issue('start_issue', :'coding_issue')),
('accept_documents', 'pat', $st$DO $do$ DECLARE j jsonb; BEGIN PERFORM tap.upload('more'), set_config('role', 'ccp_worker', true), set_config('app.actor', 'worker', true);
    j := api.claim_job('tap'); PERFORM set_config('role', 'ccp_processor', true), set_config('app.actor', 'pat', true);
    PERFORM api.accept_documents((j ->> 'job_id')::uuid, (j ->> 'token')::uuid, tap.pdf_report('{}', tap.pdf_card()), tap.pdf_receipts('{}', tap.pdf_receipt(1))); END $do$ $st$,
    'cancel_session', 'ada', tap.cancelled('s.session_id = (SELECT max(x.session_id::text)::uuid FROM report.processing_sessions AS x)'), :sessions, NULL);
-- Steps before a step, for issues in whatever state.
CREATE FUNCTION tap.reopened(p_issue_id uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM api.reopen_issue(i.issue_id, i.version, 'x') FROM report.validation_issues AS i WHERE i.issue_id = p_issue_id AND i.is_resolved;
    PERFORM api.resolve_issues(jsonb_build_array(jsonb_build_object('issue_id', i.issue_id, 'expected_version', i.version)), NULL, 'explained', 'x')
    FROM report.validation_issues AS i WHERE i.issue_id = p_issue_id;
END
$$;
CREATE FUNCTION tap.proposed(p_issue_id uuid) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM api.reopen_issue(i.issue_id, i.version, 'x') FROM report.validation_issues AS i WHERE i.issue_id = p_issue_id AND i.is_resolved;
    PERFORM api.propose_waiver(i.issue_id, i.version, 'other', 'x', 100, (now() AT TIME ZONE 'UTC')::date)
    FROM report.validation_issues AS i WHERE i.issue_id = p_issue_id;
END
$$;
GRANT SELECT ON tap.ways TO PUBLIC;
SET LOCAL SESSION AUTHORIZATION ccp_service;
SET LOCAL app.reason = 'as told';
SELECT r.line FROM (SELECT x.* FROM tap.ways AS x ORDER BY x.call_name = 'cancel_session', x.place OFFSET 0) AS w
CROSS JOIN LATERAL tap.there_and_back(w.call_name, w.user_name, w.statement, w.inverse, w.back_user, w.back, w.look, w.before) AS r (line);
:as_tester

-- The list is whole: each call of schema api that writes is here with its inverse, or with the reason why it has none.
SELECT set_eq('SELECT w.call_name FROM tap.ways AS w UNION ALL SELECT o.call_name FROM pg_temp.without_inverse AS o',
    'SELECT c.call_name FROM app.month_calls AS c', 'every call names its inverse, or why it has none');
SELECT is_empty('SELECT w.call_name FROM tap.ways AS w JOIN pg_temp.without_inverse AS o USING (call_name)', 'and not both');
SELECT is_empty($$SELECT w.call_name, w.inverse FROM tap.ways AS w
    WHERE NOT (strpos(w.statement, w.call_name || '(') > 0 OR strpos(w.statement, 'api.current_transactions') > 0) OR strpos(w.back, 'api.' || w.inverse || '(') = 0$$,
    'each statement makes the call it is named after');
SELECT is_empty($$SELECT w.inverse FROM tap.ways AS w WHERE w.inverse NOT IN (SELECT c.call_name FROM app.month_calls AS c)$$, 'an inverse is a call too');
SELECT lives_ok('SET CONSTRAINTS ALL IMMEDIATE', 'all of it can be committed');
SELECT * FROM finish();
ROLLBACK;
