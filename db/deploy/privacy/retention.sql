-- Retention: how long each kind of document is kept, and what was removed when.
-- requires: privacy/holds
-- requires: documents/worker
-- requires: migration/old_results
--
-- Kind             what goes                                 setting                       counts from
-- card_report      bytes and page text of the card report    document_retention_days       handing in
-- receipts         the same of the receipts                  receipt_retention_days        handing in
-- attachment       the same of an attached scan              attachment_retention_days     handing in
-- old_result       text of an old result and its import      old_result_retention_days     handing in
-- kept_entries     texts of an old file written otherwise    kept_entry_retention_days     its import
--
-- A document of several kinds stays as long as the longest. An activity.json, a coding workbook and a list of users or
-- addresses are read and not kept. Batches, files of closed months and everything with a row of its own never go.

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('receipt_retention_days', 90, 1, 36500, 'days', 'How long the bytes and the raw page text of receipt reports are kept.'),
('attachment_retention_days', 90, 1, 36500, 'days', 'How long the bytes of scans are kept that people attached to receipts.'),
('old_result_retention_days', 3650, 1, 36500, 'days', 'How long the text of old results is kept; what came of comparing them stays.'),
('kept_entry_retention_days', 3650, 1, 36500, 'days', 'How long the texts of old files are kept that are not what is written anew: spelling and order of the way back.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE TABLE app.removals (
    removal_id uuid NOT NULL DEFAULT app.new_id(),
    kind text NOT NULL,
    cause text NOT NULL,
    month_id uuid,
    session_id uuid,
    document_id uuid,
    old_result_id uuid,
    removed_bytes bigint NOT NULL,
    handed_in_at timestamptz NOT NULL,
    removed_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT removals_pkey PRIMARY KEY (removal_id),
    CONSTRAINT removals_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT removals_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT removals_document_id_fkey FOREIGN KEY (document_id) REFERENCES app.documents (document_id),
    CONSTRAINT removals_old_result_id_fkey FOREIGN KEY (old_result_id) REFERENCES app.old_results (old_result_id),
    CONSTRAINT removals_kind_check CHECK (kind IN ('card_report', 'receipts', 'attachment', 'old_result', 'kept_entries')),
    CONSTRAINT removals_cause_check CHECK (cause IN ('retention', 'pseudonym')),
    CONSTRAINT removals_removed_bytes_check CHECK (removed_bytes >= 0)
);
CREATE INDEX removals_month_id_idx ON app.removals (month_id);
CREATE INDEX removals_session_id_idx ON app.removals (session_id);
CREATE INDEX removals_document_id_idx ON app.removals (document_id);
CREATE INDEX removals_old_result_id_idx ON app.removals (old_result_id);
COMMENT ON TABLE app.removals IS 'What was removed, and when: one row for each document of each submission, old result, and set of kept entries.';
COMMENT ON COLUMN app.removals.removal_id IS 'Key.';
COMMENT ON COLUMN app.removals.kind IS 'card_report, receipts, attachment, old_result or kept_entries.';
COMMENT ON COLUMN app.removals.cause IS 'retention: its time was over; pseudonym: it named a person who got one.';
COMMENT ON COLUMN app.removals.month_id IS 'The month it was of; null for a submission without one.';
COMMENT ON COLUMN app.removals.session_id IS 'The submission it was of; null for an old result that was handed in for a month.';
COMMENT ON COLUMN app.removals.document_id IS 'The document whose bytes and page text went; what is known about it stays.';
COMMENT ON COLUMN app.removals.old_result_id IS 'The old result whose text went.';
COMMENT ON COLUMN app.removals.removed_bytes IS 'How many bytes went.';
COMMENT ON COLUMN app.removals.handed_in_at IS 'When it had been handed in.';
COMMENT ON COLUMN app.removals.removed_at IS 'When it was removed.';
COMMENT ON COLUMN app.removals.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.removals', 'immutable');

