-- Only administrators change the calendar, everybody reads it.

BEGIN;

SELECT app.expect_objects($$
constraint app.calendar_exceptions.calendar_exceptions_calendar_day_check
constraint app.calendar_exceptions.calendar_exceptions_card_numbers_check
constraint app.calendar_exceptions.calendar_exceptions_description_check
constraint app.calendar_exceptions.calendar_exceptions_pkey
constraint audit.calendar_exceptions_history.calendar_exceptions_history_audit_tx_check
constraint audit.calendar_exceptions_history.calendar_exceptions_history_pkey
function api.save_calendar_day(date, boolean, text, integer, text) as owner: execute ccp_admin
function app.add_business_days(date, integer)
function app.business_day_number(date)
function app.due_dates(date)
function audit.capture_calendar_exceptions() as owner
index audit.calendar_exceptions_history_audit_actor_idx
index audit.calendar_exceptions_history_audit_tx_audit_at_idx
table app.calendar_exceptions (calendar_day, is_business_day, description, version): select ccp_auditor
table audit.calendar_exceptions_history (calendar_day, is_business_day, description, version, audit_seq, audit_tx,
    audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select
    ccp_auditor
trigger app.calendar_exceptions.t00_suppress_redundant
trigger app.calendar_exceptions.t10_keep
trigger app.calendar_exceptions.t50_version
trigger app.calendar_exceptions.t80_keep_key
trigger app.calendar_exceptions.t90_capture_delete
trigger app.calendar_exceptions.t90_capture_insert
trigger app.calendar_exceptions.t90_capture_update
trigger audit.calendar_exceptions_history.t10_immutable
view report.calendar_exceptions (calendar_day, is_business_day, description, version): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
