-- The mirror: the activity.json of each open month as a file beside the database, which follows it and is compared with it.
-- requires: outputs/activity
-- requires: access/requests
-- requires: audit/ticks
-- requires: months/closing
-- requires: people/pseudonyms
--
-- State            means
-- written          the file was read back and is what the database says
-- differs          it was read back and is not
-- disk_full        it could not be written: no room; the one before stays
-- unwritable       it could not be written, or made
-- foreign_folder   the folder is not the mirror's: something lies there that the mirror has not written

BEGIN;

INSERT INTO app.month_calls (call_name, changes) VALUES
('mirror_orders', 'nothing'),
('record_mirror', 'nothing');

CREATE TABLE app.mirror_files (
    month_id uuid NOT NULL,
    session_id uuid NOT NULL,
    state text NOT NULL,
    difference text,
    tried_at timestamptz NOT NULL,
    content_digest bytea,
    file_name text,
    written_at timestamptz,
    tick_number bigint,
    sha256 bytea,
    size_bytes bigint,
    changes text,
    last_difference text,
    differed_at timestamptz,
    CONSTRAINT mirror_files_pkey PRIMARY KEY (month_id),
    -- Each for itself: submissions may leave the month, whose file stays known.
    CONSTRAINT mirror_files_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT mirror_files_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT mirror_files_state_check
        CHECK (state IN ('written', 'differs', 'disk_full', 'unwritable', 'foreign_folder')),
    CONSTRAINT mirror_files_written_check CHECK ((state = 'written') <= (written_at IS NOT NULL AND sha256 IS NOT NULL)),
    CONSTRAINT mirror_files_difference_check CHECK ((state = 'written') = (difference IS NULL))
);
CREATE INDEX mirror_files_session_id_idx ON app.mirror_files (session_id);
COMMENT ON TABLE app.mirror_files IS 'What the mirror last did for each month, and the file it last wrote.';
COMMENT ON COLUMN app.mirror_files.month_id IS 'The month.';
COMMENT ON COLUMN app.mirror_files.session_id IS 'The session it was last tried with: the newest completed one of the month.';
COMMENT ON COLUMN app.mirror_files.state IS 'written, differs, disk_full, unwritable or foreign_folder.';
COMMENT ON COLUMN app.mirror_files.difference IS 'What went wrong, or how the file differs from the database; null when it is written.';
COMMENT ON COLUMN app.mirror_files.tried_at IS 'When it was last tried.';
COMMENT ON COLUMN app.mirror_files.content_digest IS 'Digest of session, current revisions and covered names of what was last written.';
COMMENT ON COLUMN app.mirror_files.file_name IS 'Name of the file, of period and programme.';
COMMENT ON COLUMN app.mirror_files.written_at IS 'When the file was last written.';
COMMENT ON COLUMN app.mirror_files.tick_number IS 'The newest tick that the written state holds.';
COMMENT ON COLUMN app.mirror_files.sha256 IS 'SHA-256 of the written file, as the database made it.';
COMMENT ON COLUMN app.mirror_files.size_bytes IS 'Number of its bytes.';
COMMENT ON COLUMN app.mirror_files.last_difference IS 'The last thing that went wrong, also when it is right again.';
COMMENT ON COLUMN app.mirror_files.differed_at IS 'When that was.';
COMMENT ON COLUMN app.mirror_files.changes IS 'What of it is written otherwise for the old program''s sake, with counts.';
SELECT audit.guard('app.mirror_files', 'working', 'Says how a file outside of the database is, which can be made again at any time.');

CREATE OR REPLACE VIEW app.mirrored_months AS
SELECT m.month_id, s.session_id, s.processing_completed_at,
    'activity-' || to_char(m.period_start, 'YYYY-MM-DD') || '-' || to_char(m.period_end, 'YYYY-MM-DD')
        || CASE WHEN m.programme = '' THEN '' ELSE '-' || right(m.month_id::text, 12) END || '.json' AS file_name,
    -- Another one when the file may be another.
    (SELECT sha256(convert_to(concat_ws(' ', s.session_id, string_agg(e.current_revision_id::text, ' ' ORDER BY e.cardholder_id), (
            SELECT string_agg(concat(p.pseudonym, p.patterns), ' ' ORDER BY p.pseudonym) FROM app.pseudonyms AS p WHERE p.lifted_at IS NULL)), 'UTF8'))
        FROM app.session_employees AS e WHERE e.session_id = s.session_id) AS content_digest
