-- Months: what submissions are about. Each chain of submissions belongs to one.
-- requires: audit/capture
-- requires: people/tables
--
-- State     from      by
-- open      -         its first submission, and every one after it
-- closed    open      api.close_month, see months/closing: nothing of it changes any more
-- open      closed    api.reopen_month

BEGIN;

CREATE OR REPLACE FUNCTION app.period_name(p_programme text, p_start date, p_end date) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- Day by day with date_part, since to_char of a date goes by the time zone and would not be immutable.
    SELECT coalesce(nullif(p_programme, '') || ' ', '') || CASE
        WHEN date_part('day', p_start) = 1 AND p_end = (p_start + interval '1 month - 1 day')::date
            THEN lpad(date_part('year', p_start)::text, 4, '0') || '-' || lpad(date_part('month', p_start)::text, 2, '0')
        ELSE lpad(date_part('year', p_start)::text, 4, '0') || '-' || lpad(date_part('month', p_start)::text, 2, '0')
            || '-' || lpad(date_part('day', p_start)::text, 2, '0') || ' to ' || lpad(date_part('year', p_end)::text, 4, '0')
            || '-' || lpad(date_part('month', p_end)::text, 2, '0') || '-' || lpad(date_part('day', p_end)::text, 2, '0') END;
END;
COMMENT ON FUNCTION app.period_name(text, date, date) IS 'What a period is called: 2025-03 for a calendar month, else 2025-02-26 to 2025-03-25, after the programme if it has a name.';

CREATE OR REPLACE FUNCTION app.stamp_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.changed_tx := app.tx();
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.stamp_change() IS 'Row trigger of versioned tables: every update raises the version by one and notes the transaction, whatever the statement says.';

CREATE TABLE app.months (
    month_id uuid NOT NULL DEFAULT app.new_id(),
    programme text NOT NULL DEFAULT '',
    period_start date NOT NULL,
    period_end date NOT NULL,
    month_name text NOT NULL GENERATED ALWAYS AS (app.period_name(programme, period_start, period_end)) STORED,
    state text NOT NULL DEFAULT 'open',
    created_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    changed_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT months_pkey PRIMARY KEY (month_id),
    CONSTRAINT months_period_key UNIQUE (programme, period_start, period_end),
    -- What a session refers to, so that its programme is that of its month.
    CONSTRAINT months_month_id_programme_key UNIQUE (month_id, programme),
    CONSTRAINT months_programme_check CHECK (programme = btrim(programme) AND length(programme) <= 80
        AND NOT app.has_control(programme)),
    CONSTRAINT months_state_check CHECK (state IN ('open', 'closed')),
    CONSTRAINT months_period_check
        CHECK (isfinite(period_start) AND isfinite(period_end) AND period_start <= period_end)
);
COMMENT ON TABLE app.months IS 'Months: a period of a card programme, from its first to its last day. Two months of one period are two programmes.';
COMMENT ON COLUMN app.months.month_id IS 'The month.';
COMMENT ON COLUMN app.months.programme IS 'The card programme; empty unless somebody named one.';
COMMENT ON COLUMN app.months.period_start IS 'First day of the period.';
COMMENT ON COLUMN app.months.period_end IS 'Last day of the period.';
COMMENT ON COLUMN app.months.month_name IS 'What it is called: 2025-03 for a calendar month, else both days, after the programme if it has a name.';
COMMENT ON COLUMN app.months.state IS 'open, or closed: nothing of it changes until it is reopened.';
COMMENT ON COLUMN app.months.created_at IS 'When the first submission of it was accepted.';
COMMENT ON COLUMN app.months.version IS 'Grows by one when it is closed, reopened or signed off. What people see as the version counts what changes in the month, too, see report.months.';
COMMENT ON COLUMN app.months.changed_tx IS 'Transaction of the last change.';
CREATE INDEX months_changed_tx_idx ON app.months (changed_tx);
CREATE OR REPLACE TRIGGER t50_stamp BEFORE UPDATE ON app.months FOR EACH ROW EXECUTE FUNCTION app.stamp_change();
COMMENT ON TRIGGER t50_stamp ON app.months IS 'Raises the version and notes the transaction.';
ALTER TABLE app.months ENABLE ALWAYS TRIGGER t50_stamp;
SELECT audit.guard('app.months', 'mutable');

