-- Documents: what they are, their bytes in pieces, what became of each page, what a reader noticed.
-- requires: content/revisions
-- requires: content/corrections
-- requires: foundation/values
--
-- Document        bytes            page text        everything else
-- uploaded        there            none             stays
-- accepted        there            there            stays
-- refused         removed at once  none             stays
-- tried dry       removed at once  none             only the attempt
-- awaiting        there            with the rows    stays; when discarded as refused
-- retention over  removed          removed          stays

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('job_lease_seconds', 30, 5, 3600, 'seconds', 'How long a worker may be silent before another takes its job.'),
('job_max_attempts', 3, 1, 20, 'attempts', 'How often a job is tried before its session fails.');

CREATE TABLE app.documents (
    document_id uuid NOT NULL DEFAULT app.new_id(),
    sha256 bytea NOT NULL,
    size_bytes bigint NOT NULL,
    page_count integer,
    uploaded_by uuid NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    has_bytes boolean NOT NULL DEFAULT false,
    bytes_removed_at timestamptz,
    CONSTRAINT documents_pkey PRIMARY KEY (document_id),
    CONSTRAINT documents_sha256_key UNIQUE (sha256),
    CONSTRAINT documents_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES app.users (user_id),
    CONSTRAINT documents_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT documents_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT documents_page_count_check CHECK (page_count >= 1),
    CONSTRAINT documents_bytes_removed_at_check CHECK (NOT (has_bytes AND bytes_removed_at IS NOT NULL))
);
CREATE INDEX documents_uploaded_by_idx ON app.documents (uploaded_by);
CREATE INDEX documents_uploaded_at_idx ON app.documents (uploaded_at) WHERE has_bytes;
COMMENT ON TABLE app.documents IS 'Files that were handed in, known by the checksum of their bytes: the same bytes are one document, whatever their name.';
COMMENT ON COLUMN app.documents.document_id IS 'Key.';
COMMENT ON COLUMN app.documents.sha256 IS 'SHA-256 of the bytes.';
COMMENT ON COLUMN app.documents.size_bytes IS 'Number of bytes.';
COMMENT ON COLUMN app.documents.page_count IS 'Number of pages; null until it was read.';
COMMENT ON COLUMN app.documents.uploaded_by IS 'Who handed it in last.';
COMMENT ON COLUMN app.documents.uploaded_at IS 'When it was handed in last; retention counts from here.';
COMMENT ON COLUMN app.documents.has_bytes IS 'True while the bytes are there, all of them.';
COMMENT ON COLUMN app.documents.bytes_removed_at IS 'When the bytes were removed, because it was refused or retention was over.';
SELECT audit.guard('app.documents', 'mutable');

CREATE TABLE app.document_chunks (
    document_id uuid NOT NULL,
    chunk_number integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT document_chunks_pkey PRIMARY KEY (document_id, chunk_number),
    CONSTRAINT document_chunks_document_id_fkey FOREIGN KEY (document_id) REFERENCES app.documents (document_id),
    CONSTRAINT document_chunks_chunk_number_check CHECK (chunk_number >= 0),
    CONSTRAINT document_chunks_bytes_check CHECK (length(bytes) BETWEEN 1 AND 4194304)
);
-- A PDF is compressed already.
ALTER TABLE app.document_chunks ALTER COLUMN bytes SET STORAGE EXTERNAL;
COMMENT ON TABLE app.document_chunks IS 'The bytes of documents in pieces, so that nobody needs a whole file in memory. Removed by refusal and by retention.';
COMMENT ON COLUMN app.document_chunks.document_id IS 'The document.';
COMMENT ON COLUMN app.document_chunks.chunk_number IS '0, 1, 2 … in order.';
COMMENT ON COLUMN app.document_chunks.bytes IS 'The piece, at most 4 MiB.';
SELECT audit.guard('app.document_chunks', 'working',
    'Bytes are proved by the checksum of their document and removed by retention.');
-- The one place with whole card numbers: not for reading, but for packets and the worker.
REVOKE SELECT ON app.document_chunks FROM ccp_auditor;

CREATE TABLE app.session_documents (
    session_id uuid NOT NULL,
    kind text NOT NULL,
    document_id uuid NOT NULL,
    file_name text NOT NULL,
    parser_version text,
    parameters jsonb,
    CONSTRAINT session_documents_pkey PRIMARY KEY (session_id, kind),
    CONSTRAINT session_documents_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT session_documents_document_id_fkey FOREIGN KEY (document_id) REFERENCES app.documents (document_id),
    CONSTRAINT session_documents_kind_check CHECK (kind IN (
        'car_pdf', 'receipt_pdf', 'combined_pdf', 'excel_report', 'csv_export', 'split_car', 'split_receipt')),
    CONSTRAINT session_documents_file_name_check CHECK (length(file_name) BETWEEN 1 AND 400
        AND NOT app.has_control(file_name))
);
CREATE INDEX session_documents_document_id_idx ON app.session_documents (document_id);
COMMENT ON TABLE app.session_documents IS 'Which document a session has as card report and which as receipts.';
COMMENT ON COLUMN app.session_documents.session_id IS 'The session.';
COMMENT ON COLUMN app.session_documents.kind IS 'car_pdf or receipt_pdf; the other kinds are those of the old design.';
COMMENT ON COLUMN app.session_documents.document_id IS 'The document.';
COMMENT ON COLUMN app.session_documents.file_name IS 'Name of the file as the client gave it; a text, never a path.';
COMMENT ON COLUMN app.session_documents.parser_version IS 'Version of the parser that read it; null until accepted.';
COMMENT ON COLUMN app.session_documents.parameters IS 'What the report says of itself, such as its period; null without, and until accepted.';
SELECT audit.guard('app.session_documents', 'mutable');