FROM app.months AS m
CROSS JOIN LATERAL (
    SELECT x.session_id, x.processing_completed_at FROM app.processing_sessions AS x
    WHERE x.month_id = m.month_id AND x.status = 'completed'
    ORDER BY x.processing_completed_at DESC, x.session_id DESC LIMIT 1
) AS s
WHERE m.state = 'open';
COMMENT ON VIEW app.mirrored_months IS 'The newest completed session of each open month, and the name of its file: that of the period; a programme adds letters of the month''s id, since its name may be no name of a file.';
COMMENT ON COLUMN app.mirrored_months.file_name IS 'Name of the file.';
COMMENT ON COLUMN app.mirrored_months.content_digest IS 'Digest of session, current revisions and what is covered.';
SELECT app.describe_columns('app.mirrored_months', 'app.months');
SELECT app.describe_columns('app.mirrored_months', 'app.processing_sessions');

CREATE TYPE report.mirror_order AS (month_id uuid, session_id uuid, file_name text, last_state text, last_difference text,
    sha256 text);
COMMENT ON TYPE report.mirror_order IS 'A month whose file is to be written, or looked at.';
COMMENT ON COLUMN report.mirror_order.month_id IS 'The month.';
COMMENT ON COLUMN report.mirror_order.session_id IS 'Its newest completed session.';
COMMENT ON COLUMN report.mirror_order.file_name IS 'Name of the file.';
COMMENT ON COLUMN report.mirror_order.last_state IS 'How the last attempt ended; null: there was none.';
COMMENT ON COLUMN report.mirror_order.last_difference IS 'What went wrong then.';
COMMENT ON COLUMN report.mirror_order.sha256 IS 'SHA-256 that the file should have, in hex; null when it is to be written.';

CREATE OR REPLACE FUNCTION api.mirror_orders(p_is_check boolean) RETURNS SETOF report.mirror_order
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.begin_request(NULL, 'mirror_orders', NULL);
    RETURN QUERY
    SELECT m.month_id, m.session_id, m.file_name, f.state, f.difference, CASE WHEN c.is_current THEN pg_catalog.encode(f.sha256, 'hex') END
    FROM app.mirrored_months AS m
    LEFT JOIN app.mirror_files AS f ON f.month_id = m.month_id
    CROSS JOIN LATERAL (
        SELECT coalesce(f.state = 'written' AND f.file_name = m.file_name
            AND f.content_digest = m.content_digest, false) AS is_current
    ) AS c
    WHERE p_is_check OR NOT c.is_current
    ORDER BY m.month_id;
    IF FOUND THEN
        -- So that what is read next has its instant.
        PERFORM audit.tick('mirror');
    END IF;
END
$$;
COMMENT ON FUNCTION api.mirror_orders(boolean) IS 'The open months whose file is not what the database says by now, and to be checked the others, too, with the checksum each should have. Writes a tick when there is one. Raises PM001, PM002.';

