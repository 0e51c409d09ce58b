-- Days are chosen by those who work, reminders are written by the worker.

BEGIN;

SELECT app.expect_objects($$
constraint app.reminder_days.reminder_days_chosen_by_fkey
constraint app.reminder_days.reminder_days_month_id_fkey
constraint app.reminder_days.reminder_days_pkey
constraint app.reminder_days.reminder_days_remind_on_check
constraint app.reminder_days.reminder_days_written_check
constraint audit.reminder_days_history.reminder_days_history_audit_tx_check
constraint audit.reminder_days_history.reminder_days_history_pkey
function api.choose_reminder_day(uuid, date, boolean, text) as owner: execute ccp_admin ccp_processor
function api.write_reminders(timestamp with time zone) as owner: execute ccp_worker
function audit.capture_reminder_days() as owner
index app.reminder_days_chosen_by_idx
index app.reminder_days_waiting_idx
index audit.reminder_days_history_audit_actor_idx
index audit.reminder_days_history_audit_tx_audit_at_idx
table app.reminder_days (month_id, remind_on, chosen_by, chosen_at, written_at, written): select ccp_auditor
table audit.reminder_days_history (month_id, remind_on, chosen_by, chosen_at, written_at, written, audit_seq,
    audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.reminder_days.t00_suppress_redundant
trigger app.reminder_days.t10_keep
trigger app.reminder_days.t80_keep_key
trigger app.reminder_days.t90_capture_delete
trigger app.reminder_days.t90_capture_insert
trigger app.reminder_days.t90_capture_update
trigger audit.reminder_days_history.t10_immutable
view report.reminder_days (month_id, remind_on, chosen_by_name, chosen_at, written_at, written, sent, given_up):
    select ccp_admin ccp_auditor ccp_processor
view report.reminders (month_id, session_id, cardholder_id, employee_name, email, open_items, sending, subject, body):
    select ccp_admin ccp_auditor ccp_processor
$$);

ROLLBACK;
