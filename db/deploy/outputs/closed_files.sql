-- The files of closed months: stored with each closing, byte for byte, for ever.
-- requires: outputs/activity
-- requires: outputs/files
-- requires: outputs/workbook_lines
-- requires: months/closing
--
-- A worker stores them soon after the closing. Nothing of a closed month changes, and the files show nothing but the month
-- and its closing, so that one made before they are stored is the same.

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('store_closed_texts', 'nothing'),
('store_closed_workbook', 'nothing');

CREATE TABLE app.closed_files (
    month_id uuid NOT NULL,
    closing_number integer NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    content bytea NOT NULL,
    sha256 bytea GENERATED ALWAYS AS (sha256(content)) STORED,
    stored_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT closed_files_pkey PRIMARY KEY (month_id, closing_number, session_id, kind),
    CONSTRAINT closed_files_closing_fkey FOREIGN KEY (month_id, closing_number)
        REFERENCES app.month_events (month_id, event_number),
    CONSTRAINT closed_files_session_id_fkey FOREIGN KEY (session_id, month_id)
        REFERENCES app.processing_sessions (session_id, month_id),
    CONSTRAINT closed_files_kind_check CHECK (kind IN ('report.xlsx', 'import.csv', 'activity.json'))
);
CREATE INDEX closed_files_session_id_idx ON app.closed_files (session_id, month_id);
CREATE INDEX closed_files_created_tx_idx ON app.closed_files (created_tx);
COMMENT ON TABLE app.closed_files IS 'The files of each closing of a month, byte for byte. They never expire.';
COMMENT ON COLUMN app.closed_files.month_id IS 'The month.';
COMMENT ON COLUMN app.closed_files.closing_number IS 'Number of the closing among the events of the month.';
COMMENT ON COLUMN app.closed_files.session_id IS 'The submission that counted when it was closed.';
COMMENT ON COLUMN app.closed_files.kind IS 'report.xlsx; import.csv, of the profile old_program and the invoice month of the period; or activity.json, as imported.';
COMMENT ON COLUMN app.closed_files.content IS 'The bytes.';
COMMENT ON COLUMN app.closed_files.sha256 IS 'SHA-256 of the bytes.';
COMMENT ON COLUMN app.closed_files.stored_at IS 'When it was stored.';
COMMENT ON COLUMN app.closed_files.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.closed_files', 'immutable');

CREATE OR REPLACE VIEW app.closings AS
SELECT m.month_id, e.event_number AS closing_number, e.tick_number, e.happened_at
FROM app.months AS m
CROSS JOIN LATERAL (
    SELECT x.event_number, x.tick_number, x.happened_at FROM app.month_events AS x
    WHERE x.month_id = m.month_id AND x.kind = 'closed' ORDER BY x.event_number DESC LIMIT 1
) AS e
WHERE m.state = 'closed';
COMMENT ON VIEW app.closings IS 'The closing of each closed month.';
SELECT app.describe_columns('app.closings', 'app.month_events');
SELECT app.describe_columns('app.closings', 'app.closed_files');

CREATE OR REPLACE VIEW app.missing_closed_files AS
SELECT c.month_id, c.closing_number, s.session_id, k.kind
FROM app.closings AS c
CROSS JOIN LATERAL app.current_submissions(c.month_id) AS s (session_id)
CROSS JOIN (VALUES ('import.csv'), ('activity.json'), ('report.xlsx')) AS k (kind)
WHERE NOT EXISTS (
    SELECT FROM app.closed_files AS f
    WHERE f.month_id = c.month_id AND f.closing_number = c.closing_number AND f.session_id = s.session_id AND f.kind = k.kind);
COMMENT ON VIEW app.missing_closed_files IS 'What is still to be stored of closed months.';
SELECT app.describe_columns('app.missing_closed_files', 'app.closed_files');

CREATE TYPE report.closed_workbook AS (month_id uuid, closing_number integer, session_id uuid);
COMMENT ON TYPE report.closed_workbook IS 'A workbook of a closed month that is still to be stored.';
COMMENT ON COLUMN report.closed_workbook.month_id IS 'The month.';
COMMENT ON COLUMN report.closed_workbook.closing_number IS 'Number of the closing among the events of the month.';
COMMENT ON COLUMN report.closed_workbook.session_id IS 'The submission.';

