-- Revisions and what hangs on them are insert-only in every replication role.

BEGIN;

SELECT app.expect_objects($$
constraint app.employee_revisions.employee_revisions_car_total_check
constraint app.employee_revisions.employee_revisions_card_number_check
constraint app.employee_revisions.employee_revisions_card_numbers_check
constraint app.employee_revisions.employee_revisions_chain_key
constraint app.employee_revisions.employee_revisions_compared_with_fkey
constraint app.employee_revisions.employee_revisions_content_hash_check
constraint app.employee_revisions.employee_revisions_created_by_fkey
constraint app.employee_revisions.employee_revisions_created_tx_check
constraint app.employee_revisions.employee_revisions_employee_name_check
constraint app.employee_revisions.employee_revisions_origin_check
constraint app.employee_revisions.employee_revisions_person_fkey
constraint app.employee_revisions.employee_revisions_person_revision_number_key
constraint app.employee_revisions.employee_revisions_pkey
constraint app.employee_revisions.employee_revisions_predecessor_id_check
constraint app.employee_revisions.employee_revisions_predecessor_id_fkey
constraint app.employee_revisions.employee_revisions_receipt_count_check
constraint app.employee_revisions.employee_revisions_receipt_total_check
constraint app.employee_revisions.employee_revisions_receipt_total_unique_check
constraint app.employee_revisions.employee_revisions_validation_flags_check
constraint app.old_claims.old_claims_card_numbers_check
constraint app.old_claims.old_claims_created_tx_check
constraint app.old_claims.old_claims_person_fkey
constraint app.old_claims.old_claims_pkey
constraint app.old_claims.old_claims_receipts_shape_check
constraint app.receipt_contents.receipt_contents_amount_check
constraint app.receipt_contents.receipt_contents_card_numbers_check
constraint app.receipt_contents.receipt_contents_code_check
constraint app.receipt_contents.receipt_contents_coding_type_check
constraint app.receipt_contents.receipt_contents_created_tx_check
constraint app.receipt_contents.receipt_contents_pkey
constraint app.receipt_contents.receipt_contents_text_length_check
constraint app.receipt_contents.receipt_contents_transaction_date_check
constraint app.receipt_contents.receipt_contents_transaction_type_check
constraint app.receipt_links.receipt_links_card_numbers_check
constraint app.receipt_links.receipt_links_created_tx_check
constraint app.receipt_links.receipt_links_pkey
constraint app.session_employees.session_employees_current_revision_id_fkey
function app.base_key(text)
function app.copy_key(text, bigint)
function app.hash_said(app.receipt_contents)
function app.ids_of_receipts(uuid[])
function app.is_copy_of(text, text)
function app.is_same_content(app.receipt_contents, app.receipt_contents)
function app.key_number(text)
function app.lock_people(uuid[], uuid[], text[])
function app.lock_submissions(uuid[])
function app.says_the_same(app.receipt_contents, app.receipt_contents)
function app.shown_receipts(text)
index app.employee_revisions_compared_with_idx
index app.employee_revisions_created_by_idx
index app.employee_revisions_created_tx_idx
index app.employee_revisions_predecessor_id_idx
index app.employee_revisions_sums_idx
index app.old_claims_created_tx_idx
index app.old_claims_session_id_cardholder_id_idx
index app.receipt_contents_created_tx_idx
index app.receipt_contents_external_transaction_id_idx
index app.receipt_links_content_id_idx
index app.receipt_links_created_tx_idx
index app.receipt_links_transaction_id_idx
table app.employee_revisions (revision_id, session_id, cardholder_id, revision_number, prior_revision_number,
    predecessor_id, compared_with, employee_name, employee_id, card_number, is_in_report, car_total, receipt_total,
    receipt_total_unique, amount_difference, receipt_count, is_nobody, validation_flags, car_page_range,
    receipt_page_range, changed_from_previous, change_details, origin, reason, created_by, processed_at, content_hash,
    hash_version, created_tx): select ccp_auditor
table app.old_claims (session_id, cardholder_id, source_key, entry_place, person_place, is_in_report,
    claimed_car_total, claimed_receipt_total, claimed_flags, receipts_shape, file_paths, source_fields, created_tx):
    select ccp_auditor
table app.receipt_contents (content_id, created_tx, external_transaction_id, transaction_date, date_text,
    transaction_type, amount, amount_text, expense_type, description, purpose, merchant_name, merchant_address,
    coding_type, job_number, job_phase, cost_type, gl_account, gl_description, has_attachment, attachment_name,
    is_out_of_pocket, source_fields): select ccp_auditor
table app.receipt_links (employee_revision_id, transaction_id, content_id, created_tx, natural_key, "position",
    page_number, receipt_key): select ccp_auditor
trigger app.employee_revisions.t10_immutable
trigger app.employee_revisions.t90_mark
trigger app.old_claims.t10_immutable
trigger app.old_claims.t90_mark
trigger app.receipt_contents.t10_immutable
trigger app.receipt_contents.t90_mark
trigger app.receipt_links.t10_immutable
trigger app.receipt_links.t90_mark
view app.transactions (employee_revision_id, transaction_id, created_tx, natural_key, "position", page_number,
    external_transaction_id, transaction_date, date_text, transaction_type, amount, amount_text, expense_type,
    description, purpose, merchant_name, merchant_address, coding_type, job_number, job_phase, cost_type, gl_account,
    gl_description, has_attachment, attachment_name, is_coded, is_out_of_pocket, source_fields, content_id): select
    ccp_auditor
$$);

ROLLBACK;