CREATE TABLE app.month_events (
    month_id uuid NOT NULL,
    event_number integer NOT NULL,
    kind text NOT NULL,
    is_history boolean NOT NULL DEFAULT false,
    cardholder_id uuid,
    reason text,
    user_id uuid NOT NULL DEFAULT app.actor_id(),
    closing_number integer,
    closed_by uuid,
    tick_number bigint,
    proof jsonb,
    digest bytea,
    happened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT month_events_pkey PRIMARY KEY (month_id, event_number),
    CONSTRAINT month_events_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT month_events_cardholder_id_fkey FOREIGN KEY (cardholder_id) REFERENCES app.cardholders (cardholder_id),
    CONSTRAINT month_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    -- A reopening names the closing it ends and who made that: somebody else.
    CONSTRAINT month_events_closer_key UNIQUE (month_id, event_number, user_id),
    -- The files of a closing are of what it found.
    CONSTRAINT month_events_digest_key UNIQUE (month_id, event_number, kind, digest),
    CONSTRAINT month_events_closed_by_fkey FOREIGN KEY (month_id, closing_number, closed_by)
        REFERENCES app.month_events (month_id, event_number, user_id),
    CONSTRAINT month_events_second_person_check CHECK (closed_by <> user_id),
    CONSTRAINT month_events_kind_check CHECK (kind IN ('signed_off', 'unposted_accepted', 'closed', 'reopened')),
    CONSTRAINT month_events_number_check CHECK (event_number >= 1 AND closing_number < event_number),
    CONSTRAINT month_events_reason_check
        CHECK (length(reason) BETWEEN 1 AND 4000 AND (kind = 'signed_off' OR reason IS NOT NULL)),
    CONSTRAINT month_events_parts_check CHECK ((kind = 'closed') = (proof IS NOT NULL AND tick_number IS NOT NULL)
        AND (kind = 'reopened') = (closing_number IS NOT NULL AND closed_by IS NOT NULL)
        AND (kind = 'reopened') = (digest IS NULL) AND (cardholder_id IS NULL OR kind = 'signed_off')
        AND (NOT is_history OR kind = 'closed') AND length(digest) = 32)
);
CREATE INDEX month_events_cardholder_id_idx ON app.month_events (cardholder_id);
CREATE INDEX month_events_user_id_idx ON app.month_events (user_id);
CREATE INDEX month_events_closed_by_idx ON app.month_events (month_id, closing_number, closed_by);
CREATE INDEX month_events_created_tx_idx ON app.month_events (created_tx);
COMMENT ON TABLE app.month_events IS 'What people did about months as a whole: signed off, accepted without posting, closed, reopened. The newest closing or reopening is the state of the month, which is proved at commit.';
COMMENT ON COLUMN app.month_events.month_id IS 'The month.';
COMMENT ON COLUMN app.month_events.event_number IS '1, 2, 3 … of the month.';
COMMENT ON COLUMN app.month_events.kind IS 'signed_off, unposted_accepted (it may be closed with receipts that no batch has), closed or reopened.';
COMMENT ON COLUMN app.month_events.is_history IS 'True: closed as one of the months from before, without what a closing asks for.';
COMMENT ON COLUMN app.month_events.cardholder_id IS 'Whom a sign-off is about; null: the whole month.';
COMMENT ON COLUMN app.month_events.reason IS 'Why; of a sign-off what there was to say.';
COMMENT ON COLUMN app.month_events.user_id IS 'Who did it.';
COMMENT ON COLUMN app.month_events.closing_number IS 'The closing that a reopening ends.';
COMMENT ON COLUMN app.month_events.closed_by IS 'Who made that closing: somebody else.';
COMMENT ON COLUMN app.month_events.tick_number IS 'The tick of a closing: what was committed before it.';
COMMENT ON COLUMN app.month_events.proof IS 'Totals and counts of the month as it was closed.';
COMMENT ON COLUMN app.month_events.digest IS 'SHA-256 over what was closed or signed off, see app.digest_month: content, status, issues and decisions. Of an acceptance, over what was not posted, too, see app.digest_unposted. A sign-off or acceptance counts as long as it is still the same.';
COMMENT ON COLUMN app.month_events.happened_at IS 'When.';
COMMENT ON COLUMN app.month_events.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.month_events', 'immutable');

COMMIT;
