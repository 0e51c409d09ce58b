-- What was handed in: attempts, what was rejected and why.
-- requires: content/sessions

BEGIN;

CREATE TABLE app.import_attempts (
    attempt_id uuid NOT NULL DEFAULT app.new_id(),
    user_id uuid NOT NULL,
    file_name text,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    outcome text NOT NULL,
    session_id uuid,
    sqlstate text,
    message text,
    path text,
    request_id text,
    attempted_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT import_attempts_pkey PRIMARY KEY (attempt_id),
    CONSTRAINT import_attempts_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT import_attempts_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT import_attempts_size_bytes_check CHECK (size_bytes >= 0),
    CONSTRAINT import_attempts_sha256_check CHECK (length(sha256) = 32),
    CONSTRAINT import_attempts_outcome_check CHECK (outcome IN (
        'accepted', 'unchanged', 'awaiting_decision', 'refused', 'dry_run')),
    CONSTRAINT import_attempts_refused_check CHECK ((outcome = 'refused') = (sqlstate IS NOT NULL)),
    CONSTRAINT import_attempts_accepted_check CHECK (
        (outcome IN ('accepted', 'awaiting_decision')) <= (session_id IS NOT NULL))
);
CREATE INDEX import_attempts_user_id_idx ON app.import_attempts (user_id);
CREATE INDEX import_attempts_session_id_idx ON app.import_attempts (session_id);
COMMENT ON TABLE app.import_attempts IS 'Every file handed in, also those refused: who, what, with which outcome.';
COMMENT ON COLUMN app.import_attempts.attempt_id IS 'Key.';
COMMENT ON COLUMN app.import_attempts.user_id IS 'Who handed it in.';
COMMENT ON COLUMN app.import_attempts.file_name IS 'Name of the file as the client gave it; a text, never a path.';
COMMENT ON COLUMN app.import_attempts.size_bytes IS 'Size of the file.';
COMMENT ON COLUMN app.import_attempts.sha256 IS 'SHA-256 of its bytes.';
COMMENT ON COLUMN app.import_attempts.outcome IS 'accepted, unchanged (already the current content), awaiting_decision (a person has to say whether it is taken), refused or dry_run.';
COMMENT ON COLUMN app.import_attempts.session_id IS 'The session it became or already was; null otherwise.';
COMMENT ON COLUMN app.import_attempts.sqlstate IS 'Why it was refused, see report.error_codes.';
COMMENT ON COLUMN app.import_attempts.message IS 'The reason for people.';
COMMENT ON COLUMN app.import_attempts.path IS 'Place in the file, where one is known.';
COMMENT ON COLUMN app.import_attempts.request_id IS 'Request id of the call.';
COMMENT ON COLUMN app.import_attempts.attempted_at IS 'When.';
COMMENT ON COLUMN app.import_attempts.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.import_attempts', 'immutable');

CREATE TABLE app.import_rejects (
    attempt_id uuid NOT NULL,
    reject_number integer NOT NULL,
    path text NOT NULL,
    sqlstate text NOT NULL,
    message text NOT NULL,
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT import_rejects_pkey PRIMARY KEY (attempt_id, reject_number),
    CONSTRAINT import_rejects_attempt_id_fkey FOREIGN KEY (attempt_id) REFERENCES app.import_attempts (attempt_id)
);
COMMENT ON TABLE app.import_rejects IS 'Employees of a file that were not taken, with every place and reason.';
COMMENT ON COLUMN app.import_rejects.attempt_id IS 'The attempt.';
COMMENT ON COLUMN app.import_rejects.reject_number IS '1, 2, 3 … in order of path.';
COMMENT ON COLUMN app.import_rejects.path IS 'JSON path of the field, beginning with the employee.';
COMMENT ON COLUMN app.import_rejects.sqlstate IS 'Reason, see report.error_codes.';
COMMENT ON COLUMN app.import_rejects.message IS 'Reason for people: expected and got.';
COMMENT ON COLUMN app.import_rejects.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.import_rejects', 'immutable');


COMMIT;
