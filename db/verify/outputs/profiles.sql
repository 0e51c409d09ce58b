-- The profile of the old program is there; only administrators may change one and nobody edits a version.

BEGIN;

SELECT app.expect_objects($$
constraint app.accounting_profiles.accounting_profiles_card_numbers_check
constraint app.accounting_profiles.accounting_profiles_created_by_check
constraint app.accounting_profiles.accounting_profiles_created_by_fkey
constraint app.accounting_profiles.accounting_profiles_created_tx_check
constraint app.accounting_profiles.accounting_profiles_date_format_check
constraint app.accounting_profiles.accounting_profiles_delimiter_check
constraint app.accounting_profiles.accounting_profiles_invoice_date_format_check
constraint app.accounting_profiles.accounting_profiles_line_end_check
constraint app.accounting_profiles.accounting_profiles_pkey
constraint app.accounting_profiles.accounting_profiles_prior_version_fkey
constraint app.accounting_profiles.accounting_profiles_profile_name_check
constraint app.accounting_profiles.accounting_profiles_profile_version_check
constraint app.accounting_profiles.accounting_profiles_quoting_check
constraint app.accounting_profiles.accounting_profiles_target_check
constraint app.accounting_profiles.accounting_profiles_target_key
constraint app.accounting_profiles.accounting_profiles_texts_check
function api.save_accounting_profile(text, jsonb, integer, text) as owner: execute ccp_admin
function app.accounting_profile(text)
index app.accounting_profiles_created_by_idx
index app.accounting_profiles_created_tx_idx
index app.accounting_profiles_prior_version_idx
table app.accounting_profiles (profile_name, profile_version, prior_version, target, vendor, unit_of_measure, tax,
    job_pay_type, gl_pay_type, card_text, date_format, invoice_date_format, is_amount_reversed, delimiter, line_end,
    quoting, created_at, created_by, created_tx): select ccp_auditor
trigger app.accounting_profiles.t10_immutable
trigger app.accounting_profiles.t90_mark
view report.accounting_profiles (profile_name, profile_version, is_current, target, vendor, unit_of_measure, tax,
    job_pay_type, gl_pay_type, card_text, date_format, invoice_date_format, is_amount_reversed, delimiter, line_end,
    quoting, created_at, created_by_name): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report
    ccp_reviewer
$$);

ROLLBACK;
