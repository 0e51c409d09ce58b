-- Scans that came in later: attached to a receipt, kept as documents, shown in the packet.
-- requires: documents/report
-- requires: revising/receipts

BEGIN;

INSERT INTO app.month_calls (call_name, changes, expects) VALUES ('attach_document', 'people', 'revision');

CREATE OR REPLACE FUNCTION app.media_type(p_bytes bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN substr(p_bytes, 1, 8) = '\x89504e470d0a1a0a'::bytea THEN 'image/png'
        WHEN substr(p_bytes, 1, 3) = '\xffd8ff'::bytea THEN 'image/jpeg'
        WHEN position('%PDF-'::bytea IN substr(p_bytes, 1, 1024)) > 0 THEN 'application/pdf' END;
END;
COMMENT ON FUNCTION app.media_type(bytea) IS 'What bytes begin like: PNG, JPEG or, within 1024 bytes, PDF; null: none of them.';

CREATE OR REPLACE FUNCTION app.keep_bytes(p_bytes bytea) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_document app.documents;
BEGIN
    INSERT INTO app.documents AS d (sha256, size_bytes, uploaded_by)
    VALUES (pg_catalog.sha256(p_bytes), pg_catalog.length(p_bytes), app.actor_id())
    ON CONFLICT (sha256) DO UPDATE SET uploaded_by = excluded.uploaded_by, uploaded_at = excluded.uploaded_at;
    -- Not RETURNING: a second time in one transaction changes nothing and returns nothing.
    SELECT d.* INTO STRICT v_document FROM app.documents AS d WHERE d.sha256 = pg_catalog.sha256(p_bytes);
    IF NOT v_document.has_bytes THEN
        -- An upload that was never queued may have left pieces, or said another size.
        DELETE FROM app.document_chunks AS c WHERE c.document_id = v_document.document_id;
        INSERT INTO app.document_chunks (document_id, chunk_number, bytes)
        SELECT v_document.document_id, n.number, pg_catalog.substr(p_bytes, n.number * 4194304 + 1, 4194304)
        FROM pg_catalog.generate_series(0, (pg_catalog.length(p_bytes) - 1) / 4194304) AS n (number);
        UPDATE app.documents AS d SET has_bytes = true, bytes_removed_at = NULL, size_bytes = pg_catalog.length(p_bytes)
        WHERE d.document_id = v_document.document_id;
    END IF;
    RETURN v_document.document_id;
END
$$;
COMMENT ON FUNCTION app.keep_bytes(bytea) IS 'Keeps a whole file as a document, in pieces, and answers its id; the same bytes are one document.';

CREATE OR REPLACE FUNCTION app.judge_attachment(p_file_name text, p_bytes bytea) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.require_text(p_file_name, 'file_name', 400);
    PERFORM app.refuse_control(p_file_name, 'file_name');
    IF coalesce(pg_catalog.length(p_bytes), 0) = 0 THEN
        PERFORM app.fail('IV009', 'bytes');
    ELSIF pg_catalog.length(p_bytes) > 10485760 THEN
        PERFORM app.fail('IV005', 'bytes', 'at most 10485760 bytes', pg_catalog.length(p_bytes)::text);
    ELSIF app.media_type(p_bytes) IS NULL THEN
        PERFORM app.fail('IV037', 'bytes');
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_attachment(text, bytea) IS 'Refuses a file that cannot be attached: IV005 above 10 MiB, IV008 name, IV009 empty, IV037 neither PDF, PNG nor JPEG, IV071 a control character in its name.';

CREATE OR REPLACE FUNCTION api.attach_document(
    p_session_id uuid, p_transaction_id uuid, p_expected_revision_id uuid, p_file_name text, p_bytes bytea, p_reason text,
    p_request_id text DEFAULT NULL
) RETURNS report.transactions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('attach_document', p_session_id::text, p_transaction_id::text,
        p_expected_revision_id::text, p_file_name, pg_catalog.encode(pg_catalog.sha256(p_bytes), 'hex'), p_reason);
    v_answer jsonb := app.begin_request(p_request_id, 'attach_document', v_hash, p_reason);
    -- A comma parts the names of a receipt.
    v_name text := app.hide_card_numbers(pg_catalog.translate(pg_catalog.btrim(p_file_name), ',', ';'));
    v_names text;
BEGIN
    IF v_answer IS NULL THEN
        PERFORM app.require_text(p_reason, 'reason', 4000);
        PERFORM app.judge_attachment(p_file_name, p_bytes);
        PERFORM app.require_receipt(p_session_id, p_transaction_id, p_expected_revision_id);
        SELECT nullif(t.attachment_name, '') INTO v_names FROM app.transactions AS t
        WHERE t.employee_revision_id = p_expected_revision_id AND t.transaction_id = p_transaction_id;
        -- A name that is there, or ever was, is another file: it gets a number, so that a name tells one file.
        SELECT x.name INTO v_name
        FROM pg_catalog.generate_series(1, 1000) AS n (number)
        CROSS JOIN LATERAL (SELECT v_name || CASE WHEN n.number > 1 THEN pg_catalog.format(' (%s)', n.number) ELSE '' END AS name) AS x
        WHERE position(', ' || x.name || ', ' IN ', ' || coalesce(v_names, '') || ', ') = 0 AND NOT EXISTS (
            SELECT FROM app.receipt_attachments AS a WHERE a.transaction_id = p_transaction_id AND a.file_name = x.name)
        ORDER BY n.number LIMIT 1;
        v_names := pg_catalog.concat_ws(', ', v_names, v_name);
        IF pg_catalog.length(v_names) > 10000 OR v_name IS NULL THEN
            PERFORM app.fail('IV008', 'file_name', 'names of at most 10000 letters for one receipt', pg_catalog.length(v_names)::text);
        END IF;
        PERFORM app.wish_one('attach_document', p_transaction_id, p_expected_revision_id, 'UPDATE',
            pg_catalog.jsonb_build_object('has_attachment', true, 'attachment_name', v_names), p_reason);
        INSERT INTO app.receipt_attachments (transaction_id, document_id, file_name, media_type, session_id, reason)
        VALUES (p_transaction_id, app.keep_bytes(p_bytes), v_name, app.media_type(p_bytes), p_session_id,
            app.hide_card_numbers(pg_catalog.btrim(p_reason)));
        SELECT pg_catalog.to_jsonb(t) INTO v_answer FROM report.transactions AS t
        WHERE t.session_id = p_session_id AND t.transaction_id = p_transaction_id;
        PERFORM app.end_request(p_request_id, 'attach_document', v_hash, v_answer);
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.transactions, v_answer);
END
$$;
COMMENT ON FUNCTION api.attach_document(uuid, uuid, uuid, text, bytea, text, text) IS 'Attaches a scan that came in later to a receipt of the revision the caller saw: a PDF, PNG or JPEG of at most 10 MiB, told by what it begins like. It is kept as a document, the receipt names it, which is a correction of its attachment, and the packet shows it as long as that correction says so; api.restore_revision takes it back. A name the receipt has, or had, gets a number, and a comma in it becomes a semicolon. Answers the receipt. Raises IV005, IV008, IV009, IV037, IV071, NF005, PM003, ST001, ST002, ST003, ST006.';
GRANT EXECUTE ON FUNCTION api.attach_document(uuid, uuid, uuid, text, bytea, text, text) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
