-- Months are private and watched.

BEGIN;

SELECT app.expect_objects($$
constraint app.month_events.month_events_card_numbers_check
constraint app.month_events.month_events_cardholder_id_fkey
constraint app.month_events.month_events_closed_by_fkey
constraint app.month_events.month_events_closer_key
constraint app.month_events.month_events_created_tx_check
constraint app.month_events.month_events_digest_key
constraint app.month_events.month_events_kind_check
constraint app.month_events.month_events_month_id_fkey
constraint app.month_events.month_events_number_check
constraint app.month_events.month_events_parts_check
constraint app.month_events.month_events_pkey
constraint app.month_events.month_events_reason_check
constraint app.month_events.month_events_second_person_check
constraint app.month_events.month_events_user_id_check
constraint app.month_events.month_events_user_id_fkey
constraint app.months.months_card_numbers_check
constraint app.months.months_month_id_programme_key
constraint app.months.months_period_check
constraint app.months.months_period_key
constraint app.months.months_pkey
constraint app.months.months_programme_check
constraint app.months.months_state_check
constraint audit.months_history.months_history_audit_tx_check
constraint audit.months_history.months_history_pkey
function app.period_name(text, date, date)
function app.stamp_change()
function audit.capture_months() as owner
index app.month_events_cardholder_id_idx
index app.month_events_closed_by_idx
index app.month_events_created_tx_idx
index app.month_events_user_id_idx
index app.months_changed_tx_idx
index audit.months_history_audit_actor_idx
index audit.months_history_audit_tx_audit_at_idx
table app.month_events (month_id, event_number, kind, is_history, cardholder_id, reason, user_id, closing_number,
    closed_by, tick_number, proof, digest, happened_at, created_tx): select ccp_auditor
table app.months (month_id, programme, period_start, period_end, month_name, state, created_at, version, changed_tx):
    select ccp_auditor
table audit.months_history (month_id, programme, period_start, period_end, month_name, state, created_at, version,
    changed_tx, audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason,
    audit_request_id): select ccp_auditor
trigger app.month_events.t10_immutable
trigger app.month_events.t90_mark
trigger app.months.t00_suppress_redundant
trigger app.months.t10_keep
trigger app.months.t50_stamp
trigger app.months.t80_keep_key
trigger app.months.t90_capture_delete
trigger app.months.t90_capture_insert
trigger app.months.t90_capture_update
trigger audit.months_history.t10_immutable
$$);

ROLLBACK;