CREATE OR REPLACE VIEW report.removals AS
SELECT r.removal_id, r.kind, r.cause, r.month_id, m.month_name, r.session_id, r.document_id, r.old_result_id, r.removed_bytes, r.handed_in_at,
    r.removed_at
FROM app.removals AS r
LEFT JOIN app.months AS m ON m.month_id = r.month_id;
COMMENT ON VIEW report.removals IS 'What was removed, by retention or for a pseudonym, and when. Rows about it stay.';
SELECT app.describe_columns('report.removals', 'app.removals');
SELECT app.describe_columns('report.removals', 'app.months');
GRANT SELECT ON report.removals TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW app.removable AS
SELECT CASE WHEN s.kind IN ('receipt_pdf', 'split_receipt') THEN 'receipts' ELSE 'card_report' END AS kind, d.uploaded_at AS handed_in_at,
    p.month_id, s.session_id, d.document_id, NULL::uuid AS old_result_id, d.size_bytes AS removed_bytes
FROM app.documents AS d
LEFT JOIN app.session_documents AS s ON s.document_id = d.document_id
LEFT JOIN app.processing_sessions AS p ON p.session_id = s.session_id
WHERE d.has_bytes AND (s.session_id IS NOT NULL
    OR NOT EXISTS (SELECT FROM app.receipt_attachments AS a WHERE a.document_id = d.document_id))
UNION ALL
SELECT DISTINCT 'attachment', d.uploaded_at, p.month_id, a.session_id, d.document_id, NULL::uuid, d.size_bytes
FROM app.documents AS d
JOIN app.receipt_attachments AS a ON a.document_id = d.document_id
JOIN app.processing_sessions AS p ON p.session_id = a.session_id
WHERE d.has_bytes
UNION ALL
SELECT 'old_result', o.handed_in_at, coalesce(o.month_id, s.month_id), o.session_id, NULL::uuid, o.old_result_id,
    octet_length(concat(t.content, t.csv_content, t.workbook_content))
FROM app.old_results AS o
JOIN app.old_result_texts AS t ON t.old_result_id = o.old_result_id
LEFT JOIN app.processing_sessions AS s ON s.session_id = o.session_id
-- One that waits for its submission is still to be compared, unless that will never be read.
WHERE o.session_id IS NULL OR s.status NOT IN ('processing', 'awaiting_decision', 'completed')
    OR EXISTS (SELECT FROM app.parallel_runs AS r WHERE r.old_result_id = o.old_result_id)
UNION ALL
SELECT 'kept_entries', p.created_at, p.month_id, k.session_id, NULL::uuid, NULL::uuid, sum(octet_length(k.entry_text))
FROM app.kept_entries AS k
JOIN app.processing_sessions AS p ON p.session_id = k.session_id
GROUP BY p.created_at, p.month_id, k.session_id;
COMMENT ON VIEW app.removable IS 'What is there of each kind that does not stay for good.';
SELECT app.describe_columns('app.removable', 'app.removals');

CREATE OR REPLACE FUNCTION app.remove(p_what app.removals[], p_cause text) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    INSERT INTO app.removals (kind, cause, month_id, session_id, document_id, old_result_id, removed_bytes, handed_in_at)
    SELECT w.kind, p_cause, w.month_id, w.session_id, w.document_id, w.old_result_id, w.removed_bytes, w.handed_in_at
    FROM pg_catalog.unnest(p_what) AS w;
    PERFORM app.drop_bytes(ARRAY(SELECT DISTINCT w.document_id FROM pg_catalog.unnest(p_what) AS w WHERE w.document_id IS NOT NULL));
    DELETE FROM app.old_result_texts AS t USING pg_catalog.unnest(p_what) AS w WHERE t.old_result_id = w.old_result_id;
    DELETE FROM app.kept_entries AS k USING pg_catalog.unnest(p_what) AS w
    WHERE w.kind = 'kept_entries' AND k.session_id = w.session_id;
    RETURN (SELECT pg_catalog.count(DISTINCT coalesce(w.document_id, w.old_result_id, w.session_id))::integer FROM pg_catalog.unnest(p_what) AS w);
