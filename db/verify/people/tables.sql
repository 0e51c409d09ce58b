-- People are private; no column can hold a whole card number.

BEGIN;

SELECT app.expect_objects($$
constraint app.cardholders.cardholders_card_numbers_check
constraint app.cardholders.cardholders_employee_id_check
constraint app.cardholders.cardholders_name_key_check
constraint app.cardholders.cardholders_name_key_employee_id_key
constraint app.cardholders.cardholders_pkey
constraint app.cards.cards_card_numbers_check
constraint app.cards.cards_cardholder_id_first_six_last_four_key
constraint app.cards.cards_cardholder_id_fkey
constraint app.cards.cards_first_six_check
constraint app.cards.cards_last_four_check
constraint app.cards.cards_pkey
constraint app.name_aliases.name_aliases_approved_by_fkey
constraint app.name_aliases.name_aliases_card_numbers_check
constraint app.name_aliases.name_aliases_name_key_check
constraint app.name_aliases.name_aliases_pkey
constraint app.name_aliases.name_aliases_reason_check
constraint app.name_aliases.name_aliases_receipt_key_check
constraint app.name_aliases.name_aliases_valid_check
constraint app.users.users_cardholder_id_fkey
constraint audit.cardholders_history.cardholders_history_audit_tx_check
constraint audit.cardholders_history.cardholders_history_pkey
constraint audit.cards_history.cards_history_audit_tx_check
constraint audit.cards_history.cards_history_pkey
constraint audit.name_aliases_history.name_aliases_history_audit_tx_check
constraint audit.name_aliases_history.name_aliases_history_pkey
function audit.capture_cardholders() as owner
function audit.capture_cards() as owner
function audit.capture_name_aliases() as owner
index app.cardholders_employee_id_idx
index app.cards_first_six_last_four_idx
index app.name_aliases_approved_by_idx
index app.name_aliases_name_key_idx
index app.users_cardholder_id_idx
index audit.cardholders_history_audit_actor_idx
index audit.cardholders_history_audit_tx_audit_at_idx
index audit.cards_history_audit_actor_idx
index audit.cards_history_audit_tx_audit_at_idx
index audit.cards_history_cardholder_id_idx
index audit.name_aliases_history_audit_actor_idx
index audit.name_aliases_history_audit_tx_audit_at_idx
table app.cardholders (cardholder_id, name_key, employee_id, created_at): select ccp_auditor
table app.cards (card_id, cardholder_id, first_six, last_four, created_at): select ccp_auditor
table app.name_aliases (receipt_key, name_key, reason, valid_from, valid_until, approved_by, approved_at, version):
    select ccp_auditor
table audit.cardholders_history (cardholder_id, name_key, employee_id, created_at, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.cards_history (card_id, cardholder_id, first_six, last_four, created_at, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.name_aliases_history (receipt_key, name_key, reason, valid_from, valid_until, approved_by, approved_at,
    version, audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason,
    audit_request_id): select ccp_auditor
trigger app.cardholders.t00_suppress_redundant
trigger app.cardholders.t10_keep
trigger app.cardholders.t80_keep_key
trigger app.cardholders.t90_capture_delete
trigger app.cardholders.t90_capture_insert
trigger app.cardholders.t90_capture_update
trigger app.cards.t00_suppress_redundant
trigger app.cards.t10_keep
trigger app.cards.t80_keep_key
trigger app.cards.t90_capture_delete
trigger app.cards.t90_capture_insert
trigger app.cards.t90_capture_update
trigger app.name_aliases.t00_suppress_redundant
trigger app.name_aliases.t10_keep
trigger app.name_aliases.t50_version
trigger app.name_aliases.t80_keep_key
trigger app.name_aliases.t90_capture_delete
trigger app.name_aliases.t90_capture_insert
trigger app.name_aliases.t90_capture_update
trigger audit.cardholders_history.t10_immutable
trigger audit.cards_history.t10_immutable
trigger audit.name_aliases_history.t10_immutable
$$);

ROLLBACK;
