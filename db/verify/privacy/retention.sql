-- Removing is for workers and administrators.

BEGIN;

SELECT app.expect_objects($$
constraint app.removals.removals_card_numbers_check
constraint app.removals.removals_cause_check
constraint app.removals.removals_created_tx_check
constraint app.removals.removals_document_id_fkey
constraint app.removals.removals_kind_check
constraint app.removals.removals_month_id_fkey
constraint app.removals.removals_old_result_id_fkey
constraint app.removals.removals_pkey
constraint app.removals.removals_removed_bytes_check
constraint app.removals.removals_session_id_fkey
function api.remove_expired_documents() as owner: execute ccp_admin ccp_worker
function app.keep_entry()
function app.remove(app.removals[], text)
function app.remove_expired(timestamp with time zone)
index app.removals_created_tx_idx
index app.removals_document_id_idx
index app.removals_month_id_idx
index app.removals_old_result_id_idx
index app.removals_session_id_idx
table app.removals (removal_id, kind, cause, month_id, session_id, document_id, old_result_id, removed_bytes,
    handed_in_at, removed_at, created_tx): select ccp_auditor
trigger app.kept_entries.t10_keep_entry
trigger app.removals.t10_immutable
trigger app.removals.t90_mark
view app.removable (kind, handed_in_at, month_id, session_id, document_id, old_result_id, removed_bytes): select
    ccp_auditor
view report.removals (removal_id, kind, cause, month_id, month_name, session_id, document_id, old_result_id,
    removed_bytes, handed_in_at, removed_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
