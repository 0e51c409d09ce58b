-- Documents as people see them: pages, notices, bytes for packets.
-- requires: documents/acceptance
-- requires: report/people

BEGIN;

CREATE OR REPLACE VIEW report.documents AS
SELECT s.session_id, s.kind, s.document_id, s.file_name, d.size_bytes, encode(d.sha256, 'hex') AS sha256, d.page_count,
    s.parser_version, s.parameters, d.has_bytes, d.bytes_removed_at, u.user_name AS uploaded_by_name, d.uploaded_at,
    (SELECT count(*) FROM app.document_chunks AS c WHERE c.document_id = d.document_id) AS chunk_count
FROM app.session_documents AS s
JOIN app.documents AS d ON d.document_id = s.document_id
JOIN app.users AS u ON u.user_id = d.uploaded_by;
COMMENT ON VIEW report.documents IS 'The documents of each session.';
COMMENT ON COLUMN report.documents.sha256 IS 'SHA-256 of the bytes, in hex.';
COMMENT ON COLUMN report.documents.uploaded_by_name IS 'Name of who handed it in last.';
COMMENT ON COLUMN report.documents.chunk_count IS 'In how many pieces the bytes are there, see api.read_chunk.';
SELECT app.describe_columns('report.documents', 'app.session_documents');
SELECT app.describe_columns('report.documents', 'app.documents');

CREATE OR REPLACE VIEW report.document_pages AS
SELECT p.session_id, p.kind, p.page_number, p.status, p.used_for, p.card_id, p.transaction_id,
    coalesce(c.cardholder_id, t.cardholder_id) AS cardholder_id, h.name_key AS employee_name, h.employee_id, p.reason,
    p.loose_lines
FROM app.document_pages AS p
LEFT JOIN app.cards AS c ON c.card_id = p.card_id
LEFT JOIN LATERAL (
    SELECT e.cardholder_id
    FROM app.transactions AS x
    JOIN app.session_employees AS e ON e.current_revision_id = x.employee_revision_id
    -- A session that restores another keeps the ids of its receipts.
    WHERE x.transaction_id = p.transaction_id AND e.session_id = p.session_id
) AS t ON true
LEFT JOIN app.cardholders AS h ON h.cardholder_id = coalesce(c.cardholder_id, t.cardholder_id);
COMMENT ON VIEW report.document_pages IS 'The page ledger with whose each page is now: every page is used, by whom and for what, or skipped with a reason.';
COMMENT ON COLUMN report.document_pages.cardholder_id IS 'Whose page it is; null when skipped.';
COMMENT ON COLUMN report.document_pages.employee_name IS 'Name key of that person.';
COMMENT ON COLUMN report.document_pages.employee_id IS 'Employee number of that person.';
SELECT app.describe_columns('report.document_pages', 'app.document_pages');

CREATE OR REPLACE VIEW report.document_notices AS
SELECT n.session_id, n.notice_number, n.kind, n.page_number, n.line_number, n.code, n.message, n.printed_amount,
    n.found_amount
FROM app.document_notices AS n;
COMMENT ON VIEW report.document_notices IS 'What a person should look at in the documents of a session.';
SELECT app.describe_columns('report.document_notices', 'app.document_notices');

CREATE OR REPLACE VIEW report.cards AS
SELECT e.session_id, e.cardholder_id, r.employee_name, k.card_id, k.card_number, c.charges, c.gross_amount,
    c.discount_amount, c.net_amount, k.printed_gross, k.printed_discount, k.printed_net, k.page_range, k.unread_fields,
    k.is_printed_masked, k.total_lines
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
JOIN app.card_totals AS k ON k.session_id = e.session_id AND k.cardholder_id = e.cardholder_id
CROSS JOIN LATERAL (
    SELECT count(*) AS charges,
        CASE WHEN count(*) = count(x.gross_amount) THEN sum(x.gross_amount) END AS gross_amount,
        CASE WHEN count(*) = count(x.discount_amount) THEN sum(x.discount_amount) END AS discount_amount,
        CASE WHEN count(*) = count(x.net_amount) AND (count(*) > 0 OR k.printed_net = 0)
            THEN coalesce(sum(x.net_amount), 0)::numeric(14, 2) END AS net_amount
    FROM app.charges AS x
    WHERE x.session_id = e.session_id AND x.cardholder_id = e.cardholder_id AND x.card_id = k.card_id
) AS c;
COMMENT ON VIEW report.cards IS 'The cards of each person in each session, with their own totals and what the report prints for them.';
COMMENT ON COLUMN report.cards.session_id IS 'The session.';
COMMENT ON COLUMN report.cards.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.cards.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.cards.charges IS 'Number of charges.';
COMMENT ON COLUMN report.cards.gross_amount IS 'Sum of the charges before discount, in dollars; null when one cannot be read, and without charges.';
COMMENT ON COLUMN report.cards.discount_amount IS 'Sum of the discounts, in dollars; null when one cannot be read, and without charges.';
COMMENT ON COLUMN report.cards.net_amount IS 'Sum of the charges after discount, in dollars; null when one cannot be read, or there is none and no total line of 0.00.';
SELECT app.describe_columns('report.cards', 'app.card_totals');

