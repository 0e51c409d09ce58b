-- The first tables are watched, for every replication role; nobody but their owner reaches the histories.

BEGIN;

SELECT app.expect_objects($$
constraint app.error_codes.error_codes_card_numbers_check
constraint app.login_users.login_users_card_numbers_check
constraint app.settings.settings_card_numbers_check
constraint app.turns.turns_card_numbers_check
constraint app.users.users_card_numbers_check
constraint audit.login_users_history.login_users_history_audit_tx_check
constraint audit.login_users_history.login_users_history_pkey
constraint audit.settings_history.settings_history_audit_tx_check
constraint audit.settings_history.settings_history_pkey
constraint audit.users_history.users_history_audit_tx_check
constraint audit.users_history.users_history_pkey
function audit.add_column_text(regclass, smallint)
function audit.capture_login_users() as owner
function audit.capture_settings() as owner
function audit.capture_text(regclass, text, text)
function audit.capture_users() as owner
function audit.follow_table(regclass)
function audit.forget_table(regclass)
function audit.guard(regclass, text, text)
function audit.refuse_key_change()
function audit.rename_column(regclass, name, name)
function audit.trigger_text(regclass, audit.guard_triggers)
index audit.login_users_history_audit_actor_idx
index audit.login_users_history_audit_tx_audit_at_idx
index audit.settings_history_audit_actor_idx
index audit.settings_history_audit_tx_audit_at_idx
index audit.users_history_audit_actor_idx
index audit.users_history_audit_tx_audit_at_idx
index audit.users_history_cardholder_id_idx
table audit.login_users_history (login_name, user_id, audit_seq, audit_tx, audit_at, audit_operation, audit_actor,
    audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.settings_history (setting_name, value, minimum, maximum, unit, description, version, audit_seq, audit_tx,
    audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
table audit.users_history (user_id, user_name, email, role, cardholder_id, is_active, is_system, created_at, version,
    switched_off_at, audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role,
    audit_reason, audit_request_id): select ccp_auditor
trigger app.login_users.t00_suppress_redundant
trigger app.login_users.t10_keep
trigger app.login_users.t80_keep_key
trigger app.login_users.t90_capture_delete
trigger app.login_users.t90_capture_insert
trigger app.login_users.t90_capture_update
trigger app.settings.t00_suppress_redundant
trigger app.settings.t10_keep
trigger app.settings.t80_keep_key
trigger app.settings.t90_capture_delete
trigger app.settings.t90_capture_insert
trigger app.settings.t90_capture_update
trigger app.users.t00_suppress_redundant
trigger app.users.t10_keep
trigger app.users.t80_keep_key
trigger app.users.t90_capture_delete
trigger app.users.t90_capture_insert
trigger app.users.t90_capture_update
trigger audit.login_users_history.t10_immutable
trigger audit.settings_history.t10_immutable
trigger audit.users_history.t10_immutable
view audit.guard_triggers (kind, trigger_name, events, function_name, description): select ccp_auditor
view audit.missing_triggers (table_name, trigger_name, state): select ccp_auditor
view audit.unfollowed_columns (table_name, column_name, column_type, history_type): select ccp_auditor
view report.audit_trail (change_number, tx, changed_at, table_name, operation, object_id, object_key, session_id,
    cardholder_id, user_id, user_name, login_name, role_name, reason, request_id, changes, is_bookkeeping): select
    ccp_admin ccp_auditor
$$);

ROLLBACK;
