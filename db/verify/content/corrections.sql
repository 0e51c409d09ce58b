-- What people said about receipts.

BEGIN;

SELECT app.expect_objects($$
constraint app.corrections.corrections_card_numbers_check
constraint app.corrections.corrections_cardholder_id_fkey
constraint app.corrections.corrections_created_tx_check
constraint app.corrections.corrections_field_group_check
constraint app.corrections.corrections_number_check
constraint app.corrections.corrections_pkey
constraint app.corrections.corrections_prior_number_fkey
constraint app.corrections.corrections_reason_check
constraint app.corrections.corrections_receipt_number_key
constraint app.corrections.corrections_said_by_fkey
constraint app.corrections.corrections_session_id_fkey
constraint app.corrections.corrections_value_check
function app.bases_of(uuid, uuid, text, integer)
function app.bases_of_move(uuid, uuid, integer, uuid, text)
function app.clean_group(jsonb)
function app.fate_of(text, jsonb[], jsonb, jsonb, boolean)
function app.filed_group(text, jsonb)
function app.has_no_id(text)
function app.holder_of(uuid, uuid)
function app.is_made_up_id(text)
function app.is_same_merchant(jsonb, jsonb)
function app.refuse_other_author()
function app.said_group(app.receipt_contents, text)
function app.said_groups(app.receipt_contents)
function app.weigh_fate(text, jsonb[], jsonb, jsonb, boolean)
index app.corrections_cardholder_id_idx
index app.corrections_chain_id_cardholder_id_idx
index app.corrections_created_tx_idx
index app.corrections_given_idx
index app.corrections_said_by_idx
index app.corrections_session_id_chain_id_idx
table app.corrections (correction_id, chain_id, transaction_id, field_group, number, prior_number, session_id,
    cardholder_id, base, value, reason, said_by, said_at, created_tx): select ccp_auditor
trigger app.corrections.t10_author
trigger app.corrections.t10_immutable
trigger app.corrections.t90_mark
view app.newest_corrections (correction_id, chain_id, transaction_id, field_group, number, prior_number, session_id,
    cardholder_id, base, value, reason, said_by, said_at, created_tx): select ccp_auditor
$$);

ROLLBACK;
