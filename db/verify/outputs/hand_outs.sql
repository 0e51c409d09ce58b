-- Hand-outs can be noted and read.

BEGIN;

SELECT app.expect_objects($$
constraint app.hand_outs.hand_outs_about_check
constraint app.hand_outs.hand_outs_card_numbers_check
constraint app.hand_outs.hand_outs_created_tx_check
constraint app.hand_outs.hand_outs_kind_check
constraint app.hand_outs.hand_outs_pkey
constraint app.hand_outs.hand_outs_session_id_fkey
constraint app.hand_outs.hand_outs_sha256_check
constraint app.hand_outs.hand_outs_size_bytes_check
constraint app.hand_outs.hand_outs_user_id_check
constraint app.hand_outs.hand_outs_user_id_fkey
function api.record_hand_out(text, uuid, text, text, bigint, text) as owner: execute ccp_admin ccp_processor
    ccp_read_only ccp_reviewer
index app.hand_outs_created_tx_idx
index app.hand_outs_session_id_idx
index app.hand_outs_user_id_idx
table app.hand_outs (hand_out_id, kind, session_id, about, user_id, tick_number, sha256, size_bytes, handed_out_at,
    created_tx): select ccp_auditor
trigger app.hand_outs.t10_immutable
trigger app.hand_outs.t90_mark
view report.hand_outs (hand_out_id, kind, session_id, about, user_id, user_name, tick_number, sha256, size_bytes,
    handed_out_at): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
