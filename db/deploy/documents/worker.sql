-- What a worker may do: claim a job, fetch the bytes, tell how far it is, give up.
-- requires: documents/jobs

BEGIN;

CREATE OR REPLACE FUNCTION api.claim_job(p_worker_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_job app.jobs;
    v_token uuid := pg_catalog.gen_random_uuid();
BEGIN
    PERFORM app.begin_request(NULL, 'claim_job', NULL);
    -- Of the migration, which comes later in the plan: what was handed in waits.
    IF app.cutover_state() = 'rolled_back' THEN
        RETURN NULL;
    END IF;
    SELECT j.* INTO v_job
    FROM app.jobs AS j JOIN app.job_progress AS p ON p.job_id = j.job_id
    WHERE j.state = 'queued' OR (j.state = 'running' AND p.lease_until < pg_catalog.clock_timestamp())
    ORDER BY j.queued_at LIMIT 1
    FOR UPDATE OF j SKIP LOCKED;
    IF v_job.job_id IS NULL THEN
        RETURN NULL;
    ELSIF NOT EXISTS (SELECT FROM app.processing_sessions AS s
                      WHERE s.session_id = v_job.session_id AND s.status = 'processing') THEN
        PERFORM app.end_job(v_job.job_id, 'wrong_state', 'The session was cancelled.', NULL, false);
        RETURN pg_catalog.jsonb_build_object('outcome', 'cancelled', 'job_id', v_job.job_id);
    ELSIF v_job.attempts >= app.setting('job_max_attempts') THEN
        PERFORM app.end_job(v_job.job_id, 'gave_up', pg_catalog.format(
            'Reading the files was begun %s times and never came to an end.', v_job.attempts), NULL, false);
        RETURN pg_catalog.jsonb_build_object('outcome', 'gave_up', 'job_id', v_job.job_id);
    END IF;
    UPDATE app.jobs AS j
    SET state = 'running', attempts = j.attempts + 1, worker_name = app.shorten(p_worker_name, 200),
        token = v_token, started_at = pg_catalog.clock_timestamp()
    WHERE j.job_id = v_job.job_id;
    UPDATE app.job_progress AS p
    SET phase = 'fetching', pages_done = 0, pages_total = NULL, updated_at = pg_catalog.clock_timestamp(),
        lease_until = pg_catalog.clock_timestamp() + app.setting('job_lease_seconds')::double precision * interval '1 second'
    WHERE p.job_id = v_job.job_id;
    RETURN (
        SELECT pg_catalog.jsonb_build_object('outcome', 'claimed', 'job_id', v_job.job_id, 'token', v_token,
            'session_id', v_job.session_id, 'attempt', v_job.attempts + 1, 'user_name', u.user_name,
            'lease_seconds', app.setting('job_lease_seconds'), 'max_pages', app.setting('pdf_max_pages'),
            'max_bytes', app.setting('pdf_max_bytes'),
            'documents', (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('kind', s.kind,
                'size', d.size_bytes, 'sha256', pg_catalog.encode(d.sha256, 'hex'),
                'chunks', (SELECT pg_catalog.count(*) FROM app.document_chunks AS c WHERE c.document_id = d.document_id))
                ORDER BY s.kind)
                FROM app.session_documents AS s JOIN app.documents AS d ON d.document_id = s.document_id
                WHERE s.session_id = v_job.session_id))
        FROM app.users AS u WHERE u.user_id = v_job.queued_by);
END
$$;
COMMENT ON FUNCTION api.claim_job(text) IS 'Takes the oldest job that waits or whose worker is silent for longer than its lease; null when there is none, and while the cut-over is rolled back. Answers outcome claimed (with the token to show, the person to accept it as, and the documents), or gave_up or cancelled when the job ended just now. Each job goes to one worker.';

