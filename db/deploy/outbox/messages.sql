-- Messages that wait to be sent: written with what they tell of, in one transaction.
-- requires: content/sessions
-- requires: validation/tables
-- requires: intake/control
--
-- Message state   set by
-- pending         the transaction that ended the run, or a failed attempt with others to come
-- sent            a delivery that the mail server took
-- failed          the last attempt, or a refusal for good

BEGIN;

CREATE TABLE app.outbox (
    message_id uuid NOT NULL DEFAULT app.new_id(),
    kind text NOT NULL,
    session_id uuid NOT NULL,
    recipient_id uuid,
    cardholder_id uuid,
    reminded_on date,
    summary jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    last_error text,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT outbox_pkey PRIMARY KEY (message_id),
    CONSTRAINT outbox_session_id_fkey FOREIGN KEY (session_id) REFERENCES app.processing_sessions (session_id),
    CONSTRAINT outbox_recipient_id_fkey FOREIGN KEY (recipient_id) REFERENCES app.users (user_id),
    CONSTRAINT outbox_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    -- Nobody is reminded twice a day, by whatever months.
    CONSTRAINT outbox_cardholder_id_reminded_on_key UNIQUE (cardholder_id, reminded_on),
    CONSTRAINT outbox_kind_check CHECK (kind IN (
        'session_completed', 'session_awaiting_decision', 'session_failed', 'reminder')),
    CONSTRAINT outbox_recipient_check CHECK ((kind = 'reminder') = (recipient_id IS NULL)
        AND (kind = 'reminder') = (cardholder_id IS NOT NULL) AND (kind = 'reminder') = (reminded_on IS NOT NULL)),
    CONSTRAINT outbox_reminded_on_check CHECK (isfinite(reminded_on)),
    CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'sent', 'failed')),
    CONSTRAINT outbox_attempts_check CHECK (attempts >= 0),
    CONSTRAINT outbox_sent_at_check CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CONSTRAINT outbox_last_error_check CHECK (length(last_error) <= 1000)
);
CREATE INDEX outbox_pending_idx ON app.outbox (next_attempt_at) WHERE state = 'pending';
CREATE INDEX outbox_session_id_idx ON app.outbox (session_id);
CREATE INDEX outbox_recipient_id_idx ON app.outbox (recipient_id);
COMMENT ON TABLE app.outbox IS 'Messages to users, and reminders to cardholders, with their delivery. A message is written by the transaction it tells of, so that neither is without the other.';
COMMENT ON COLUMN app.outbox.message_id IS 'Key; also the Message-ID of the mail, by which a repeated delivery is known.';
COMMENT ON COLUMN app.outbox.kind IS 'session_completed, session_awaiting_decision, session_failed or reminder.';
COMMENT ON COLUMN app.outbox.session_id IS 'The session it tells of.';
COMMENT ON COLUMN app.outbox.recipient_id IS 'The user who gets it; null for a reminder.';
COMMENT ON COLUMN app.outbox.cardholder_id IS 'The cardholder who gets a reminder; null for other messages.';
COMMENT ON COLUMN app.outbox.reminded_on IS 'The day of a reminder (UTC); null for other messages.';
COMMENT ON COLUMN app.outbox.summary IS 'What it says: name of the session, people, finished ones, people with issues, open issues, reason of a failure, what a decision is asked for. Of a reminder: subject and body.';
COMMENT ON COLUMN app.outbox.state IS 'pending, sent or failed.';
COMMENT ON COLUMN app.outbox.attempts IS 'Deliveries begun.';
COMMENT ON COLUMN app.outbox.next_attempt_at IS 'Not before this time is it tried (again); also the end of a delivery''s lease.';
COMMENT ON COLUMN app.outbox.last_error IS 'Why the last attempt failed.';
COMMENT ON COLUMN app.outbox.sent_at IS 'When the mail server took it.';
COMMENT ON COLUMN app.outbox.created_at IS 'When it was written.';
SELECT audit.guard('app.outbox', 'mutable');

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('mail_max_attempts', 8, 1, 100, 'attempts', 'How often the delivery of a message is tried.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.processing_sessions_notify() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    INSERT INTO app.outbox (kind, session_id, recipient_id, summary)
    SELECT 'session_' || NEW.status, NEW.session_id, NEW.user_id, pg_catalog.jsonb_build_object(
        'session_name', NEW.session_name, 'total_employees', e.total, 'employees_completed', e.finished,
        'employees_with_issues', i.people, 'open_issues', i.issues, 'failure_reason', NEW.failure_reason,
        'reasons', (SELECT pg_catalog.array_to_string(k.reasons, ', ') FROM app.newest_control(NEW.session_id) AS k))
    FROM (SELECT count(*) AS total, count(*) FILTER (WHERE x.status = 'finished') AS finished
          FROM app.session_employees AS x WHERE x.session_id = NEW.session_id) AS e,
        (SELECT count(DISTINCT x.cardholder_id) AS people, count(*) AS issues
         FROM app.validation_issues AS x WHERE x.session_id = NEW.session_id AND x.is_open) AS i
    WHERE EXISTS (SELECT FROM app.users AS u
                  WHERE u.user_id = NEW.user_id AND u.email IS NOT NULL AND NOT u.is_system);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.processing_sessions_notify() IS 'Row trigger of sessions: when a run completes, awaits a decision or fails, writes the message to who submitted, if that user has an address.';
CREATE OR REPLACE TRIGGER t70_notify AFTER UPDATE OF status ON app.processing_sessions
    FOR EACH ROW WHEN (NEW.status IN ('completed', 'awaiting_decision', 'failed') AND NEW.status IS DISTINCT FROM OLD.status)
    EXECUTE FUNCTION app.processing_sessions_notify();
COMMENT ON TRIGGER t70_notify ON app.processing_sessions IS 'Writes the message about the end of a run.';
ALTER TABLE app.processing_sessions ENABLE ALWAYS TRIGGER t70_notify;

CREATE OR REPLACE VIEW report.outbox AS
SELECT o.message_id, o.kind, o.session_id, coalesce(u.user_name, h.name_key) AS recipient_name, o.summary, o.state, o.attempts,
    o.next_attempt_at, o.last_error, o.sent_at, o.created_at, o.cardholder_id, o.reminded_on
FROM app.outbox AS o
LEFT JOIN app.users AS u ON u.user_id = o.recipient_id
LEFT JOIN app.cardholders AS h ON h.cardholder_id = o.cardholder_id;
COMMENT ON VIEW report.outbox IS 'Messages to users, and reminders to cardholders, with their delivery, for administrators and auditors.';
COMMENT ON COLUMN report.outbox.recipient_name IS 'Name of the user, or name key of the cardholder, who gets it.';
SELECT app.describe_columns('report.outbox', 'app.outbox');
GRANT SELECT ON report.outbox TO ccp_admin, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
