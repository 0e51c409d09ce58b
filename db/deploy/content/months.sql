-- Months: what submissions are about. Each chain of submissions belongs to one.
-- requires: audit/capture

BEGIN;

CREATE TABLE app.months (
    month_id uuid NOT NULL DEFAULT app.new_id(),
    programme text NOT NULL DEFAULT '',
    period_start date NOT NULL,
    period_end date NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT months_pkey PRIMARY KEY (month_id),
    CONSTRAINT months_period_key UNIQUE (programme, period_start, period_end),
    -- What a session refers to, so that its programme is that of its month.
    CONSTRAINT months_month_id_programme_key UNIQUE (month_id, programme),
    CONSTRAINT months_programme_check CHECK (programme = btrim(programme) AND length(programme) <= 80
        AND NOT app.has_control(programme)),
    CONSTRAINT months_period_check
        CHECK (isfinite(period_start) AND isfinite(period_end) AND period_start <= period_end)
);
COMMENT ON TABLE app.months IS 'Months: a period of a card programme, from its first to its last day. Two months of one period are two programmes.';
COMMENT ON COLUMN app.months.month_id IS 'The month.';
COMMENT ON COLUMN app.months.programme IS 'The card programme; empty unless somebody named one.';
COMMENT ON COLUMN app.months.period_start IS 'First day of the period.';
COMMENT ON COLUMN app.months.period_end IS 'Last day of the period.';
COMMENT ON COLUMN app.months.created_at IS 'When the first submission of it was accepted.';
SELECT audit.guard('app.months', 'mutable');

COMMIT;