CREATE OR REPLACE VIEW report.attachments AS
SELECT a.attachment_id, t.session_id, t.cardholder_id, t.employee_name, a.transaction_id, a.document_id, a.file_name,
    a.media_type, d.size_bytes, encode(d.sha256, 'hex') AS sha256, a.reason, u.user_name AS attached_by_name, a.attached_at,
    coalesce((SELECT c.value ->> 'attachment_name' ~ n.pattern
            -- A name that the report brings itself is another file, unless this one was never taken back.
            AND (coalesce(c.base ->> 'attachment_name' !~ n.pattern, true) OR NOT EXISTS (
                SELECT FROM app.corrections AS k
                WHERE k.transaction_id = a.transaction_id AND k.chain_id = c.chain_id AND k.field_group = 'attachment'
                    AND coalesce(k.value ->> 'attachment_name' !~ n.pattern, true)
                    AND k.number > (SELECT min(f.number) FROM app.corrections AS f WHERE f.transaction_id = a.transaction_id
                        AND f.chain_id = c.chain_id AND f.field_group = 'attachment' AND f.created_tx = a.created_tx
                        AND f.value ->> 'attachment_name' ~ n.pattern)))
        FROM app.newest_corrections AS c
        CROSS JOIN (SELECT '(^|, )' || regexp_replace(a.file_name, '(\W)', '\\\1', 'g') || '(, |$)' AS pattern) AS n
        WHERE c.transaction_id = a.transaction_id AND c.chain_id = s.chain_id AND c.field_group = 'attachment'), false) AS is_in_packet,
    (SELECT count(*) FROM app.document_chunks AS k WHERE k.document_id = a.document_id) AS chunk_count
FROM app.receipt_attachments AS a
JOIN report.transactions AS t ON t.transaction_id = a.transaction_id
JOIN app.processing_sessions AS s ON s.session_id = t.session_id
JOIN app.documents AS d ON d.document_id = a.document_id
JOIN app.users AS u ON u.user_id = a.attached_by;
COMMENT ON VIEW report.attachments IS 'Scans that people attached to receipts, in each submission that shows the receipt.';
COMMENT ON COLUMN report.attachments.session_id IS 'The session.';
COMMENT ON COLUMN report.attachments.sha256 IS 'SHA-256 of the bytes, in hex.';
COMMENT ON COLUMN report.attachments.attached_by_name IS 'Name of who attached it.';
COMMENT ON COLUMN report.attachments.is_in_packet IS 'True while the correction of the receipt''s attachment names it; not for a name that the report brought itself after this file was taken back.';
COMMENT ON COLUMN report.attachments.chunk_count IS 'In how many pieces the bytes are there, see api.read_chunk; 0 when retention removed them.';
SELECT app.describe_columns('report.attachments', 'app.receipt_attachments');
SELECT app.describe_columns('report.attachments', 'report.transactions');
SELECT app.describe_columns('report.attachments', 'app.documents');

