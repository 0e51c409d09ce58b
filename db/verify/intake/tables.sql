-- Attempts are kept for good and private.

BEGIN;

SELECT app.expect_objects($$
constraint app.import_attempts.import_attempts_accepted_check
constraint app.import_attempts.import_attempts_card_numbers_check
constraint app.import_attempts.import_attempts_created_tx_check
constraint app.import_attempts.import_attempts_outcome_check
constraint app.import_attempts.import_attempts_pkey
constraint app.import_attempts.import_attempts_refused_check
constraint app.import_attempts.import_attempts_session_id_fkey
constraint app.import_attempts.import_attempts_sha256_check
constraint app.import_attempts.import_attempts_size_bytes_check
constraint app.import_attempts.import_attempts_user_id_fkey
constraint app.import_rejects.import_rejects_attempt_id_fkey
constraint app.import_rejects.import_rejects_card_numbers_check
constraint app.import_rejects.import_rejects_created_tx_check
constraint app.import_rejects.import_rejects_pkey
index app.import_attempts_created_tx_idx
index app.import_attempts_session_id_idx
index app.import_attempts_user_id_idx
index app.import_rejects_created_tx_idx
table app.import_attempts (attempt_id, user_id, file_name, size_bytes, sha256, outcome, session_id, sqlstate, message,
    path, request_id, attempted_at, created_tx): select ccp_auditor
table app.import_rejects (attempt_id, reject_number, path, sqlstate, message, created_tx): select ccp_auditor
trigger app.import_attempts.t10_immutable
trigger app.import_attempts.t90_mark
trigger app.import_rejects.t10_immutable
trigger app.import_rejects.t90_mark
$$);

ROLLBACK;
