-- The worker writes, everybody reads how the mirror is.

BEGIN;

SELECT app.expect_objects($$
constraint app.mirror_files.mirror_files_card_numbers_check
constraint app.mirror_files.mirror_files_difference_check
constraint app.mirror_files.mirror_files_month_id_fkey
constraint app.mirror_files.mirror_files_pkey
constraint app.mirror_files.mirror_files_session_id_fkey
constraint app.mirror_files.mirror_files_state_check
constraint app.mirror_files.mirror_files_written_check
function api.mirror_orders(boolean) as owner: execute ccp_worker
function api.record_mirror(uuid, uuid, text, text, jsonb) as owner: execute ccp_worker
function report.mirror_facts(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
index app.mirror_files_session_id_idx
table app.mirror_files (month_id, session_id, state, difference, tried_at, content_digest, file_name, written_at,
    tick_number, sha256, size_bytes, changes, last_difference, differed_at): select ccp_auditor
trigger app.mirror_files.t10_keep
trigger app.mirror_files.t90_mark
type report.mirror_order (month_id, session_id, file_name, last_state, last_difference, sha256)
view app.mirrored_months (month_id, session_id, processing_completed_at, file_name, content_digest): select
    ccp_auditor
view report.mirror_state (month_id, session_id, state, difference, tried_at, file_name, written_at, tick_number,
    sha256, size_bytes, changes, last_difference, differed_at, behind_by): select ccp_admin ccp_auditor ccp_processor
    ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
