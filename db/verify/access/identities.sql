-- Only administrators link identities, map roles and revoke tokens; only the opening role signs in.

BEGIN;

SELECT app.expect_objects($$
constraint app.revoked_tokens.revoked_tokens_card_numbers_check
constraint app.revoked_tokens.revoked_tokens_created_tx_check
constraint app.revoked_tokens.revoked_tokens_pkey
constraint app.revoked_tokens.revoked_tokens_reason_check
constraint app.revoked_tokens.revoked_tokens_revoked_by_fkey
constraint app.revoked_tokens.revoked_tokens_token_id_check
constraint app.role_claims.role_claims_card_numbers_check
constraint app.role_claims.role_claims_claim_value_check
constraint app.role_claims.role_claims_issuer_check
constraint app.role_claims.role_claims_pkey
constraint app.role_claims.role_claims_role_check
constraint app.user_identities.user_identities_card_numbers_check
constraint app.user_identities.user_identities_given_role_check
constraint app.user_identities.user_identities_issuer_check
constraint app.user_identities.user_identities_pkey
constraint app.user_identities.user_identities_subject_check
constraint app.user_identities.user_identities_user_id_fkey
constraint audit.role_claims_history.role_claims_history_audit_tx_check
constraint audit.role_claims_history.role_claims_history_pkey
constraint audit.user_identities_history.user_identities_history_audit_tx_check
constraint audit.user_identities_history.user_identities_history_pkey
function api.link_identity(text, text, text, integer, text) as owner: execute ccp_admin
function api.revoke_token(text, text, text) as owner: execute ccp_admin
function api.save_role_claim(text, text, text, integer, text) as owner: execute ccp_admin
function api.sign_in(text, text, text, text[], timestamp with time zone) as owner: execute ccp_read_only
function app.refuse_words(text, text, integer)
function app.role_of_claims(text, text[])
function audit.capture_role_claims() as owner
function audit.capture_user_identities() as owner
index app.revoked_tokens_created_tx_idx
index app.revoked_tokens_revoked_by_idx
index app.user_identities_user_id_idx
index audit.role_claims_history_audit_actor_idx
index audit.role_claims_history_audit_tx_audit_at_idx
index audit.user_identities_history_audit_actor_idx
index audit.user_identities_history_audit_tx_audit_at_idx
table app.revoked_tokens (token_id, reason, revoked_by, revoked_at, created_tx): select ccp_auditor
table app.role_claims (issuer, claim_value, role, version): select ccp_auditor
table app.user_identities (issuer, subject, user_id, given_role, version): select ccp_auditor
table audit.role_claims_history (issuer, claim_value, role, version, audit_seq, audit_tx, audit_at, audit_operation,
    audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
table audit.user_identities_history (issuer, subject, user_id, given_role, version, audit_seq, audit_tx, audit_at,
    audit_operation, audit_actor, audit_login, audit_role, audit_reason, audit_request_id): select ccp_auditor
trigger app.revoked_tokens.t10_immutable
trigger app.revoked_tokens.t90_mark
trigger app.role_claims.t00_suppress_redundant
trigger app.role_claims.t10_keep
trigger app.role_claims.t50_version
trigger app.role_claims.t80_keep_key
trigger app.role_claims.t90_capture_delete
trigger app.role_claims.t90_capture_insert
trigger app.role_claims.t90_capture_update
trigger app.user_identities.t00_suppress_redundant
trigger app.user_identities.t10_keep
trigger app.user_identities.t50_version
trigger app.user_identities.t80_keep_key
trigger app.user_identities.t90_capture_delete
trigger app.user_identities.t90_capture_insert
trigger app.user_identities.t90_capture_update
trigger audit.role_claims_history.t10_immutable
trigger audit.user_identities_history.t10_immutable
view report.revoked_tokens (token_id, reason, revoked_by_name, revoked_at): select ccp_admin ccp_auditor
view report.role_claims (issuer, claim_value, role, version): select ccp_admin ccp_auditor
view report.user_identities (issuer, subject, user_id, user_name, version, given_role, lacks_cardholder): select
    ccp_admin ccp_auditor
$$);

ROLLBACK;
