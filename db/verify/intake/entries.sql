-- Nobody but the owner reads or writes them.

BEGIN;

SELECT app.expect_objects($$
constraint app.kept_digests.kept_digests_created_tx_check
constraint app.kept_digests.kept_digests_digest_check
constraint app.kept_digests.kept_digests_entries_check
constraint app.kept_digests.kept_digests_pkey
constraint app.kept_digests.kept_digests_session_id_fkey
constraint app.kept_entries.kept_entries_card_numbers_check
constraint app.kept_entries.kept_entries_claim_fkey
constraint app.kept_entries.kept_entries_pkey
function app.ascii_json(text)
function app.cut_in_text(text, text[])
function app.digest_entry(text, text)
function app.fitted_receipt(app.receipt_contents, text)
function app.has_whole_code(app.receipt_contents)
function app.list_entries(text)
function app.old_fields(jsonb)
function app.old_list(text[])
function app.old_number(numeric)
function app.old_receipt(text, text, text, text, text, text, text, text, text, text, text, text, text, text, text,
    boolean, jsonb)
function app.old_text(text)
function app.same_receipt(app.receipt_contents, text)
function app.source_position(bigint, bigint, bigint)
function app.storable_entries(app.activity_entry[], text[])
function app.text_may_hold_card_number(text)
index app.kept_digests_created_tx_idx
table app.kept_digests (session_id, entries, digest, created_tx): select ccp_auditor
table app.kept_entries (session_id, source_key, entry_text): select ccp_auditor
trigger app.kept_digests.t10_immutable
trigger app.kept_digests.t90_mark
trigger app.kept_entries.t10_keep
trigger app.kept_entries.t90_mark
type app.activity_entry (source_key, entry_place, entry_text)
$$);

ROLLBACK;
