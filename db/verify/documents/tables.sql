-- Documents are guarded and private; bytes keep no history.

BEGIN;

SELECT app.expect_objects($$
constraint app.document_chunks.document_chunks_bytes_check
constraint app.document_chunks.document_chunks_chunk_number_check
constraint app.document_chunks.document_chunks_document_id_fkey
constraint app.document_chunks.document_chunks_pkey
constraint app.document_notices.document_notices_amount_check
constraint app.document_notices.document_notices_card_numbers_check
constraint app.document_notices.document_notices_code_check
constraint app.document_notices.document_notices_created_tx_check
constraint app.document_notices.document_notices_pkey
constraint app.document_notices.document_notices_session_id_fkey
constraint app.document_pages.document_pages_card_id_fkey
constraint app.document_pages.document_pages_card_numbers_check
constraint app.document_pages.document_pages_created_tx_check
constraint app.document_pages.document_pages_page_number_check
constraint app.document_pages.document_pages_pkey
constraint app.document_pages.document_pages_session_id_fkey
constraint app.document_pages.document_pages_status_check
constraint app.document_pages.document_pages_use_check
constraint app.document_pages.document_pages_used_for_check
constraint app.documents.documents_bytes_removed_at_check
constraint app.documents.documents_page_count_check
constraint app.documents.documents_pkey
constraint app.documents.documents_sha256_check
constraint app.documents.documents_sha256_key
constraint app.documents.documents_size_bytes_check
constraint app.documents.documents_uploaded_by_fkey
constraint app.page_texts.page_texts_card_numbers_check
constraint app.page_texts.page_texts_document_id_fkey
constraint app.page_texts.page_texts_pkey
constraint app.receipt_attachments.receipt_attachments_attached_by_check
constraint app.receipt_attachments.receipt_attachments_attached_by_fkey
constraint app.receipt_attachments.receipt_attachments_card_numbers_check
constraint app.receipt_attachments.receipt_attachments_created_tx_check
constraint app.receipt_attachments.receipt_attachments_document_id_fkey
constraint app.receipt_attachments.receipt_attachments_file_name_check
constraint app.receipt_attachments.receipt_attachments_media_type_check
constraint app.receipt_attachments.receipt_attachments_pkey
constraint app.receipt_attachments.receipt_attachments_reason_check
constraint app.receipt_attachments.receipt_attachments_session_id_fkey
constraint app.session_documents.session_documents_card_numbers_check
constraint app.session_documents.session_documents_document_id_fkey
constraint app.session_documents.session_documents_file_name_check
constraint app.session_documents.session_documents_kind_check
constraint app.session_documents.session_documents_pkey
constraint app.session_documents.session_documents_session_id_fkey
constraint audit.documents_history.documents_history_audit_tx_check
constraint audit.documents_history.documents_history_pkey
constraint audit.session_documents_history.session_documents_history_audit_tx_check
constraint audit.session_documents_history.session_documents_history_pkey
function app.require_statement()
function audit.capture_documents() as owner
function audit.capture_session_documents() as owner
index app.document_notices_created_tx_idx
index app.document_notices_session_id_idx
index app.document_pages_card_id_idx
index app.document_pages_created_tx_idx
index app.documents_uploaded_at_idx
index app.documents_uploaded_by_idx
index app.receipt_attachments_attached_by_idx
index app.receipt_attachments_created_tx_idx
index app.receipt_attachments_document_id_idx
index app.receipt_attachments_session_id_idx
index app.receipt_attachments_transaction_id_idx
index app.session_documents_document_id_idx
index audit.documents_history_audit_actor_idx
index audit.documents_history_audit_tx_audit_at_idx
index audit.session_documents_history_audit_actor_idx
index audit.session_documents_history_audit_tx_audit_at_idx
table app.document_chunks (document_id, chunk_number, bytes)
table app.document_notices (session_id, notice_number, kind, page_number, line_number, code, message, printed_amount,
    found_amount, created_tx): select ccp_auditor
table app.document_pages (session_id, kind, page_number, status, used_for, card_id, transaction_id, reason,
    loose_lines, created_tx): select ccp_auditor
table app.documents (document_id, sha256, size_bytes, page_count, uploaded_by, uploaded_at, has_bytes,
    bytes_removed_at): select ccp_auditor
table app.page_texts (document_id, page_number, parser_version, page_text): select ccp_auditor
table app.receipt_attachments (attachment_id, transaction_id, document_id, file_name, media_type, session_id, reason,
    attached_by, attached_at, created_tx): select ccp_auditor
table app.session_documents (session_id, kind, document_id, file_name, parser_version, parameters): select ccp_auditor
table audit.documents_history (document_id, sha256, size_bytes, page_count, uploaded_by, uploaded_at, has_bytes,
    bytes_removed_at, audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role,
    audit_reason, audit_request_id): select ccp_auditor
table audit.session_documents_history (session_id, kind, document_id, file_name, parser_version, parameters,
    audit_seq, audit_tx, audit_at, audit_operation, audit_actor, audit_login, audit_role, audit_reason,
    audit_request_id): select ccp_auditor
trigger app.document_chunks.t10_keep
trigger app.document_chunks.t90_mark
trigger app.document_notices.t10_immutable
trigger app.document_notices.t90_mark
trigger app.document_pages.t10_immutable
trigger app.document_pages.t90_mark
trigger app.documents.t00_suppress_redundant
trigger app.documents.t10_keep
trigger app.documents.t80_keep_key
trigger app.documents.t90_capture_delete
trigger app.documents.t90_capture_insert
trigger app.documents.t90_capture_update
trigger app.page_texts.t10_keep
trigger app.page_texts.t90_mark
trigger app.receipt_attachments.t10_immutable
trigger app.receipt_attachments.t20_said
trigger app.receipt_attachments.t90_mark
trigger app.session_documents.t00_suppress_redundant
trigger app.session_documents.t10_keep
trigger app.session_documents.t80_keep_key
trigger app.session_documents.t90_capture_delete
trigger app.session_documents.t90_capture_insert
trigger app.session_documents.t90_capture_update
trigger audit.documents_history.t10_immutable
trigger audit.session_documents_history.t10_immutable
$$);

ROLLBACK;
