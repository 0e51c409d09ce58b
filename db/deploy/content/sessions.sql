-- Sessions and the people in them: what moves. What never moves is in content/revisions.
-- requires: people/tables
-- requires: content/months
--
-- Session status      from                what it waits for, or came to
-- open                -                   files; after a dry run of PDFs again
-- processing          open, awaiting      the run that reads and judges them
-- awaiting_decision   processing          a person: the control block says why, see intake/control
-- completed           processing          everything of it is accepted
-- failed              processing          nothing of it was accepted
-- cancelled           any of them         hidden; one that awaited was discarded, or nobody decided in time
--
-- Employee status  derived from open blocking issues, see validation/issues; on_hold by hand, see workflow/holds

BEGIN;

CREATE TABLE app.processing_sessions (
    session_id uuid NOT NULL DEFAULT app.new_id(),
    parent_session_id uuid,
    restored_from uuid,
    chain_id uuid NOT NULL,
    revision_number integer NOT NULL DEFAULT 1,
    prior_revision_number integer GENERATED ALWAYS AS (revision_number - 1) STORED,
    user_id uuid NOT NULL,
    session_name text NOT NULL,
    is_named boolean NOT NULL DEFAULT true,
    status text NOT NULL DEFAULT 'open',
    source_type text,
    source_sha256 bytea,
    programme text NOT NULL DEFAULT '',
    given_start date,
    given_end date,
    month_id uuid,
    period_source text,
    live_month_id uuid GENERATED ALWAYS AS (
        CASE WHEN revision_number = 1 AND status = 'completed' THEN month_id END) STORED,
    car_file_name text,
    receipt_file_name text,
    change_summary jsonb,
    failure_reason text,
    processing_started_at timestamptz,
    processing_completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    changed_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT processing_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT processing_sessions_session_id_revision_number_key UNIQUE (session_id, revision_number),
    CONSTRAINT processing_sessions_parent_session_id_fkey FOREIGN KEY (parent_session_id, prior_revision_number)
        REFERENCES app.processing_sessions (session_id, revision_number),
    -- The first submission gives the chain its id.
    CONSTRAINT processing_sessions_session_id_chain_id_key UNIQUE (session_id, chain_id),
    CONSTRAINT processing_sessions_parent_chain_id_fkey FOREIGN KEY (parent_session_id, chain_id)
        REFERENCES app.processing_sessions (session_id, chain_id),
    CONSTRAINT processing_sessions_chain_id_check
        CHECK (parent_session_id IS NOT NULL OR restored_from IS NOT NULL OR chain_id = session_id),
    CONSTRAINT processing_sessions_chain_id_fkey FOREIGN KEY (chain_id) REFERENCES app.processing_sessions (session_id),
    -- The chain of submissions belongs to one month.
    CONSTRAINT processing_sessions_session_id_month_id_key UNIQUE (session_id, month_id),
    CONSTRAINT processing_sessions_parent_month_id_fkey FOREIGN KEY (parent_session_id, month_id)
        REFERENCES app.processing_sessions (session_id, month_id),
    CONSTRAINT processing_sessions_month_id_fkey FOREIGN KEY (month_id, programme)
        REFERENCES app.months (month_id, programme),
    -- A month has one chain. A first submission is not cancelled before all that follow it, so it stands for its chain.
    CONSTRAINT processing_sessions_live_month_id_key UNIQUE (live_month_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT processing_sessions_restored_from_fkey FOREIGN KEY (restored_from)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT processing_sessions_programme_check CHECK (programme = btrim(programme) AND length(programme) <= 80
        AND NOT app.has_control(programme)),
    CONSTRAINT processing_sessions_given_check CHECK ((given_start IS NULL) = (given_end IS NULL)
        AND isfinite(given_start) AND isfinite(given_end) AND given_start <= given_end),
    CONSTRAINT processing_sessions_period_source_check CHECK ((month_id IS NULL) = (period_source IS NULL)
        AND period_source IN ('printed', 'given', 'receipts', 'chain')),
    CONSTRAINT processing_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT processing_sessions_revision_number_check
        CHECK (revision_number >= 1 AND (parent_session_id IS NULL) = (revision_number = 1)),
    CONSTRAINT processing_sessions_session_name_check CHECK (length(session_name) BETWEEN 1 AND 200
        AND NOT app.has_control(session_name)),
    CONSTRAINT processing_sessions_status_check
        CHECK (status IN ('open', 'processing', 'awaiting_decision', 'completed', 'failed', 'cancelled')),
    CONSTRAINT processing_sessions_source_type_check CHECK (source_type IN ('activity_json', 'pdf')),
    CONSTRAINT processing_sessions_source_sha256_check CHECK (length(source_sha256) = 32),
    CONSTRAINT processing_sessions_failure_reason_check
        CHECK ((status = 'failed') <= (failure_reason IS NOT NULL)),
    CONSTRAINT processing_sessions_completed_check
        CHECK ((status = 'completed') <= (processing_completed_at IS NOT NULL AND source_sha256 IS NOT NULL))
);
-- One live child per parent: the chain of submissions cannot fork.
CREATE UNIQUE INDEX processing_sessions_parent_session_id_live_key ON app.processing_sessions (parent_session_id)
    WHERE status NOT IN ('cancelled', 'failed');
CREATE INDEX processing_sessions_parent_session_id_idx
    ON app.processing_sessions (parent_session_id, prior_revision_number);
CREATE INDEX processing_sessions_parent_session_id_chain_id_idx
    ON app.processing_sessions (parent_session_id, chain_id);
CREATE INDEX processing_sessions_restored_from_idx ON app.processing_sessions (restored_from)
    WHERE restored_from IS NOT NULL;
CREATE INDEX processing_sessions_chain_id_idx ON app.processing_sessions (chain_id);
CREATE INDEX processing_sessions_source_sha256_idx ON app.processing_sessions (source_sha256);
CREATE INDEX processing_sessions_parent_session_id_month_id_idx
    ON app.processing_sessions (parent_session_id, month_id);
CREATE INDEX processing_sessions_month_id_programme_idx ON app.processing_sessions (month_id, programme);
CREATE INDEX processing_sessions_changed_tx_idx ON app.processing_sessions (changed_tx);
CREATE INDEX processing_sessions_user_id_idx ON app.processing_sessions (user_id);
CREATE INDEX processing_sessions_created_at_idx ON app.processing_sessions (created_at);
COMMENT ON TABLE app.processing_sessions IS 'One submission of a month''s reports. A later submission names its parent and has the next revision number; gaps and forks are refused by constraints. Nothing is deleted.';
COMMENT ON COLUMN app.processing_sessions.session_id IS 'Key.';
COMMENT ON COLUMN app.processing_sessions.parent_session_id IS 'The submission this one follows; null for the first.';
COMMENT ON COLUMN app.processing_sessions.restored_from IS 'The session of the same month that it brings back: what was decided there holds here, too; null: it was handed in.';
COMMENT ON COLUMN app.processing_sessions.chain_id IS 'The first submission of the chain it belongs to, itself for a first one; one that brings a session of a cancelled chain back goes on with that.';
COMMENT ON COLUMN app.processing_sessions.revision_number IS '1 for the first submission, then one more than the parent''s.';
COMMENT ON COLUMN app.processing_sessions.prior_revision_number IS 'Revision number the parent must have.';
COMMENT ON COLUMN app.processing_sessions.user_id IS 'Who submitted.';
COMMENT ON COLUMN app.processing_sessions.session_name IS 'Name given by the user; else that of the period, or Migrated_YYYYMMDD_HHMMSS for an old file and until two PDFs are read.';
COMMENT ON COLUMN app.processing_sessions.is_named IS 'False: nobody named it, and accepted PDFs name it after their period.';
COMMENT ON COLUMN app.processing_sessions.status IS 'open (no files yet), processing, awaiting_decision (a person has to say whether it is taken), completed, failed or cancelled: the run only, not the work of people.';
COMMENT ON COLUMN app.processing_sessions.source_type IS 'activity_json or pdf; null while open.';
COMMENT ON COLUMN app.processing_sessions.source_sha256 IS 'SHA-256 of the submitted bytes; of two PDFs that of both hashes in a row.';
COMMENT ON COLUMN app.processing_sessions.programme IS 'The card programme it is of; empty unless somebody named one.';
COMMENT ON COLUMN app.processing_sessions.given_start IS 'First day of the period that was given when the session was opened; null: none was.';
COMMENT ON COLUMN app.processing_sessions.given_end IS 'Last day of that period.';
COMMENT ON COLUMN app.processing_sessions.month_id IS 'The month it is of, the same for the whole chain; null until files are accepted, and when nothing in them has a date.';
COMMENT ON COLUMN app.processing_sessions.live_month_id IS 'The month, of an accepted first submission that is not cancelled: a month has one chain.';
COMMENT ON COLUMN app.processing_sessions.period_source IS 'How the period of the month was found: printed (the report says so), given (somebody said so), receipts (most of them are dated in it) or chain (that of the submissions before or after).';
COMMENT ON COLUMN app.processing_sessions.car_file_name IS 'Name of the file with the card activity.';
COMMENT ON COLUMN app.processing_sessions.receipt_file_name IS 'Name of the file with the receipts.';
COMMENT ON COLUMN app.processing_sessions.change_summary IS 'Against the parent: people added, removed, changed, unchanged. Null for a first submission.';
COMMENT ON COLUMN app.processing_sessions.failure_reason IS 'Why the run failed, for people; only when failed.';
COMMENT ON COLUMN app.processing_sessions.processing_started_at IS 'Start of the run.';
COMMENT ON COLUMN app.processing_sessions.processing_completed_at IS 'End of the run.';
COMMENT ON COLUMN app.processing_sessions.created_at IS 'When the session was opened.';
COMMENT ON COLUMN app.processing_sessions.version IS 'Grows by one with every change.';
COMMENT ON COLUMN app.processing_sessions.changed_tx IS 'Transaction of the last change.';

CREATE OR REPLACE TRIGGER t50_stamp BEFORE UPDATE ON app.processing_sessions
    FOR EACH ROW EXECUTE FUNCTION app.stamp_change();
COMMENT ON TRIGGER t50_stamp ON app.processing_sessions IS 'Raises the version and notes the transaction.';
ALTER TABLE app.processing_sessions ENABLE ALWAYS TRIGGER t50_stamp;
SELECT audit.guard('app.processing_sessions', 'mutable');

CREATE TABLE app.session_employees (
    session_id uuid NOT NULL,
    cardholder_id uuid NOT NULL,
    current_revision_id uuid NOT NULL,
    current_revision_number integer NOT NULL,
    status text NOT NULL,
    is_on_hold boolean GENERATED ALWAYS AS (hold_reason IS NOT NULL) STORED,
    hold_reason text,
    hold_said_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    changed_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT session_employees_pkey PRIMARY KEY (session_id, cardholder_id),
    CONSTRAINT session_employees_current_revision_id_key UNIQUE (current_revision_id),
    CONSTRAINT session_employees_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT session_employees_cardholder_id_fkey FOREIGN KEY (cardholder_id)
        REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT session_employees_status_check
        CHECK (status IN ('unfinished', 'in_progress', 'finished', 'on_hold')),
    CONSTRAINT session_employees_hold_reason_check
        CHECK ((status = 'on_hold') = (hold_reason IS NOT NULL) AND length(hold_reason) BETWEEN 1 AND 4000)
);
-- Counts of a page of sessions are read from this index alone, which takes a table that is vacuumed every month, however
-- large it has grown: by shares of the table it would be after a fifth more.
CREATE INDEX session_employees_states_idx ON app.session_employees (session_id) INCLUDE (current_revision_id, status);
ALTER TABLE app.session_employees SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200);
CREATE INDEX session_employees_cardholder_id_idx ON app.session_employees (cardholder_id);
CREATE INDEX session_employees_changed_tx_idx ON app.session_employees (changed_tx);
-- One import fills the table: what ANALYZE would then believe turns each look-up of a transaction into a scan.
ALTER TABLE app.session_employees ALTER COLUMN changed_tx SET (n_distinct = -0.05);
COMMENT ON TABLE app.session_employees IS 'A person in a session: which revision is current, and the status that follows from open issues of blocking rules. Everything said about the person is in the revision.';
COMMENT ON COLUMN app.session_employees.session_id IS 'The session.';
COMMENT ON COLUMN app.session_employees.cardholder_id IS 'The person.';
COMMENT ON COLUMN app.session_employees.current_revision_id IS 'The newest revision.';
COMMENT ON COLUMN app.session_employees.current_revision_number IS 'Its number.';
COMMENT ON COLUMN app.session_employees.status IS 'finished: no open blocking issue; in_progress: some decided or in work and at least one open; unfinished: else; on_hold: by hand. Proved at every commit.';
COMMENT ON COLUMN app.session_employees.is_on_hold IS 'True while held by hand.';
COMMENT ON COLUMN app.session_employees.hold_reason IS 'Why somebody put the person on hold; null: not on hold.';
COMMENT ON COLUMN app.session_employees.hold_said_at IS 'When somebody last put the person on hold or released them, in this submission or one before; null: nobody did. The last word counts, also one said in a submission that was cancelled.';
COMMENT ON COLUMN app.session_employees.version IS 'Grows by one when the status, a hold or what matching looks at is another; a revision alone, as the coding of a receipt, leaves it.';
COMMENT ON COLUMN app.session_employees.changed_tx IS 'Transaction of the last change.';