CREATE OR REPLACE FUNCTION app.lock_job(p_job_id uuid, p_token uuid) RETURNS app.jobs
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_job app.jobs;
BEGIN
    SELECT j.* INTO v_job FROM app.jobs AS j
    WHERE j.job_id = p_job_id AND j.state = 'running' AND j.token = p_token FOR UPDATE;
    IF v_job.job_id IS NULL OR app.has_lost_jobs() THEN
        PERFORM app.fail('ST030', 'token', NULL, pg_catalog.format('job %s', p_job_id));
    END IF;
    RETURN v_job;
END
$$;
COMMENT ON FUNCTION app.lock_job(uuid, uuid) IS 'The running job, locked, when the token is the current one and no rollback of the cut-over took it away, see app.has_lost_jobs. Raises ST030.';

CREATE OR REPLACE FUNCTION api.record_progress(
    p_job_id uuid, p_token uuid, p_phase text, p_pages_done integer, p_pages_total integer
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.begin_request(NULL, 'record_progress', NULL);
    PERFORM app.lock_job(p_job_id, p_token);
    UPDATE app.job_progress AS p
    SET phase = app.hide_card_numbers(p_phase), pages_done = p_pages_done, pages_total = p_pages_total,
        updated_at = pg_catalog.clock_timestamp(),
        lease_until = pg_catalog.clock_timestamp() + app.setting('job_lease_seconds')::double precision * interval '1 second'
    WHERE p.job_id = p_job_id;
END
$$;
COMMENT ON FUNCTION api.record_progress(uuid, uuid, text, integer, integer) IS 'A sign of life: phase and pages for people to see, and a new lease. Raises ST030 when the job is another worker''s by now.';

CREATE OR REPLACE FUNCTION api.read_job_chunk(p_job_id uuid, p_token uuid, p_kind text, p_chunk_number integer) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_bytes bytea;
BEGIN
    SELECT c.bytes INTO v_bytes
    FROM app.jobs AS j
    JOIN app.session_documents AS s ON s.session_id = j.session_id AND s.kind = p_kind
    JOIN app.document_chunks AS c ON c.document_id = s.document_id AND c.chunk_number = p_chunk_number
    WHERE j.job_id = p_job_id AND j.token = p_token;
    IF v_bytes IS NULL THEN
        PERFORM app.fail('ST030', 'token',
            NULL, pg_catalog.format('job %s, %s, piece %s', p_job_id, p_kind, p_chunk_number));
    END IF;
    RETURN v_bytes;
END
$$;
COMMENT ON FUNCTION api.read_job_chunk(uuid, uuid, text, integer) IS 'A piece, from 0, of a document of the worker''s own job. Raises ST030 when the job is not its own or there is no such piece.';

CREATE OR REPLACE FUNCTION api.fail_job(
    p_job_id uuid, p_token uuid, p_code text, p_message text, p_kind text, p_may_retry boolean
) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM app.begin_request(NULL, 'fail_job', NULL);
    IF NOT EXISTS (SELECT FROM app.error_codes AS e WHERE e.slug = p_code AND e.sqlstate IN
        ('IV005', 'IV009', 'IV030', 'IV031', 'IV032', 'IV033', 'IV034', 'IV035', 'IV036', 'PM001', 'PM002', 'RL031'))
    THEN
        PERFORM app.fail('IV008', 'code', 'a slug of report.error_codes', pg_catalog.format('%L', app.hide_card_numbers(p_code)));
    END IF;
    PERFORM app.lock_job(p_job_id, p_token);
    RETURN app.end_job(p_job_id, p_code, p_message, p_kind, p_may_retry);
END
$$;
COMMENT ON FUNCTION api.fail_job(uuid, uuid, text, text, text, boolean) IS 'Ends an attempt that failed: queued again when it may pass and attempts are left, else the session fails with the message, the attempt is recorded and the bytes go. Answers the state. Raises IV008 for an unknown code, ST030.';

GRANT EXECUTE ON FUNCTION api.claim_job(text), api.record_progress(uuid, uuid, text, integer, integer),
    api.read_job_chunk(uuid, uuid, text, integer), api.fail_job(uuid, uuid, text, text, text, boolean) TO ccp_worker;

SELECT app.pin_entry_points();

COMMIT;
