-- The files of closed months: stored with each closing, byte for byte, for ever.
-- requires: outputs/activity
-- requires: outputs/files
-- requires: outputs/workbook_lines
-- requires: months/closing
--
-- What the database writes itself is stored by the closing. A worker writes the workbook soon after it; until then nobody is
-- given one.

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('store_closed_workbook', 'nothing');

CREATE TABLE app.closed_files (
    month_id uuid NOT NULL,
    closing_number integer NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    closing_kind text GENERATED ALWAYS AS ('closed') STORED,
    digest bytea NOT NULL,
    content bytea NOT NULL,
    sha256 bytea GENERATED ALWAYS AS (sha256(content)) STORED,
    stored_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT closed_files_pkey PRIMARY KEY (month_id, closing_number, session_id, kind),
    CONSTRAINT closed_files_closing_fkey FOREIGN KEY (month_id, closing_number, closing_kind, digest)
        REFERENCES app.month_events (month_id, event_number, kind, digest) DEFERRABLE INITIALLY DEFERRED,
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
COMMENT ON COLUMN app.closed_files.closing_kind IS 'Always closed: a file is of a closing, not of another event.';
COMMENT ON COLUMN app.closed_files.digest IS 'Digest of the month when the file was made; that of its closing, see app.month_events.';
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

-- STABLE, so that all files of a statement are of the one state that the statement began with, whatever commits meanwhile:
-- profiles, aliases and pseudonyms are not locked.
CREATE OR REPLACE FUNCTION app.make_closed_file() RETURNS trigger
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_content bytea := CASE NEW.kind
        WHEN 'import.csv' THEN app.accounting_csv(NEW.session_id, 'old_program', NULL)
        -- People of one name have one entry there: nobody is asked.
        WHEN 'activity.json' THEN pg_catalog.convert_to(report.activity_json(NEW.session_id, 'as_imported', true)::text, 'UTF8')
        ELSE NEW.content END;
BEGIN
    IF NEW.content <> v_content
        OR NOT (EXISTS (
                SELECT FROM app.missing_closed_files AS f
                WHERE f.month_id = NEW.month_id AND f.closing_number = NEW.closing_number AND f.session_id = NEW.session_id
                    AND f.kind = NEW.kind)
            -- What the database makes is stored just before the closing: it is there at commit, or there is no row.
            OR (NEW.kind <> 'report.xlsx' AND NEW.closing_number = app.next_event(NEW.month_id)
                AND EXISTS (SELECT FROM app.months AS m WHERE m.month_id = NEW.month_id AND m.state = 'open')
                AND NEW.session_id IN (SELECT s.session_id FROM app.current_submissions(NEW.month_id) AS s (session_id))))
    THEN
        PERFORM app.fail('RL001', NULL, 'what the closing in force still needs, as the database makes it',
            pg_catalog.format('%s of session %s, closing %s', NEW.kind, NEW.session_id, NEW.closing_number));
    END IF;
    NEW.content := v_content;
    NEW.digest := coalesce((
        SELECT e.digest FROM app.month_events AS e WHERE e.month_id = NEW.month_id AND e.event_number = NEW.closing_number),
        app.digest_month(NEW.month_id));
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.make_closed_file() IS 'Trigger of files of closed months: makes import.csv and activity.json itself, of the state its statement began with, whoever writes the row, and refuses other bytes, RL001, as it does a file that the closing in force does not need or has. The workbook is taken as the worker wrote it: its figures are those of report.workbook_lines and its neighbours, its bytes no query can make. The digest is that of the closing, or of the month that is about to be closed: at commit they are one.';

CREATE TRIGGER t50_make BEFORE INSERT ON app.closed_files FOR EACH ROW EXECUTE FUNCTION app.make_closed_file();
COMMENT ON TRIGGER t50_make ON app.closed_files IS 'Makes what the database can make.';
ALTER TABLE app.closed_files ENABLE ALWAYS TRIGGER t50_make;

CREATE OR REPLACE FUNCTION app.store_closed_texts(p_month_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.closed_files (month_id, closing_number, session_id, kind)
    SELECT p_month_id, app.next_event(p_month_id), s.session_id, k.kind
    FROM app.current_submissions(p_month_id) AS s (session_id) CROSS JOIN (VALUES ('import.csv'), ('activity.json')) AS k (kind);
END;
COMMENT ON FUNCTION app.store_closed_texts(uuid) IS 'Stores the files that the database makes itself of a month that this transaction is about to close.';

CREATE OR REPLACE FUNCTION app.check_closed_texts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF EXISTS (SELECT FROM app.missing_closed_files AS f WHERE f.month_id = NEW.month_id AND f.kind <> 'report.xlsx') THEN
        PERFORM app.fail('RL001', NULL, 'the files of its closing', pg_catalog.format('month %s without them', NEW.month_id));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.check_closed_texts() IS 'Trigger of months, at commit: no month is closed without the files that the database makes itself, RL001.';

CREATE CONSTRAINT TRIGGER t90_files AFTER INSERT OR UPDATE ON app.months
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'closed') EXECUTE FUNCTION app.check_closed_texts();
COMMENT ON TRIGGER t90_files ON app.months IS 'No closed month without its files.';
ALTER TABLE app.months ENABLE ALWAYS TRIGGER t90_files;

CREATE OR REPLACE FUNCTION report.missing_workbooks() RETURNS TABLE (month_id uuid, closing_number integer, session_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT f.month_id, f.closing_number, f.session_id FROM app.missing_closed_files AS f WHERE f.kind = 'report.xlsx' ORDER BY 1;
END;
COMMENT ON FUNCTION report.missing_workbooks() IS 'Workbooks of closed months that a worker is still to write, see api.store_closed_workbook: month, number of the closing, submission.';
GRANT EXECUTE ON FUNCTION report.missing_workbooks()
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

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
    -- Nobody reopens the month meanwhile, and two workers go one after the other.
    PERFORM FROM app.months AS m WHERE m.month_id = p_month_id FOR NO KEY UPDATE;
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
GRANT EXECUTE ON FUNCTION api.store_closed_workbook(uuid, integer, uuid, bytea) TO ccp_worker;

CREATE OR REPLACE FUNCTION report.closed_file(
    p_session_id uuid, p_kind text, p_profile_name text DEFAULT NULL, p_invoice_month date DEFAULT NULL, p_shape text DEFAULT NULL
) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_content bytea;
BEGIN
    IF p_profile_name <> 'old_program' OR p_shape <> 'as_imported'
        OR app.invoice_month(p_session_id, p_invoice_month) <> app.invoice_month(p_session_id, NULL)
    THEN
        RETURN NULL;
    END IF;
    SELECT f.content INTO v_content
    FROM app.closed_files AS f
    JOIN app.closings AS c ON c.month_id = f.month_id AND c.closing_number = f.closing_number
    WHERE f.session_id = p_session_id AND f.kind = p_kind;
    IF v_content IS NULL
        AND EXISTS (SELECT FROM app.missing_closed_files AS m WHERE m.session_id = p_session_id AND m.kind = p_kind)
    THEN
        PERFORM app.fail('ST091', 'kind', 'a file that is written', p_kind);
    END IF;
    RETURN v_content;
END
$$;
COMMENT ON FUNCTION report.closed_file(uuid, text, text, date, text) IS 'The bytes of a file (report.xlsx, import.csv, activity.json) that were stored when the month of a session was closed; null when it is open, or when something else is asked for: another profile than old_program, another invoice month than that of the period, another shape than as_imported. Raises ST091 while the worker still writes the workbook.';
GRANT EXECUTE ON FUNCTION report.closed_file(uuid, text, text, date, text)
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

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
