-- Work that takes longer than a request: who does it, how far it is.
-- requires: documents/tables
--
-- Job state    set by                                         lease
-- queued       upload; a failure that may pass                none
-- running      claim_job                                      until the next sign of life is due
-- done         accept_documents                               none
-- failed       fail_job, a refusal, too many attempts         none

BEGIN;

CREATE TABLE app.jobs (
    job_id uuid NOT NULL DEFAULT app.new_id(),
    session_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'queued',
    queued_by uuid NOT NULL,
    is_dry_run boolean NOT NULL DEFAULT false,
    queued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    attempts integer NOT NULL DEFAULT 0,
    worker_name text,
    token uuid,
    started_at timestamptz,
    finished_at timestamptz,
    failure_code text,
    failure_message text,
    answer jsonb,
    CONSTRAINT jobs_pkey PRIMARY KEY (job_id),
    CONSTRAINT jobs_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT jobs_queued_by_fkey FOREIGN KEY (queued_by) REFERENCES app.users (user_id),
    CONSTRAINT jobs_state_check CHECK (state IN ('queued', 'running', 'done', 'failed')),
    CONSTRAINT jobs_attempts_check CHECK (attempts >= 0),
    CONSTRAINT jobs_running_check CHECK ((state = 'running') = (token IS NOT NULL)),
    CONSTRAINT jobs_finished_check CHECK ((state IN ('done', 'failed')) = (finished_at IS NOT NULL)),
    CONSTRAINT jobs_failure_check CHECK ((state = 'failed') <= (failure_code IS NOT NULL))
);
CREATE UNIQUE INDEX jobs_session_id_live_key ON app.jobs (session_id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_queued_at_idx ON app.jobs (queued_at) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_session_id_idx ON app.jobs (session_id);
CREATE INDEX jobs_finished_at_idx ON app.jobs (finished_at);
CREATE INDEX jobs_queued_by_idx ON app.jobs (queued_by);
COMMENT ON TABLE app.jobs IS 'Reading the documents of a session: claimed by workers, tried again when one dies, given up after job_max_attempts.';
COMMENT ON COLUMN app.jobs.job_id IS 'Key.';
COMMENT ON COLUMN app.jobs.session_id IS 'The session whose documents are read.';
COMMENT ON COLUMN app.jobs.state IS 'queued, running, done or failed.';
COMMENT ON COLUMN app.jobs.queued_by IS 'Who asked for it; the result is accepted as this person.';
COMMENT ON COLUMN app.jobs.is_dry_run IS 'True: what is read is tried and taken back, and the session is open again.';
COMMENT ON COLUMN app.jobs.queued_at IS 'When it was asked for.';
COMMENT ON COLUMN app.jobs.attempts IS 'How often a worker began it.';
COMMENT ON COLUMN app.jobs.worker_name IS 'The worker that has it, or had it last.';
COMMENT ON COLUMN app.jobs.token IS 'What the worker that has it shows; a worker that was given up has an old one.';
COMMENT ON COLUMN app.jobs.started_at IS 'When the last attempt began.';
COMMENT ON COLUMN app.jobs.finished_at IS 'When it was done or failed.';
COMMENT ON COLUMN app.jobs.failure_code IS 'Slug of the last failure; also while it waits for another attempt.';
COMMENT ON COLUMN app.jobs.failure_message IS 'The last failure for people.';
COMMENT ON COLUMN app.jobs.answer IS 'What a dry run would have brought: outcome, report with the control block, rejects; null for any other job.';
SELECT audit.guard('app.jobs', 'mutable');

CREATE TABLE app.job_progress (
    job_id uuid NOT NULL,
    lease_until timestamptz,
    phase text NOT NULL DEFAULT 'waiting',
    pages_done integer NOT NULL DEFAULT 0,
    pages_total integer,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT job_progress_pkey PRIMARY KEY (job_id),
    CONSTRAINT job_progress_job_id_fkey FOREIGN KEY (job_id) REFERENCES app.jobs (job_id),
    CONSTRAINT job_progress_phase_check CHECK (phase ~ '^[a-z][a-z_]{0,49}$'),
    CONSTRAINT job_progress_pages_check CHECK (pages_done >= 0 AND pages_total >= pages_done)
);
COMMENT ON TABLE app.job_progress IS 'How far a job is, and until when its worker counts as alive.';
COMMENT ON COLUMN app.job_progress.job_id IS 'The job.';
COMMENT ON COLUMN app.job_progress.lease_until IS 'After this another worker may take it; null while nobody has it.';
COMMENT ON COLUMN app.job_progress.phase IS 'waiting, fetching, reading_car, reading_receipts, accepting, done or failed.';
COMMENT ON COLUMN app.job_progress.pages_done IS 'Pages read so far, over both documents.';
COMMENT ON COLUMN app.job_progress.pages_total IS 'Pages of the documents opened so far; null before.';
COMMENT ON COLUMN app.job_progress.updated_at IS 'Last sign of life.';
SELECT audit.guard('app.job_progress', 'working', 'How far work is; nothing is decided by it.');

CREATE OR REPLACE VIEW report.jobs AS
SELECT j.job_id, j.session_id, j.state, j.is_dry_run, j.queued_by, u.user_name AS queued_by_name, j.queued_at, j.attempts,
    j.worker_name, j.started_at, j.finished_at, j.failure_code, j.failure_message, j.answer, p.phase, p.pages_done,
    p.pages_total, p.updated_at
FROM app.jobs AS j
JOIN app.job_progress AS p ON p.job_id = j.job_id
JOIN app.users AS u ON u.user_id = j.queued_by;
COMMENT ON VIEW report.jobs IS 'Jobs with their progress.';
COMMENT ON COLUMN report.jobs.queued_by_name IS 'Name of who asked for it.';
SELECT app.describe_columns('report.jobs', 'app.jobs');
SELECT app.describe_columns('report.jobs', 'app.job_progress');
GRANT SELECT ON report.jobs TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.drop_bytes(p_document_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    DELETE FROM app.document_chunks AS c WHERE c.document_id = ANY (p_document_ids);
    DELETE FROM app.page_texts AS t WHERE t.document_id = ANY (p_document_ids);
    UPDATE app.documents AS d SET has_bytes = false, bytes_removed_at = clock_timestamp()
    WHERE d.document_id = ANY (p_document_ids) AND d.has_bytes;
END;
COMMENT ON FUNCTION app.drop_bytes(uuid[]) IS 'Removes bytes and page text of documents; what is known about them stays.';

CREATE OR REPLACE FUNCTION app.drop_session_bytes(p_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT app.drop_bytes(ARRAY(
        SELECT d.document_id FROM app.session_documents AS d
        WHERE d.session_id = p_session_id AND NOT EXISTS (
            SELECT FROM app.session_documents AS o
            JOIN app.processing_sessions AS s ON s.session_id = o.session_id
            WHERE o.document_id = d.document_id AND o.session_id <> p_session_id
                AND s.status IN ('processing', 'awaiting_decision', 'completed'))
        AND NOT EXISTS (SELECT FROM app.receipt_attachments AS a WHERE a.document_id = d.document_id)));
END;
COMMENT ON FUNCTION app.drop_session_bytes(uuid) IS 'Removes the bytes of a session''s documents, unless another session that counts, or a receipt, has the same document.';

CREATE OR REPLACE FUNCTION app.reopen_session(p_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT app.drop_session_bytes(p_session_id);
    DELETE FROM app.session_documents AS d WHERE d.session_id = p_session_id;
    UPDATE app.processing_sessions AS s
    SET status = 'open', source_type = NULL, source_sha256 = NULL, car_file_name = NULL, receipt_file_name = NULL,
        processing_started_at = NULL
    WHERE s.session_id = p_session_id AND s.status = 'processing';
END;
COMMENT ON FUNCTION app.reopen_session(uuid) IS 'After a dry run: the session has no files, as before.';

CREATE OR REPLACE FUNCTION app.refuse_session(
    p_session_id uuid, p_kind text, p_code text, p_message text, p_is_dry_run boolean
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_sqlstate text := (SELECT e.sqlstate FROM app.error_codes AS e WHERE e.slug = p_code);
    v_message text := app.shorten(p_message, 2000);
BEGIN
    UPDATE app.processing_sessions AS s
    SET status = 'failed', failure_reason = pg_catalog.concat_ws(': ', (
            SELECT d.file_name FROM app.session_documents AS d
            WHERE d.session_id = p_session_id AND d.kind = p_kind), v_message)
    WHERE s.session_id = p_session_id AND s.status = 'processing' AND NOT p_is_dry_run;
    INSERT INTO app.import_attempts (user_id, file_name, size_bytes, sha256, outcome, sqlstate, message, path, request_id)
    SELECT s.user_id, d.file_name, f.size_bytes, f.sha256, 'refused', v_sqlstate, v_message, d.kind,
        nullif(pg_catalog.current_setting('app.request_id', true), '')
    FROM app.session_documents AS d
    JOIN app.documents AS f ON f.document_id = d.document_id
    JOIN app.processing_sessions AS s ON s.session_id = d.session_id
    WHERE d.session_id = p_session_id AND (d.kind = p_kind OR p_kind IS NULL);
    IF p_is_dry_run THEN
        PERFORM app.reopen_session(p_session_id);
    ELSE
        PERFORM app.drop_session_bytes(p_session_id);
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_session(uuid, text, text, text, boolean) IS 'What a refused document leaves: a failed session with its reason (an open one after a dry run) and the record of the attempt (of both documents when the kind is null), no bytes.';

CREATE OR REPLACE FUNCTION app.end_job(p_job_id uuid, p_code text, p_message text, p_kind text, p_may_retry boolean) RETURNS text
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_job app.jobs;
    v_state text;
BEGIN
    SELECT j.* INTO v_job FROM app.jobs AS j WHERE j.job_id = p_job_id FOR UPDATE;
    v_state := CASE WHEN p_code IS NULL THEN 'done'
        WHEN p_may_retry AND v_job.attempts < app.setting('job_max_attempts') THEN 'queued' ELSE 'failed' END;
    UPDATE app.jobs AS j
    SET state = v_state, token = NULL, failure_code = p_code,
        failure_message = app.shorten(p_message, 2000),
        finished_at = CASE WHEN v_state <> 'queued' THEN pg_catalog.clock_timestamp() END
    WHERE j.job_id = p_job_id;
    UPDATE app.job_progress AS p
    SET lease_until = NULL, updated_at = pg_catalog.clock_timestamp(),
        phase = CASE v_state WHEN 'queued' THEN 'waiting' ELSE v_state END
    WHERE p.job_id = p_job_id;
    IF v_state = 'failed' THEN
        PERFORM app.refuse_session(v_job.session_id, p_kind, p_code, p_message, v_job.is_dry_run);
    END IF;
    RETURN v_state;
END
$$;
COMMENT ON FUNCTION app.end_job(uuid, text, text, text, boolean) IS 'Ends an attempt: done without a code; queued again when the failure may pass and attempts are left; else failed with its session. Answers the state.';

SELECT app.cover_names();

COMMIT;