CREATE TABLE app.receipt_attachments (
    attachment_id uuid NOT NULL DEFAULT app.new_id(),
    transaction_id uuid NOT NULL,
    document_id uuid NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    session_id uuid NOT NULL,
    reason text NOT NULL,
    attached_by uuid NOT NULL DEFAULT app.actor_id(),
    attached_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT receipt_attachments_pkey PRIMARY KEY (attachment_id),
    CONSTRAINT receipt_attachments_document_id_fkey FOREIGN KEY (document_id) REFERENCES app.documents (document_id),
    CONSTRAINT receipt_attachments_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT receipt_attachments_attached_by_fkey FOREIGN KEY (attached_by) REFERENCES app.users (user_id),
    CONSTRAINT receipt_attachments_file_name_check CHECK (length(file_name) BETWEEN 1 AND 410
        AND NOT app.has_control(file_name)),
    CONSTRAINT receipt_attachments_media_type_check CHECK (media_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    CONSTRAINT receipt_attachments_reason_check CHECK (length(reason) BETWEEN 1 AND 4000)
);
CREATE INDEX receipt_attachments_transaction_id_idx ON app.receipt_attachments (transaction_id);
CREATE INDEX receipt_attachments_document_id_idx ON app.receipt_attachments (document_id);
CREATE INDEX receipt_attachments_session_id_idx ON app.receipt_attachments (session_id);
CREATE INDEX receipt_attachments_attached_by_idx ON app.receipt_attachments (attached_by);
COMMENT ON TABLE app.receipt_attachments IS 'Scans that people attached to receipts after they came in. Which of them count is said by the correction of the receipt''s attachment, which names them.';
COMMENT ON COLUMN app.receipt_attachments.attachment_id IS 'Key.';
COMMENT ON COLUMN app.receipt_attachments.transaction_id IS 'The receipt, over all submissions of its month.';
COMMENT ON COLUMN app.receipt_attachments.document_id IS 'The document with the bytes.';
COMMENT ON COLUMN app.receipt_attachments.file_name IS 'Name of the file, as the receipt names it; a text, never a path.';
COMMENT ON COLUMN app.receipt_attachments.media_type IS 'What the bytes begin like: application/pdf, image/png or image/jpeg.';
COMMENT ON COLUMN app.receipt_attachments.session_id IS 'The submission in which it was attached.';
COMMENT ON COLUMN app.receipt_attachments.reason IS 'Why, as the person said.';
COMMENT ON COLUMN app.receipt_attachments.attached_by IS 'Who attached it.';
COMMENT ON COLUMN app.receipt_attachments.attached_at IS 'When.';
COMMENT ON COLUMN app.receipt_attachments.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.receipt_attachments', 'immutable');

CREATE OR REPLACE FUNCTION app.require_statement() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM app.corrections AS c
                   WHERE c.transaction_id = NEW.transaction_id AND c.session_id = NEW.session_id
                       AND c.field_group = 'attachment' AND c.created_tx = app.tx())
    THEN
        PERFORM app.fail('RL001', NULL, 'a correction of the receipt''s attachment in this submission and transaction',
            NEW.file_name);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.require_statement() IS 'Row trigger of app.receipt_attachments: a scan comes with the correction that names it, so what holds for that, the month and its state above all, holds for the scan. Raises RL001.';
CREATE TRIGGER t20_said BEFORE INSERT ON app.receipt_attachments FOR EACH ROW EXECUTE FUNCTION app.require_statement();
COMMENT ON TRIGGER t20_said ON app.receipt_attachments IS 'Asks for the correction that names the scan.';
ALTER TABLE app.receipt_attachments ENABLE ALWAYS TRIGGER t20_said;

