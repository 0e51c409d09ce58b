-- The months from before are proved by reviewers and administrators.

BEGIN;

SELECT app.expect_objects($$
constraint app.history_signatures.history_signatures_card_numbers_check
constraint app.history_signatures.history_signatures_created_tx_check
constraint app.history_signatures.history_signatures_kind_check
constraint app.history_signatures.history_signatures_note_check
constraint app.history_signatures.history_signatures_number_check
constraint app.history_signatures.history_signatures_pkey
constraint app.history_signatures.history_signatures_proof_check
constraint app.history_signatures.history_signatures_session_id_fkey
constraint app.history_signatures.history_signatures_user_id_check
constraint app.history_signatures.history_signatures_user_id_fkey
function api.sign_history_proof(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function api.withdraw_history_proof(uuid, integer, text, text) as owner: execute ccp_admin ccp_reviewer
function app.write_signature(text, uuid, integer, text, text)
function report.way_back(uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
index app.history_signatures_created_tx_idx
index app.history_signatures_user_id_idx
table app.history_signatures (session_id, signature_number, kind, proof, note, user_id, signed_at, created_tx): select
    ccp_auditor
trigger app.history_signatures.t10_immutable
trigger app.history_signatures.t90_mark
view app.history_figures (session_id, month_id, proof, file_name, size_bytes, processing_completed_at, is_latest):
    select ccp_auditor
view report.history_proof (period_start, session_id, month_id, month_name, month_version, file_name, size_bytes,
    sha256, imported_at, is_latest, entries_refused, file_people, month_people, file_receipts, month_receipts,
    file_car_total, month_car_total, file_receipt_total, month_receipt_total, entries_changed, is_exact, is_same,
    signature, note, signed_by, signed_by_name, signed_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
$$);

ROLLBACK;