CREATE OR REPLACE FUNCTION app.stamp_person() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
DECLARE
    v_meant app.session_employees := NEW;
BEGIN
    -- Which revision is current is bookkeeping. Generated columns are worked out later.
    v_meant.current_revision_id := OLD.current_revision_id;
    v_meant.current_revision_number := OLD.current_revision_number;
    v_meant.is_on_hold := OLD.is_on_hold;
    v_meant.changed_tx := OLD.changed_tx;
    NEW.version := OLD.version + (v_meant IS DISTINCT FROM OLD)::integer;
    IF NEW.hold_reason IS DISTINCT FROM OLD.hold_reason THEN
        -- Later than what was said before, whatever the clock was set to.
        NEW.hold_said_at := greatest(pg_catalog.clock_timestamp(), OLD.hold_said_at + interval '1 microsecond');
    END IF;
    NEW.changed_tx := app.tx();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.stamp_person() IS 'Row trigger of app.session_employees: notes the transaction, and when a hold was said or ended, and raises the version by one when more than the current revision is another. A statement that names another version raises it, too, by one.';

CREATE OR REPLACE TRIGGER t50_stamp BEFORE UPDATE ON app.session_employees
    FOR EACH ROW EXECUTE FUNCTION app.stamp_person();
COMMENT ON TRIGGER t50_stamp ON app.session_employees IS 'Notes the transaction, and raises the version when people could care.';
ALTER TABLE app.session_employees ENABLE ALWAYS TRIGGER t50_stamp;
SELECT audit.guard('app.session_employees', 'mutable');