CREATE TABLE app.document_pages (
    session_id uuid NOT NULL,
    kind text NOT NULL,
    page_number integer NOT NULL,
    status text NOT NULL,
    used_for text,
    card_id uuid,
    transaction_id uuid,
    reason text,
    loose_lines jsonb,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT document_pages_pkey PRIMARY KEY (session_id, kind, page_number),
    CONSTRAINT document_pages_session_id_fkey FOREIGN KEY (session_id, kind)
        REFERENCES app.session_documents (session_id, kind),
    CONSTRAINT document_pages_card_id_fkey FOREIGN KEY (card_id) REFERENCES app.cards (card_id),
    CONSTRAINT document_pages_page_number_check CHECK (page_number >= 1),
    CONSTRAINT document_pages_status_check CHECK (status IN ('used', 'skipped')),
    CONSTRAINT document_pages_used_for_check CHECK (used_for IN ('card', 'receipt')),
    CONSTRAINT document_pages_use_check CHECK (CASE status
        WHEN 'used' THEN reason IS NULL AND (used_for IS NOT DISTINCT FROM 'card') = (card_id IS NOT NULL)
            AND (used_for IS NOT DISTINCT FROM 'receipt') = (transaction_id IS NOT NULL) AND used_for IS NOT NULL
        ELSE used_for IS NULL AND card_id IS NULL AND transaction_id IS NULL AND length(reason) BETWEEN 1 AND 400 END)
);
CREATE INDEX document_pages_card_id_idx ON app.document_pages (card_id) WHERE card_id IS NOT NULL;
COMMENT ON TABLE app.document_pages IS 'The page ledger: each page of each document of a session, used for a card or a receipt, or skipped with a reason. Whose it is follows from the card or, in the current revisions, from the receipt.';
COMMENT ON COLUMN app.document_pages.session_id IS 'The session.';
COMMENT ON COLUMN app.document_pages.kind IS 'car_pdf or receipt_pdf.';
COMMENT ON COLUMN app.document_pages.page_number IS 'Page, from 1.';
COMMENT ON COLUMN app.document_pages.status IS 'used or skipped.';
COMMENT ON COLUMN app.document_pages.used_for IS 'card or receipt; null when skipped.';
COMMENT ON COLUMN app.document_pages.card_id IS 'The card whose page it is.';
COMMENT ON COLUMN app.document_pages.transaction_id IS 'The receipt on the page.';
COMMENT ON COLUMN app.document_pages.reason IS 'Why it was skipped, such as summary or blank.';
COMMENT ON COLUMN app.document_pages.loose_lines IS 'Lines that no rule of the parser took: line, text, place, whether they may be data; null when none.';
COMMENT ON COLUMN app.document_pages.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.document_pages', 'immutable');

CREATE TABLE app.page_texts (
    document_id uuid NOT NULL,
    page_number integer NOT NULL,
    parser_version text NOT NULL,
    page_text text NOT NULL,
    CONSTRAINT page_texts_pkey PRIMARY KEY (document_id, page_number, parser_version),
    CONSTRAINT page_texts_document_id_fkey FOREIGN KEY (document_id) REFERENCES app.documents (document_id)
);
COMMENT ON TABLE app.page_texts IS 'The text of each page as the parser got it, card numbers masked, so that a later parser can be compared. Removed by retention.';
COMMENT ON COLUMN app.page_texts.document_id IS 'The document.';
COMMENT ON COLUMN app.page_texts.page_number IS 'Page, from 1.';
COMMENT ON COLUMN app.page_texts.parser_version IS 'Version of the parser.';
COMMENT ON COLUMN app.page_texts.page_text IS 'The text.';
SELECT audit.guard('app.page_texts', 'working',
    'Raw text for comparing parsers; follows from the document and is removed by retention.');

CREATE TABLE app.document_notices (
    session_id uuid NOT NULL,
    notice_number integer NOT NULL,
    kind text NOT NULL,
    page_number integer,
    line_number integer,
    code text NOT NULL,
    message text NOT NULL,
    printed_amount numeric(14, 2),
    found_amount numeric(14, 2),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT document_notices_pkey PRIMARY KEY (session_id, notice_number),
    CONSTRAINT document_notices_session_id_fkey FOREIGN KEY (session_id, kind)
        REFERENCES app.session_documents (session_id, kind),
    CONSTRAINT document_notices_code_check CHECK (code ~ '^[a-z][a-z0-9_]{0,99}$'),
    CONSTRAINT document_notices_amount_check CHECK (printed_amount <> 'NaN' AND found_amount <> 'NaN')
);
CREATE INDEX document_notices_session_id_idx ON app.document_notices (session_id, kind);
COMMENT ON TABLE app.document_notices IS 'What a person should look at in the documents of a session: control totals that do not tie, lines nobody understood, complaints of the PDF library.';
COMMENT ON COLUMN app.document_notices.session_id IS 'The session.';
COMMENT ON COLUMN app.document_notices.notice_number IS '1, 2, 3 … in order of document and page.';
COMMENT ON COLUMN app.document_notices.kind IS 'car_pdf or receipt_pdf.';
COMMENT ON COLUMN app.document_notices.page_number IS 'Page, from 1; null when about the whole document.';
COMMENT ON COLUMN app.document_notices.line_number IS 'Line of the page text, from 1, where known.';
COMMENT ON COLUMN app.document_notices.code IS 'What kind: line_gross, line_net, transaction_total, card_total, report_total, or one of the parser''s.';
COMMENT ON COLUMN app.document_notices.message IS 'Words for people, both amounts included.';
COMMENT ON COLUMN app.document_notices.printed_amount IS 'What the report prints, in dollars; null unless about a total.';
COMMENT ON COLUMN app.document_notices.found_amount IS 'What its parts add up to, in dollars; this is the one that counts.';
COMMENT ON COLUMN app.document_notices.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.document_notices', 'immutable');

COMMIT;
