-- Jobs are private, their progress is for everybody to see.

BEGIN;

SELECT app.expect_objects($$
constraint app.job_progress.job_progress_card_numbers_check
constraint app.job_progress.job_progress_job_id_fkey
constraint app.job_progress.job_progress_pages_check
constraint app.job_progress.job_progress_phase_check
constraint app.job_progress.job_progress_pkey
constraint app.jobs.jobs_attempts_check
constraint app.jobs.jobs_card_numbers_check
constraint app.jobs.jobs_failure_check
constraint app.jobs.jobs_finished_check
constraint app.jobs.jobs_pkey
constraint app.jobs.jobs_queued_by_fkey
constraint app.jobs.jobs_running_check
constraint app.jobs.jobs_session_id_fkey
constraint app.jobs.jobs_state_check
constraint audit.jobs_history.jobs_history_audit_tx_check
constraint audit.jobs_history.jobs_history_pkey
function app.drop_bytes(uuid[])
function app.drop_session_bytes(uuid)
function app.end_job(uuid, text, text, text, boolean)
function app.refuse_session(uuid, text, text, text, boolean)
function app.reopen_session(uuid)
function audit.capture_jobs() as owner
index app.jobs_finished_at_idx
index app.jobs_queued_at_idx
index app.jobs_queued_by_idx
index app.jobs_session_id_idx
index app.jobs_session_id_live_key
index audit.jobs_history_audit_actor_idx
index audit.jobs_history_audit_tx_audit_at_idx
index audit.jobs_history_session_id_idx
table app.job_progress (job_id, lease_until, phase, pages_done, pages_total, updated_at): select ccp_auditor
table app.jobs (job_id, session_id, state, queued_by, is_dry_run, queued_at, attempts, worker_name, token, started_at,
    finished_at, failure_code, failure_message, answer): select ccp_auditor
table audit.jobs_history (job_id, session_id, state, queued_by, is_dry_run, queued_at, attempts, worker_name, token,
    started_at, finished_at, failure_code, failure_message, answer, audit_seq, audit_tx, audit_at, audit_operation,
    audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.job_progress.t10_keep
trigger app.job_progress.t90_mark
trigger app.jobs.t00_suppress_redundant
trigger app.jobs.t10_keep
trigger app.jobs.t80_keep_key
trigger app.jobs.t90_capture_delete
trigger app.jobs.t90_capture_insert
trigger app.jobs.t90_capture_update
trigger audit.jobs_history.t10_immutable
view report.jobs (job_id, session_id, state, is_dry_run, queued_by, queued_by_name, queued_at, attempts, worker_name,
    started_at, finished_at, failure_code, failure_message, answer, phase, pages_done, pages_total, updated_at):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
