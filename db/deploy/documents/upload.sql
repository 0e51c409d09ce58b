-- Handing in the two PDFs of a session: recognised, stored in pieces, queued for reading.
-- requires: documents/jobs
-- requires: intake/imports

BEGIN;

CREATE OR REPLACE FUNCTION app.hash_pair(p_car_sha256 bytea, p_receipt_sha256 bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(p_car_sha256 || p_receipt_sha256);
END;
COMMENT ON FUNCTION app.hash_pair(bytea, bytea) IS 'What names the content of a session of two PDFs: SHA-256 over both checksums in a row.';

CREATE OR REPLACE FUNCTION app.judge_file(p_kind text, p_file_name text, p_sha256 text, p_size bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF p_sha256 IS NULL OR p_sha256 !~ '^[0-9a-f]{64}$' OR coalesce(p_size, -1) < 0
        OR coalesce(pg_catalog.length(pg_catalog.btrim(p_file_name)), 0) = 0
    THEN
        PERFORM app.fail('IV008', p_kind, 'name, size and SHA-256 in hex',
            pg_catalog.format('size %s, name of %s characters', p_size, pg_catalog.length(p_file_name)));
    END IF;
    PERFORM app.refuse_control(p_file_name, p_kind);
    RETURN CASE
        WHEN p_size = 0 THEN app.refusal('IV009', 'file is empty', NULL, 'Choose the report as PDF.', p_kind)
        WHEN p_size > app.setting('pdf_max_bytes') THEN app.refusal('IV005', 'file is too large',
            pg_catalog.format('at most %s bytes, got %s', app.setting('pdf_max_bytes'), p_size),
            'See setting pdf_max_bytes.', p_kind) END;
END
$$;
COMMENT ON FUNCTION app.judge_file(text, text, text, bigint) IS 'The refusal of a file that is empty or too large, else null. Raises IV008 when it is not described well, IV071 for a control character in its name.';

CREATE OR REPLACE FUNCTION app.expect_document(p_session_id uuid, p_kind text, p_file_name text, p_sha256 text, p_size bigint) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.documents AS d (sha256, size_bytes, uploaded_by)
    VALUES (decode(p_sha256, 'hex'), p_size, app.actor_id())
    ON CONFLICT (sha256) DO UPDATE SET uploaded_by = excluded.uploaded_by, uploaded_at = excluded.uploaded_at;
    INSERT INTO app.session_documents AS s (session_id, kind, document_id, file_name)
    SELECT p_session_id, p_kind, d.document_id, app.shorten(btrim(p_file_name), 400)
    FROM app.documents AS d WHERE d.sha256 = decode(p_sha256, 'hex')
    ON CONFLICT (session_id, kind) DO UPDATE
        SET document_id = excluded.document_id, file_name = excluded.file_name;
    SELECT jsonb_build_object('document_id', d.document_id, 'needs_bytes', NOT d.has_bytes)
    FROM app.documents AS d WHERE d.sha256 = decode(p_sha256, 'hex');
END;
COMMENT ON FUNCTION app.expect_document(uuid, text, text, text, bigint) IS 'Notes the document of a session; answers its id and whether its bytes are still to come.';

CREATE OR REPLACE FUNCTION app.find_upload(p_session_id uuid, p_pair bytea, p_dry_run boolean) RETURNS uuid
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
    v_current uuid;
BEGIN
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id FOR UPDATE;
    IF v_session.session_id IS NULL THEN
        PERFORM app.fail('NF001', 'session_id', NULL, p_session_id::text);
    END IF;
    -- Two equal uploads at once: the second waits and finds the first one's session.
    PERFORM app.take_turn('file ' || pg_catalog.encode(p_pair, 'hex'));
    SELECT s.session_id INTO v_current
    FROM app.processing_sessions AS s
    LEFT JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.source_sha256 = p_pair AND s.source_type = 'pdf'
        -- Said to be of another month, it is not what is there.
        AND v_session.programme IN ('', s.programme)
        AND (v_session.given_start IS NULL OR (v_session.given_start, v_session.given_end)
            = (coalesce(m.period_start, s.given_start), coalesce(m.period_end, s.given_end)))
        -- What awaits a decision is answered whatever it is to follow, and tried dry all the same.
        AND (CASE s.status WHEN 'awaiting_decision' THEN NOT p_dry_run WHEN 'completed' THEN true WHEN 'processing' THEN true END)
        AND (v_session.parent_session_id IS NULL OR s.status = 'awaiting_decision' OR s.session_id = p_session_id)
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS c
                        WHERE c.parent_session_id = s.session_id AND c.status NOT IN ('cancelled', 'failed'))
    ORDER BY s.created_at DESC LIMIT 1;
    IF v_current IS NULL AND v_session.status <> 'open' THEN
        PERFORM app.fail('ST002', 'session_id', 'open', v_session.status);
    ELSIF v_current IS NULL AND EXISTS (SELECT FROM app.processing_sessions AS p
                  WHERE p.session_id = v_session.parent_session_id AND p.source_sha256 = p_pair)
    THEN
        PERFORM app.fail('ST004', 'session_id', NULL, pg_catalog.format('parent %s', v_session.parent_session_id));
    END IF;
    RETURN v_current;
END
$$;
COMMENT ON FUNCTION app.find_upload(uuid, bytea, boolean) IS 'Locks a session that is to get these two files; answers the session that has them as current content, else null. Raises NF001, ST002 when it has other files, ST004 when its parent has these.';

CREATE OR REPLACE FUNCTION app.say_month(p_session_id uuid, p_programme text, p_period_start date, p_period_end date) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_month app.given_month := app.judge_month(p_programme, p_period_start, p_period_end);
    v_session app.processing_sessions;
BEGIN
    IF v_month IS NULL THEN
        RETURN;
    END IF;
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id AND s.status = 'open'
    FOR UPDATE;
    IF v_session.parent_session_id IS NOT NULL AND v_month.programme <> v_session.programme THEN
        PERFORM app.fail('ST050', 'programme', pg_catalog.format('programme %L', v_session.programme),
            pg_catalog.format('%L', v_month.programme));
    END IF;
    UPDATE app.processing_sessions AS s
    SET programme = coalesce(v_month.programme, s.programme),
        given_start = coalesce(v_month.period_start, s.given_start),
        given_end = coalesce(v_month.period_end, s.given_end)
    WHERE s.session_id = v_session.session_id;
    PERFORM app.enter_period(s.programme, s.given_start, s.given_end) FROM app.processing_sessions AS s
    WHERE s.session_id = v_session.session_id AND s.month_id IS NULL;
END
$$;
COMMENT ON FUNCTION app.say_month(uuid, text, date, date) IS 'Notes what is said about the month of an open session, in the place of what was said before. Raises IV008, IV071, ST050 for another programme than that of the submissions before, ST051 when that month is closed.';

CREATE OR REPLACE FUNCTION app.hash_upload(p_session_id uuid, p_car_sha256 text, p_receipt_sha256 text, p_dry_run boolean) RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT app.hash_request('begin_upload', p_session_id::text, p_car_sha256, p_receipt_sha256,
        CASE WHEN p_dry_run THEN 'dry run' END);
END;
COMMENT ON FUNCTION app.hash_upload(uuid, text, text, boolean) IS 'What makes two uploads one request: session, both files, whether it is a dry run.';

CREATE OR REPLACE FUNCTION api.begin_upload(
    p_session_id uuid, p_car_name text, p_car_sha256 text, p_car_size bigint, p_receipt_name text,
    p_receipt_sha256 text, p_receipt_size bigint, p_request_id text DEFAULT NULL, p_programme text DEFAULT NULL,
    p_period_start date DEFAULT NULL, p_period_end date DEFAULT NULL, p_dry_run boolean DEFAULT false
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_upload(p_session_id, p_car_sha256, p_receipt_sha256, p_dry_run);
    v_answer jsonb := app.begin_request(p_request_id, 'begin_upload', v_hash);
    v_current uuid;
BEGIN
    IF v_answer IS NOT NULL THEN
        RETURN v_answer;
    END IF;
    v_answer := app.judge_file('car_pdf', p_car_name, p_car_sha256, p_car_size);
    IF v_answer IS NOT NULL THEN
        PERFORM app.record_attempt(p_car_name, p_car_size, pg_catalog.decode(p_car_sha256, 'hex'), v_answer, p_request_id);
        RETURN v_answer;
    END IF;
    v_answer := app.judge_file('receipt_pdf', p_receipt_name, p_receipt_sha256, p_receipt_size);
    IF v_answer IS NOT NULL THEN
        PERFORM app.record_attempt(p_receipt_name, p_receipt_size, pg_catalog.decode(p_receipt_sha256, 'hex'), v_answer,
            p_request_id);
        RETURN v_answer;
    END IF;
    PERFORM app.say_month(p_session_id, p_programme, p_period_start, p_period_end);
    v_current := app.find_upload(p_session_id, app.hash_pair(
        pg_catalog.decode(p_car_sha256, 'hex'), pg_catalog.decode(p_receipt_sha256, 'hex')), coalesce(p_dry_run, false));
    IF v_current IS NULL THEN
        RETURN pg_catalog.jsonb_build_object('outcome', 'wanted', 'session_id', p_session_id,
            'car_pdf', app.expect_document(p_session_id, 'car_pdf', p_car_name, p_car_sha256, p_car_size),
            'receipt_pdf', app.expect_document(p_session_id, 'receipt_pdf', p_receipt_name, p_receipt_sha256,
                p_receipt_size));
    END IF;
    SELECT pg_catalog.jsonb_build_object('session_id', v_current, 'report', report.session_summary(v_current),
        'outcome', CASE s.status WHEN 'awaiting_decision' THEN s.status ELSE 'unchanged' END, 'rejects', '[]'::jsonb)
    INTO v_answer FROM app.processing_sessions AS s WHERE s.session_id = v_current;
    PERFORM app.record_attempt(p_car_name, p_car_size, pg_catalog.decode(p_car_sha256, 'hex'), v_answer, p_request_id);
    PERFORM app.record_attempt(p_receipt_name, p_receipt_size, pg_catalog.decode(p_receipt_sha256, 'hex'), v_answer,
        p_request_id);
    RETURN app.end_request(p_request_id, 'begin_upload', v_hash, v_answer);
END
$$;
COMMENT ON FUNCTION api.begin_upload(uuid, text, text, bigint, text, text, bigint, text, text, date, date, boolean) IS 'First step of an upload, in one transaction with the others: describes the two PDFs of an open session, and perhaps says of which month they are, as api.create_session does; a dry run reads, judges and takes everything back, answers by report.jobs, and leaves the session open. Answers outcome wanted (with document_id and needs_bytes for car_pdf and receipt_pdf: send those pieces by api.store_chunk, then api.queue_documents), unchanged (a session has exactly these two files as its current content), awaiting_decision (a session of these two files waits for somebody to decide), refused (empty or too large; recorded), or what this request id got before. Raises IV008, IV071, NF001, PM001, ST002, ST003, ST004, ST050, ST051.';

CREATE OR REPLACE FUNCTION api.store_chunk(p_document_id uuid, p_chunk_number integer, p_bytes bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.require_call('store_chunk');
    INSERT INTO app.document_chunks (document_id, chunk_number, bytes)
    SELECT d.document_id, p_chunk_number, p_bytes
    FROM app.documents AS d WHERE d.document_id = p_document_id AND NOT d.has_bytes;
    IF NOT FOUND THEN
        PERFORM app.fail('NF030', 'document_id', NULL, p_document_id::text);
    END IF;
END
$$;
COMMENT ON FUNCTION api.store_chunk(uuid, integer, bytea) IS 'Stores a piece, 0, 1, 2 … of at most 4 MiB each, of a document that waits for its bytes. Raises NF030 when it does not.';

CREATE OR REPLACE FUNCTION app.check_pieces(p_session_id uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_kind text;
BEGIN
    SELECT s.kind INTO v_kind
    FROM app.session_documents AS s
    JOIN app.documents AS d ON d.document_id = s.document_id
    CROSS JOIN LATERAL (
        SELECT coalesce(pg_catalog.sum(pg_catalog.octet_length(c.bytes)), 0) AS size, pg_catalog.count(*) AS pieces,
            coalesce(pg_catalog.max(c.chunk_number), -1) AS last,
            -- What was checked before, with another session, need not be read again.
            CASE WHEN NOT d.has_bytes
                THEN pg_catalog.sha256(pg_catalog.string_agg(c.bytes, ''::bytea ORDER BY c.chunk_number)) END AS sha256
        FROM app.document_chunks AS c WHERE c.document_id = d.document_id
    ) AS c
    WHERE s.session_id = p_session_id
        AND (c.size <> d.size_bytes OR c.pieces <> c.last + 1
            OR (NOT d.has_bytes AND c.sha256 IS DISTINCT FROM d.sha256))
    ORDER BY s.kind LIMIT 1;
    IF v_kind IS NOT NULL OR (SELECT pg_catalog.count(*) FROM app.session_documents AS s
                              WHERE s.session_id = p_session_id) < 2 THEN
        PERFORM app.fail('ST031', v_kind,
            NULL, pg_catalog.format('session %s, %s', p_session_id, coalesce(v_kind, 'no document')));
    END IF;
    SELECT s.kind INTO v_kind
    FROM app.session_documents AS s
    JOIN app.document_chunks AS c ON c.document_id = s.document_id AND c.chunk_number = 0
    WHERE s.session_id = p_session_id
        AND position('%PDF-'::bytea IN pg_catalog.substr(c.bytes, 1, 1024)) = 0
    ORDER BY s.kind LIMIT 1;
    RETURN CASE WHEN v_kind IS NOT NULL THEN app.refusal('IV030', 'file is not a PDF, whatever its name says', NULL,
        'Choose the report as PDF.', v_kind) END;
END
$$;
COMMENT ON FUNCTION app.check_pieces(uuid) IS 'Makes sure that the bytes of a session''s documents are those announced, by number, size and SHA-256; answers the refusal of one that does not begin like a PDF, else null. Raises ST031.';

CREATE OR REPLACE FUNCTION api.queue_documents(
    p_session_id uuid, p_request_id text DEFAULT NULL, p_dry_run boolean DEFAULT false
) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea;
    v_job_id uuid;
    v_refusal jsonb;
BEGIN
    PERFORM app.require_call('queue_documents');
    PERFORM FROM app.processing_sessions AS s WHERE s.session_id = p_session_id AND s.status = 'open' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM app.fail('ST002', 'session_id', 'an open session', p_session_id::text);
    END IF;
    v_refusal := app.check_pieces(p_session_id);
    IF v_refusal IS NOT NULL THEN
        PERFORM app.record_attempt(s.file_name, d.size_bytes, d.sha256, v_refusal, p_request_id)
        FROM app.session_documents AS s JOIN app.documents AS d ON d.document_id = s.document_id
        WHERE s.session_id = p_session_id AND s.kind = v_refusal ->> 'path';
        DELETE FROM app.document_chunks AS c
        USING app.session_documents AS s, app.documents AS d
        WHERE s.session_id = p_session_id AND c.document_id = s.document_id
            AND d.document_id = s.document_id AND NOT d.has_bytes;
        DELETE FROM app.session_documents AS s WHERE s.session_id = p_session_id;
        RETURN v_refusal;
    END IF;
    UPDATE app.documents AS d SET has_bytes = true, bytes_removed_at = NULL
    FROM app.session_documents AS s
    WHERE s.session_id = p_session_id AND d.document_id = s.document_id;
    PERFORM app.start_session(p_session_id, 'pdf', app.hash_pair(c.sha256, r.sha256), c.file_name, r.file_name)
    FROM (SELECT x.*, d.sha256 FROM app.session_documents AS x JOIN app.documents AS d USING (document_id)) AS c,
        (SELECT x.*, d.sha256 FROM app.session_documents AS x JOIN app.documents AS d USING (document_id)) AS r
    WHERE c.session_id = p_session_id AND c.kind = 'car_pdf' AND r.session_id = p_session_id AND r.kind = 'receipt_pdf';
    INSERT INTO app.jobs AS j (session_id, queued_by, is_dry_run)
    VALUES (p_session_id, app.actor_id(), coalesce(p_dry_run, false))
    RETURNING j.job_id INTO v_job_id;
    INSERT INTO app.job_progress (job_id) VALUES (v_job_id);
    SELECT app.hash_upload(p_session_id, pg_catalog.encode(c.sha256, 'hex'), pg_catalog.encode(r.sha256, 'hex'), p_dry_run)
    INTO v_hash
    FROM app.session_documents AS x
    JOIN app.documents AS c ON c.document_id = x.document_id
    JOIN app.session_documents AS y ON y.session_id = x.session_id AND y.kind = 'receipt_pdf'
    JOIN app.documents AS r ON r.document_id = y.document_id
    WHERE x.session_id = p_session_id AND x.kind = 'car_pdf';
    RETURN app.end_request(p_request_id, 'begin_upload', v_hash,
        pg_catalog.jsonb_build_object('outcome', 'queued', 'session_id', p_session_id, 'job_id', v_job_id));
END
$$;
COMMENT ON FUNCTION api.queue_documents(uuid, text, boolean) IS 'Last step of an upload: when all pieces are there, the session is processing and a worker will read its two PDFs and accept them as the acting user, or try them dry. Answers outcome queued with job_id, or refused when a file is no PDF (recorded; the session stays open, the bytes go). Raises ST002, ST031.';

GRANT EXECUTE ON FUNCTION api.begin_upload(uuid, text, text, bigint, text, text, bigint, text, text, date, date, boolean),
    api.store_chunk(uuid, integer, bytea), api.queue_documents(uuid, text, boolean) TO ccp_admin, ccp_processor;

SELECT app.pin_entry_points();

COMMIT;
