-- Everybody reads the ledger; those who export read the bytes.

BEGIN;

SELECT app.expect_objects($$
function api.read_chunk(uuid, integer) as owner: execute ccp_admin ccp_processor ccp_reviewer
function report.packet_pages(uuid, uuid) as owner: execute ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.attachments (attachment_id, session_id, cardholder_id, employee_name, transaction_id, document_id,
    file_name, media_type, size_bytes, sha256, reason, attached_by_name, attached_at, is_in_packet, chunk_count):
    select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.cards (session_id, cardholder_id, employee_name, card_id, card_number, charges, gross_amount,
    discount_amount, net_amount, printed_gross, printed_discount, printed_net, page_range, unread_fields,
    is_printed_masked, total_lines): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.document_notices (session_id, notice_number, kind, page_number, line_number, code, message,
    printed_amount, found_amount): select ccp_admin ccp_auditor ccp_processor ccp_read_only ccp_report ccp_reviewer
view report.document_pages (session_id, kind, page_number, status, used_for, card_id, transaction_id, cardholder_id,
    employee_name, employee_id, reason, loose_lines): select ccp_admin ccp_auditor ccp_processor ccp_read_only
    ccp_report ccp_reviewer
view report.documents (session_id, kind, document_id, file_name, size_bytes, sha256, page_count, parser_version,
    parameters, has_bytes, bytes_removed_at, uploaded_by_name, uploaded_at, chunk_count): select ccp_admin ccp_auditor
    ccp_processor ccp_read_only ccp_report ccp_reviewer
$$);

ROLLBACK;
