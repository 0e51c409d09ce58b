-- Pseudonyms are for auditors alone.

BEGIN;

SELECT app.expect_objects($$
constraint app.pseudonyms.pseudonyms_card_numbers_check
constraint app.pseudonyms.pseudonyms_cardholder_id_fkey
constraint app.pseudonyms.pseudonyms_pkey
constraint app.pseudonyms.pseudonyms_pseudonym_check
constraint audit.pseudonyms_history.pseudonyms_history_audit_tx_check
constraint audit.pseudonyms_history.pseudonyms_history_pkey
function app.cover_names()
function app.covered_text(regclass)
function app.follow_people()
function app.known_as(uuid, text[])
function app.name_patterns(text[], text[], text[], text)
function app.shown(text)
function audit.capture_pseudonyms() as owner
function report.hide_names(text, text[]) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.hide_names_of_list(text[], text[]): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
function report.hide_names_of_value(jsonb, text[]): execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
index app.pseudonyms_cardholder_id_covered_key
index app.pseudonyms_cardholder_id_idx
index audit.pseudonyms_history_audit_actor_idx
index audit.pseudonyms_history_audit_tx_audit_at_idx
index audit.pseudonyms_history_cardholder_id_idx
table app.pseudonyms (pseudonym, cardholder_id, spellings, employee_ids, cards, patterns, covered_at, lifted_at):
    select ccp_auditor
table audit.pseudonyms_history (pseudonym, cardholder_id, spellings, employee_ids, cards, patterns, covered_at,
    lifted_at, audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason,
    audit_request_id): select ccp_auditor
trigger app.cardholders.t60_follow
trigger app.cards.t60_follow
trigger app.name_aliases.t60_follow
trigger app.pseudonyms.t00_suppress_redundant
trigger app.pseudonyms.t10_keep
trigger app.pseudonyms.t80_keep_key
trigger app.pseudonyms.t90_capture_delete
trigger app.pseudonyms.t90_capture_insert
trigger app.pseudonyms.t90_capture_update
trigger audit.pseudonyms_history.t10_immutable
view app.hidden_names (names): select ccp_auditor
view report.name_aliases (receipt_key, name_key, approved_by_name, approved_at, reason, valid_from, valid_until,
    version): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