CREATE TABLE app.processing_metrics (
    metric_id uuid NOT NULL DEFAULT app.new_id(),
    session_id uuid NOT NULL,
    processing_time_ms integer NOT NULL,
    employees integer NOT NULL,
    transactions integer NOT NULL,
    phases jsonb NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT now(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT processing_metrics_pkey PRIMARY KEY (metric_id),
    CONSTRAINT processing_metrics_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT processing_metrics_processing_time_ms_check CHECK (processing_time_ms >= 0)
);
CREATE INDEX processing_metrics_session_id_idx ON app.processing_metrics (session_id);
CREATE INDEX processing_metrics_measured_at_idx ON app.processing_metrics (measured_at);
COMMENT ON TABLE app.processing_metrics IS 'One row per run: how long it took, in all and by phase.';
COMMENT ON COLUMN app.processing_metrics.metric_id IS 'Key.';
COMMENT ON COLUMN app.processing_metrics.session_id IS 'The session.';
COMMENT ON COLUMN app.processing_metrics.processing_time_ms IS 'Milliseconds of the whole run.';
COMMENT ON COLUMN app.processing_metrics.employees IS 'People accepted.';
COMMENT ON COLUMN app.processing_metrics.transactions IS 'Receipts accepted.';
COMMENT ON COLUMN app.processing_metrics.phases IS 'Milliseconds by phase.';
COMMENT ON COLUMN app.processing_metrics.measured_at IS 'When the run ended.';
COMMENT ON COLUMN app.processing_metrics.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.processing_metrics', 'immutable');

COMMIT;