CREATE OR REPLACE FUNCTION api.store_closed_texts() RETURNS SETOF report.closed_workbook
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.begin_request(NULL, 'store_closed_texts', NULL);
    INSERT INTO app.closed_files (month_id, closing_number, session_id, kind, content)
    SELECT f.month_id, f.closing_number, f.session_id, f.kind, CASE f.kind
        WHEN 'import.csv' THEN app.accounting_csv(f.session_id, 'old_program', NULL)
        -- People of one name have one entry there: nobody is asked.
        ELSE pg_catalog.convert_to(report.activity_json(f.session_id, 'as_imported', true)::text, 'UTF8') END
    FROM app.missing_closed_files AS f WHERE f.kind IN ('import.csv', 'activity.json')
    ORDER BY f.month_id LIMIT 10
    ON CONFLICT DO NOTHING;
    RETURN QUERY
    SELECT f.month_id, f.closing_number, f.session_id
    FROM app.missing_closed_files AS f WHERE f.kind = 'report.xlsx'
    ORDER BY f.month_id LIMIT 10;
END
$$;
COMMENT ON FUNCTION api.store_closed_texts() IS 'Stores the files of closed months that the database makes itself, ten at a time, and answers the workbooks that are still to be made, see api.store_closed_workbook. Raises PM001, PM002.';

CREATE OR REPLACE FUNCTION api.store_closed_workbook(
    p_month_id uuid, p_closing_number integer, p_session_id uuid, p_content bytea
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_count integer;
BEGIN
    PERFORM app.begin_request(NULL, 'store_closed_workbook', NULL);
    -- Nobody reopens the month meanwhile.
    PERFORM FROM app.months AS m WHERE m.month_id = p_month_id FOR SHARE;
    INSERT INTO app.closed_files (month_id, closing_number, session_id, kind, content)
    SELECT f.month_id, f.closing_number, f.session_id, f.kind, p_content
    FROM app.missing_closed_files AS f
    WHERE f.month_id = p_month_id AND f.closing_number = p_closing_number AND f.session_id = p_session_id
        AND f.kind = 'report.xlsx' AND p_content IS NOT NULL
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count = 1;
END
$$;
COMMENT ON FUNCTION api.store_closed_workbook(uuid, integer, uuid, bytea) IS 'Stores the workbook of a closed month with its closing. False when that is not wanted: it is there, or the month was reopened. Raises PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.store_closed_texts(), api.store_closed_workbook(uuid, integer, uuid, bytea) TO ccp_worker;

CREATE OR REPLACE FUNCTION report.closed_file(p_session_id uuid, p_kind text) RETURNS bytea
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT f.content
    FROM app.closed_files AS f
    JOIN app.closings AS c ON c.month_id = f.month_id AND c.closing_number = f.closing_number
    WHERE f.session_id = p_session_id AND f.kind = p_kind;
END;
COMMENT ON FUNCTION report.closed_file(uuid, text) IS 'The bytes of a file (report.xlsx, import.csv, activity.json) that were stored when the month of a session was closed; null when it is open, or nothing is stored yet.';
GRANT EXECUTE ON FUNCTION report.closed_file(uuid, text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.closed_files AS
SELECT f.month_id, f.closing_number, f.session_id, f.kind, length(f.content)::bigint AS size_bytes,
    encode(f.sha256, 'hex') AS sha256, f.stored_at
FROM app.closed_files AS f;
COMMENT ON VIEW report.closed_files IS 'The files that were stored with each closing of a month; report.closed_file has the bytes of the closing in force.';
COMMENT ON COLUMN report.closed_files.size_bytes IS 'Number of its bytes.';
COMMENT ON COLUMN report.closed_files.sha256 IS 'SHA-256 of the bytes, in hex.';
SELECT app.describe_columns('report.closed_files', 'app.closed_files');
GRANT SELECT ON report.closed_files TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