CREATE OR REPLACE FUNCTION report.packet_pages(p_session_id uuid, p_cardholder_id uuid DEFAULT NULL)
RETURNS TABLE (
    cardholder_id uuid, employee_name text, status text, folder text, file_name text, kind text, document_id uuid,
    page_number integer
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH people AS MATERIALIZED (
        SELECT e.cardholder_id, r.employee_name, e.status, r.employee_id, e.current_revision_id,
            count(*) OVER (PARTITION BY left(r.employee_name, 100)) > 1 AS has_namesake
        FROM app.session_employees AS e
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
        WHERE e.session_id = p_session_id AND NOT r.is_nobody
    ), owners AS (
        SELECT w.*, c.card_id AS key FROM people AS w JOIN app.cards AS c ON c.cardholder_id = w.cardholder_id
        WHERE w.cardholder_id = p_cardholder_id OR p_cardholder_id IS NULL
        UNION ALL
        SELECT w.*, t.transaction_id FROM people AS w JOIN app.transactions AS t ON t.employee_revision_id = w.current_revision_id
        WHERE w.cardholder_id = p_cardholder_id OR p_cardholder_id IS NULL
    ), owned AS (
        -- Sorted and not joined: whatever the planner believes of the sizes, it costs the same.
        SELECT o.kind, o.page_number, first_value(o.cardholder_id) OVER w AS cardholder_id,
            first_value(o.employee_name) OVER w AS employee_name, first_value(o.status) OVER w AS status,
            first_value(o.employee_id) OVER w AS employee_id, first_value(o.has_namesake) OVER w AS has_namesake
        FROM (
            SELECT o.key, o.cardholder_id, o.employee_name, o.status, o.employee_id, o.has_namesake, NULL AS kind,
                NULL::integer AS page_number
            FROM owners AS o
            UNION ALL
            SELECT coalesce(g.card_id, g.transaction_id), NULL, NULL, NULL, NULL, NULL, g.kind, g.page_number
            FROM app.document_pages AS g WHERE g.session_id = p_session_id AND g.status = 'used'
        ) AS o
        WINDOW w AS (PARTITION BY o.key ORDER BY o.cardholder_id NULLS LAST ROWS UNBOUNDED PRECEDING)
    )
    SELECT o.cardholder_id, app.shown(o.employee_name), o.status,
        CASE o.status WHEN 'finished' THEN 'Finished Reports' ELSE 'Unfinished Reports' END,
        left(app.shown(o.employee_name), 100) || CASE WHEN o.has_namesake
            THEN coalesce('_' || regexp_replace(o.employee_id, '[^0-9A-Za-z]', '', 'g'), '_unknown') ELSE '' END || '.pdf',
        o.kind, o.document_id, o.page_number
    FROM (
        SELECT x.cardholder_id, x.employee_name, x.status, x.employee_id, x.has_namesake, s.kind, s.document_id,
            x.page_number, NULL::uuid AS attachment_id
        FROM owned AS x
        JOIN app.session_documents AS s ON s.session_id = p_session_id AND s.kind = x.kind
        WHERE x.cardholder_id IS NOT NULL
        UNION ALL
        SELECT w.cardholder_id, w.employee_name, w.status, w.employee_id, w.has_namesake, 'attachment', a.document_id,
            NULL, a.attachment_id
        FROM report.attachments AS a
        JOIN people AS w ON w.cardholder_id = a.cardholder_id
        WHERE a.session_id = p_session_id AND a.is_in_packet
            AND (w.cardholder_id = p_cardholder_id OR p_cardholder_id IS NULL)
    ) AS o
    ORDER BY o.employee_name COLLATE "C", o.cardholder_id, o.attachment_id IS NOT NULL, o.kind, o.page_number,
        o.attachment_id;
END;
COMMENT ON FUNCTION report.packet_pages(uuid, uuid) IS 'The pages of each person''s packet, or of one person''s, in order: report pages, then receipt pages, each in source order, then attached scans, all pages of each (no page number), as they came. File names are made of name keys alone (and the employee number for namesakes), folders say whether the person is finished.';

CREATE OR REPLACE FUNCTION api.read_chunk(p_document_id uuid, p_chunk_number integer) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_bytes bytea;
BEGIN
    PERFORM app.require_call('read_chunk');
    SELECT c.bytes INTO v_bytes FROM app.document_chunks AS c
    WHERE c.document_id = p_document_id AND c.chunk_number = p_chunk_number;
    IF v_bytes IS NULL THEN
        PERFORM app.fail('NF030', 'document_id',
            NULL, pg_catalog.format('document %s, piece %s', p_document_id, p_chunk_number));
    END IF;
    RETURN v_bytes;
END
$$;
COMMENT ON FUNCTION api.read_chunk(uuid, integer) IS 'A piece, from 0, of the bytes of a document, for packets. Raises NF030, PM001, PM002.';

GRANT SELECT ON report.attachments, report.documents, report.document_pages, report.document_notices, report.cards
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION report.packet_pages(uuid, uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION api.read_chunk(uuid, integer) TO ccp_admin, ccp_processor, ccp_reviewer;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
