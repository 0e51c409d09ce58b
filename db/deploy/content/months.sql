-- Months: what submissions are about. Each chain of submissions belongs to one.
-- requires: audit/capture
--
-- State     from      by
-- open      -         its first submission, and every one after it
-- closed    open      api.close_month, see months/closing: nothing of it changes any more
-- open      closed    api.reopen_month

BEGIN;

CREATE OR REPLACE FUNCTION app.period_name(p_programme text, p_start date, p_end date) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- Day by day with extract, since to_char of a date goes by the time zone and would not be immutable.
    SELECT coalesce(nullif(p_programme, '') || ' ', '') || CASE
        WHEN extract(day FROM p_start) = 1 AND p_end = (p_start + interval '1 month - 1 day')::date
            THEN lpad(extract(year FROM p_start)::text, 4, '0') || '-' || lpad(extract(month FROM p_start)::text, 2, '0')
        ELSE lpad(extract(year FROM p_start)::text, 4, '0') || '-' || lpad(extract(month FROM p_start)::text, 2, '0')
            || '-' || lpad(extract(day FROM p_start)::text, 2, '0') || ' to ' || lpad(extract(year FROM p_end)::text, 4, '0')
            || '-' || lpad(extract(month FROM p_end)::text, 2, '0') || '-' || lpad(extract(day FROM p_end)::text, 2, '0') END;
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
COMMENT ON COLUMN app.months.version IS 'Grows by one when it is closed, reopened or signed off.';
COMMENT ON COLUMN app.months.changed_tx IS 'Transaction of the last change.';
CREATE INDEX months_changed_tx_idx ON app.months (changed_tx);
CREATE OR REPLACE TRIGGER t50_stamp BEFORE UPDATE ON app.months FOR EACH ROW EXECUTE FUNCTION app.stamp_change();
COMMENT ON TRIGGER t50_stamp ON app.months IS 'Raises the version and notes the transaction.';
ALTER TABLE app.months ENABLE ALWAYS TRIGGER t50_stamp;
SELECT audit.guard('app.months', 'mutable');

COMMIT;
