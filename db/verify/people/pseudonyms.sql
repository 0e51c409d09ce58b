-- Pseudonyms are for auditors alone.

BEGIN;

SELECT app.expect_objects($$
constraint app.pseudonyms.pseudonyms_card_numbers_check
constraint app.pseudonyms.pseudonyms_cardholder_id_fkey
constraint app.pseudonyms.pseudonyms_created_tx_check
constraint app.pseudonyms.pseudonyms_pkey
constraint app.pseudonyms.pseudonyms_pseudonym_check
constraint app.pseudonyms.pseudonyms_pseudonym_key
function app.cover_names()
function app.covered_text(regclass)
function app.name_patterns(text[], text[], text[], text)
function app.shown(text)
function report.hide_names(text, text[]) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.hide_names_of_list(text[], text[]): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.hide_names_of_value(jsonb, text[]): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
index app.pseudonyms_created_tx_idx
table app.pseudonyms (cardholder_id, pseudonym, spellings, patterns, created_at, created_tx): select ccp_auditor
trigger app.pseudonyms.t10_immutable
trigger app.pseudonyms.t90_mark
view app.hidden_names (names): select ccp_auditor
view report.name_aliases (receipt_key, name_key, approved_by_name, approved_at, reason, valid_from, valid_until,
    version): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