END
$$;
COMMENT ON FUNCTION app.remove(app.removals[], text) IS 'Removes what is named and writes that down. Answers how many documents, old results and sets of entries went.';

CREATE OR REPLACE FUNCTION app.keep_entry() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    IF TG_OP = 'INSERT' AND EXISTS (
        SELECT FROM app.old_claims AS c
        WHERE c.session_id = NEW.session_id AND c.source_key = NEW.source_key AND c.created_tx = app.tx())
    THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND EXISTS (
        SELECT FROM app.removals AS r
        WHERE r.kind = 'kept_entries' AND r.session_id = OLD.session_id AND r.created_tx = app.tx())
    THEN
        RETURN OLD;
    END IF;
    PERFORM app.fail('RL002', NULL, 'rows of the import, gone only with a row of app.removals',
        pg_catalog.format('%s of %I.%I', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.keep_entry() IS 'Trigger of kept entries: what is written back of an old file is written by the transaction that took the file in, never changed, and removed only by one that writes it down in app.removals. Raises RL002.';

CREATE OR REPLACE TRIGGER t10_keep_entry BEFORE INSERT OR UPDATE OR DELETE ON app.kept_entries FOR EACH ROW EXECUTE FUNCTION app.keep_entry();
COMMENT ON TRIGGER t10_keep_entry ON app.kept_entries IS 'Insert-only, but for what is written down as removed.';
ALTER TABLE app.kept_entries ENABLE ALWAYS TRIGGER t10_keep_entry;

CREATE OR REPLACE FUNCTION app.remove_expired(p_at timestamptz) RETURNS integer
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.take_turn('retention');
    -- Nobody hands in again meanwhile what is about to go.
    PERFORM FROM app.documents AS d
    WHERE d.has_bytes AND d.uploaded_at < p_at - interval '1 day' * least(app.setting('document_retention_days'),
        app.setting('receipt_retention_days'), app.setting('attachment_retention_days'))::integer
    ORDER BY d.document_id FOR UPDATE;
    RETURN app.remove(ARRAY(
        SELECT ROW(app.new_id(), r.kind, 'retention', r.month_id, r.session_id, r.document_id, r.old_result_id, r.removed_bytes,
            r.handed_in_at, pg_catalog.now(), app.tx())::app.removals
        FROM (
            SELECT x.*, pg_catalog.bool_and(x.is_over) OVER (
                PARTITION BY coalesce(x.document_id, x.old_result_id, x.session_id), x.kind = 'kept_entries') AS is_all_over
            FROM (
                SELECT w.*, w.handed_in_at < p_at - app.setting(CASE w.kind WHEN 'card_report' THEN 'document'
                        WHEN 'receipts' THEN 'receipt' WHEN 'kept_entries' THEN 'kept_entry' ELSE w.kind END
                        || '_retention_days')::integer * interval '1 day'
                    AND NOT EXISTS (SELECT FROM app.held_months AS h WHERE h.month_id = w.month_id)
                    AND NOT EXISTS (SELECT FROM app.jobs AS j
                                    WHERE j.session_id = w.session_id AND j.state IN ('queued', 'running')) AS is_over
                FROM app.removable AS w
            ) AS x
        ) AS r
        WHERE r.is_all_over), 'retention');
END
$$;
COMMENT ON FUNCTION app.remove_expired(timestamptz) IS 'Removes what was kept as long as its kind is by this instant, for api.remove_expired_documents.';

CREATE OR REPLACE FUNCTION api.remove_expired_documents() RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.begin_request(NULL, 'remove_expired_documents', NULL);
    RETURN app.remove_expired(pg_catalog.now());
END
$$;
COMMENT ON FUNCTION api.remove_expired_documents() IS 'Removes what is older than its kind is kept: bytes and raw page text of documents, texts of old results, kept entries; everything made of them stays, and report.removals says what went. What several submissions share stays as long as one of them keeps it. Nothing of a month under legal hold goes, and nothing a job waits for. Answers how many. Raises PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.remove_expired_documents() TO ccp_admin, ccp_worker;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
