-- Signs of life of the workers and of the service: who does what, since when, and what went wrong last.
-- requires: documents/jobs

BEGIN;

CREATE TABLE app.worker_duties (
    worker_name text NOT NULL,
    duty text NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_sign_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_success_at timestamptz,
    busy_since timestamptz,
    every_seconds numeric NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    last_error text,
    last_error_at timestamptz,
    CONSTRAINT worker_duties_pkey PRIMARY KEY (worker_name, duty),
    CONSTRAINT worker_duties_worker_name_check CHECK (worker_name ~ '^[^\s]{1,200}$'),
    CONSTRAINT worker_duties_duty_check CHECK (duty ~ '^[a-z][a-z_]{0,49}$'),
    CONSTRAINT worker_duties_every_seconds_check CHECK (every_seconds > 0),
    CONSTRAINT worker_duties_failures_check CHECK (failures >= 0)
);
COMMENT ON TABLE app.worker_duties IS 'One row for each duty of each worker that gave a sign within a day.';
COMMENT ON COLUMN app.worker_duties.worker_name IS 'Machine and process of the worker.';
COMMENT ON COLUMN app.worker_duties.duty IS 'What it does again and again: jobs, mail, files, mirror, ticks, seals, sweep, days, signs; serving of a process of the service.';
COMMENT ON COLUMN app.worker_duties.since IS 'When the worker gave its first sign.';
COMMENT ON COLUMN app.worker_duties.last_sign_at IS 'When the worker last told of it.';
COMMENT ON COLUMN app.worker_duties.last_success_at IS 'When a turn last ended without error; null before the first.';
COMMENT ON COLUMN app.worker_duties.busy_since IS 'When the turn began that goes on; null between turns.';
COMMENT ON COLUMN app.worker_duties.every_seconds IS 'How many seconds pass between two turns when all is well.';
COMMENT ON COLUMN app.worker_duties.failures IS 'How many turns failed since the last that did not.';
COMMENT ON COLUMN app.worker_duties.last_error IS 'The last failure, also of a duty that works again; null before the first.';
COMMENT ON COLUMN app.worker_duties.last_error_at IS 'When that failure was first told.';
SELECT audit.guard('app.worker_duties', 'working', 'Signs of life; nothing is decided by them.');

CREATE TABLE app.sign_minutes (
    minute timestamptz NOT NULL,
    part text NOT NULL,
    CONSTRAINT sign_minutes_pkey PRIMARY KEY (minute, part),
    CONSTRAINT sign_minutes_part_check CHECK (part IN ('service', 'worker'))
);
COMMENT ON TABLE app.sign_minutes IS 'The minutes in which the service or a worker gave a sign, for 40 days: what uptime is worked out from.';
COMMENT ON COLUMN app.sign_minutes.minute IS 'Beginning of the minute.';
COMMENT ON COLUMN app.sign_minutes.part IS 'service or worker.';
SELECT audit.guard('app.sign_minutes', 'working', 'Signs of life; rows go after 40 days.');

CREATE OR REPLACE FUNCTION api.record_duty(
    p_worker_name text, p_duty text, p_every_seconds double precision, p_success_age_seconds double precision,
    p_busy_seconds double precision, p_failures integer, p_error text
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_error text := app.shorten(app.hide_card_numbers(p_error), 1000);
BEGIN
    PERFORM app.begin_request(NULL, 'record_duty', NULL);
    DELETE FROM app.worker_duties AS d
    WHERE d.last_sign_at < pg_catalog.clock_timestamp() - interval '1 day'
        AND (d.worker_name, d.duty) <> (p_worker_name, p_duty);
    DELETE FROM app.sign_minutes AS m WHERE m.minute < pg_catalog.clock_timestamp() - interval '40 days';
    -- A duty that fails is no sign of work, and telling of the others is none by itself.
    INSERT INTO app.sign_minutes (minute, part)
    SELECT pg_catalog.date_trunc('minute', pg_catalog.clock_timestamp()), CASE p_duty WHEN 'serving' THEN 'service' ELSE 'worker' END
    WHERE p_failures = 0 AND p_duty <> 'signs'
    ON CONFLICT (minute, part) DO NOTHING;
    INSERT INTO app.worker_duties AS d (worker_name, duty, every_seconds, failures, last_error, last_error_at, last_success_at,
        busy_since)
    VALUES (p_worker_name, p_duty, p_every_seconds, p_failures, v_error,
        CASE WHEN v_error IS NOT NULL THEN pg_catalog.clock_timestamp() END,
        pg_catalog.clock_timestamp() - p_success_age_seconds * interval '1 second',
        pg_catalog.clock_timestamp() - p_busy_seconds * interval '1 second')
    ON CONFLICT (worker_name, duty) DO UPDATE
    SET last_sign_at = pg_catalog.clock_timestamp(), every_seconds = excluded.every_seconds, failures = excluded.failures,
        last_success_at = excluded.last_success_at, busy_since = excluded.busy_since,
        last_error = coalesce(excluded.last_error, d.last_error),
        last_error_at = CASE
            WHEN excluded.last_error = d.last_error AND excluded.failures = d.failures THEN d.last_error_at
            ELSE coalesce(excluded.last_error_at, d.last_error_at) END;
END
$$;
COMMENT ON FUNCTION api.record_duty(text, text, double precision, double precision, double precision, integer, text) IS 'A sign of life of one duty of a worker, or of a process of the service (serving): how long ago a turn last succeeded and the present one began (null: none), how many failed since, and the last error. Ages and not instants, so that the clock of the worker''s machine does not matter. Signs older than a day go; the minute, booked for a duty that does not fail (but signs, which only tells), stays for 40 days.';
GRANT EXECUTE ON FUNCTION api.record_duty(text, text, double precision, double precision, double precision, integer, text) TO ccp_worker;

CREATE OR REPLACE VIEW report.workers AS
SELECT d.worker_name, d.duty, d.since, d.last_sign_at, d.last_success_at, d.busy_since, d.every_seconds, d.failures, d.last_error,
    d.last_error_at,
    d.last_sign_at < statement_timestamp() - interval '1 minute' AS is_silent,
    d.failures > 0 AS is_failing
FROM app.worker_duties AS d;
COMMENT ON VIEW report.workers IS 'Who works in the background, duty by duty, and which processes serve: since when, last sign, last error. Of a worker that ended the rows stay for a day, silent.';
COMMENT ON COLUMN report.workers.is_silent IS 'True when the worker gave no sign for a minute: it ended, hangs, or cannot reach the database.';
COMMENT ON COLUMN report.workers.is_failing IS 'True when the last turn of this duty failed; it is tried again, each time after twice the wait, at most a minute.';
SELECT app.describe_columns('report.workers', 'app.worker_duties');
GRANT SELECT ON report.workers TO ccp_admin, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