CREATE OR REPLACE FUNCTION report.mirror_facts(p_session_id uuid)
RETURNS TABLE (content_digest text, tick_number bigint, sha256 text, size_bytes bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (SELECT encode(m.content_digest, 'hex') FROM app.mirrored_months AS m WHERE m.session_id = p_session_id), (SELECT max(t.tick_number) FROM audit.ticks AS t),
        encode(sha256(convert_to(j.text, 'UTF8')), 'hex'), octet_length(j.text)::bigint
    FROM (SELECT report.activity_json(p_session_id, 'as_imported', true)::text AS text OFFSET 0) AS j;
END;
COMMENT ON FUNCTION report.mirror_facts(uuid) IS 'What the mirror''s file of a session has to be in this state of the database: digest of the state, its newest tick, SHA-256 and size of the file. Raises NF001.';
GRANT EXECUTE ON FUNCTION report.mirror_facts(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.record_mirror(p_month_id uuid, p_session_id uuid, p_state text, p_difference text, p_facts jsonb)
RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_is_file boolean := p_facts ? 'sha256';
    v_difference text := CASE WHEN p_state <> 'written' THEN app.shorten(coalesce(p_difference, p_state), 400) END;
    v_count integer;
BEGIN
    PERFORM app.begin_request(NULL, 'record_mirror', NULL);
    IF (p_state = ANY (app.closed_list('mirror_files.state'))) IS NOT TRUE THEN
        PERFORM app.fail('IV008', 'state', pg_catalog.array_to_string(app.closed_list('mirror_files.state'), ', '), p_state);
    END IF;
    INSERT INTO app.mirror_files AS f (month_id, session_id, state, difference, tried_at, content_digest, file_name, written_at,
        tick_number, sha256, size_bytes, changes, last_difference, differed_at)
    SELECT s.month_id, s.session_id, p_state, v_difference,
        pg_catalog.clock_timestamp(), pg_catalog.decode(p_facts ->> 'content_digest', 'hex'), p_facts ->> 'file_name',
        CASE WHEN v_is_file THEN pg_catalog.clock_timestamp() END, (p_facts ->> 'tick_number')::bigint,
        pg_catalog.decode(p_facts ->> 'sha256', 'hex'), (p_facts ->> 'size_bytes')::bigint, p_facts ->> 'changes',
        v_difference, CASE WHEN v_difference IS NOT NULL THEN pg_catalog.clock_timestamp() END
    FROM app.processing_sessions AS s WHERE s.session_id = p_session_id AND s.month_id = p_month_id
    ON CONFLICT (month_id) DO UPDATE SET session_id = EXCLUDED.session_id, state = EXCLUDED.state,
        difference = EXCLUDED.difference, tried_at = EXCLUDED.tried_at,
        last_difference = coalesce(EXCLUDED.last_difference, f.last_difference),
        differed_at = coalesce(EXCLUDED.differed_at, f.differed_at),
        content_digest = CASE WHEN v_is_file THEN EXCLUDED.content_digest ELSE f.content_digest END,
        file_name = CASE WHEN v_is_file THEN EXCLUDED.file_name ELSE f.file_name END,
        written_at = CASE WHEN v_is_file THEN EXCLUDED.written_at ELSE f.written_at END,
        tick_number = CASE WHEN v_is_file THEN EXCLUDED.tick_number ELSE f.tick_number END,
        sha256 = CASE WHEN v_is_file THEN EXCLUDED.sha256 ELSE f.sha256 END,
        size_bytes = CASE WHEN v_is_file THEN EXCLUDED.size_bytes ELSE f.size_bytes END,
        changes = CASE WHEN v_is_file THEN EXCLUDED.changes ELSE f.changes END;
    GET DIAGNOSTICS v_count = ROW_COUNT;
    RETURN v_count = 1;
END
$$;
COMMENT ON FUNCTION api.record_mirror(uuid, uuid, text, text, jsonb) IS 'Notes how writing the mirror''s file of a month ended; what could not be written leaves what is known of the file before. False when there is no such session. Raises IV008, PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.mirror_orders(boolean), api.record_mirror(uuid, uuid, text, text, jsonb) TO ccp_worker;

CREATE OR REPLACE VIEW report.mirror_state AS
SELECT m.month_id, m.session_id, f.state, f.difference, f.tried_at, f.file_name, f.written_at, f.tick_number,
    encode(f.sha256, 'hex') AS sha256, f.size_bytes, f.changes,
    f.last_difference, f.differed_at,
    CASE WHEN f.state = 'written' AND f.content_digest = m.content_digest THEN interval '0'
        ELSE now() - coalesce(least((SELECT min(r.processed_at) FROM app.session_employees AS e
            JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
            WHERE e.session_id = m.session_id AND r.processed_at > f.written_at),
            (SELECT min(greatest(p.covered_at, p.lifted_at)) FROM app.pseudonyms AS p
            WHERE greatest(p.covered_at, p.lifted_at) > f.written_at)), m.processing_completed_at) END AS behind_by
FROM app.mirrored_months AS m
LEFT JOIN app.mirror_files AS f ON f.month_id = m.month_id;
COMMENT ON VIEW report.mirror_state IS 'The mirror, month by month: what its file holds, how far it is behind the database, and what went wrong. Nulls where nothing was tried: without CCP_MIRROR_DIRECTORY there is no mirror.';
COMMENT ON COLUMN report.mirror_state.session_id IS 'The newest completed session of the month.';
COMMENT ON COLUMN report.mirror_state.sha256 IS 'SHA-256 of the file, in hex.';
COMMENT ON COLUMN report.mirror_state.behind_by IS 'For how long the database has said something that the file does not; 0 when it is what the database says.';
SELECT app.describe_columns('report.mirror_state', 'app.mirror_files');
GRANT SELECT ON report.mirror_state TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
