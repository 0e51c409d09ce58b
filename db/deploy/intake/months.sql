-- Which month a submission is of: as its report prints, as somebody said, or where its receipts are dated.
-- requires: content/months
-- requires: content/measure
-- requires: foundation/turns
-- requires: revising/months

BEGIN;

CREATE OR REPLACE FUNCTION app.month_of_receipts(p_drafts app.revision_draft[]) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT date_trunc('month', t.transaction_date::timestamp)::date
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.transaction_date IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1;
END;
COMMENT ON FUNCTION app.month_of_receipts(app.revision_draft[]) IS 'First day of the calendar month that most receipts of these drafts are dated in, the earlier one of two; null when none has a date.';

CREATE OR REPLACE FUNCTION app.name_session(p_session_id uuid) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    UPDATE app.processing_sessions AS s
    SET session_name = m.month_name
    FROM app.months AS m
    WHERE s.session_id = p_session_id AND NOT s.is_named AND s.source_type = 'pdf' AND m.month_id = s.month_id;
END;
COMMENT ON FUNCTION app.name_session(uuid) IS 'Names a session of PDFs that nobody named after the period of its month, if it has one.';

CREATE OR REPLACE FUNCTION app.take_month_turns(p_programme text, p_start date, p_end date) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    PERFORM app.take_turn(pg_catalog.format('month %s of %s', pg_catalog.to_char(d.day, 'YYYY-MM'), p_programme))
    FROM pg_catalog.generate_series(pg_catalog.date_trunc('month', p_start::timestamp), p_end::timestamp,
        interval '1 month') AS d (day);
END
$$;
COMMENT ON FUNCTION app.take_month_turns(text, date, date) IS 'Two submissions of a month, or of periods that share a day, at once, or one and its closing: the second waits here and sees the first.';

CREATE OR REPLACE FUNCTION app.hold_month(p_month_id uuid) RETURNS app.months
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_month app.months;
BEGIN
    SELECT m.* INTO v_month FROM app.months AS m WHERE m.month_id = p_month_id;
    -- In the order of a submission: sessions, the turn of the month, people. Whoever writes right now goes first. Their
    -- keys stay free, since a correction refers to its session while it holds its person.
    PERFORM FROM app.processing_sessions AS s WHERE s.month_id = p_month_id ORDER BY s.session_id FOR NO KEY UPDATE;
    PERFORM app.take_month_turns(v_month.programme, v_month.period_start, v_month.period_end);
    PERFORM FROM app.session_employees AS e
    WHERE e.session_id IN (SELECT s.session_id FROM app.processing_sessions AS s WHERE s.month_id = p_month_id)
    ORDER BY e.session_id, e.cardholder_id FOR NO KEY UPDATE;
    SELECT m.* INTO v_month FROM app.months AS m WHERE m.month_id = p_month_id FOR NO KEY UPDATE;
    RETURN v_month;
END
$$;
COMMENT ON FUNCTION app.hold_month(uuid) IS 'The month with its sessions and people locked: nobody writes to it until the end of the transaction.';

CREATE OR REPLACE FUNCTION app.settle_month(
    p_session_id uuid, p_drafts app.revision_draft[], p_printed_start date DEFAULT NULL, p_printed_end date DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
    v_old app.months;
    v_start date;
    v_end date;
    v_source text;
    v_month_id uuid;
BEGIN
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    SELECT m.* INTO v_old FROM app.months AS m WHERE m.month_id = v_session.month_id;
    IF p_printed_start <= p_printed_end THEN
        v_source := 'printed';
        v_start := p_printed_start;
        v_end := p_printed_end;
    ELSIF v_session.given_start IS NOT NULL THEN
        v_source := 'given';
        v_start := v_session.given_start;
        v_end := v_session.given_end;
    ELSIF v_old.month_id IS NULL THEN
        v_source := 'receipts';
        v_start := app.month_of_receipts(p_drafts);
        v_end := (v_start + interval '1 month' - interval '1 day')::date;
    END IF;
    -- Receipts alone do not move a chain that has its month, and without any date there is none.
    IF v_start IS NULL THEN
        PERFORM app.name_session(p_session_id);
        RETURN false;
    END IF;
    IF (v_old.period_start, v_old.period_end) <> (v_start, v_end) AND EXISTS (
        SELECT FROM app.processing_sessions AS s
        WHERE s.chain_id = v_session.chain_id AND s.period_source IN ('printed', 'given')
            AND s.status NOT IN ('cancelled', 'failed'))
    THEN
        PERFORM app.fail('ST050', CASE v_source WHEN 'printed' THEN 'car_pdf' ELSE 'period_start' END,
            pg_catalog.format('%s to %s', v_old.period_start, v_old.period_end),
            pg_catalog.format('%s to %s (%s)', v_start, v_end, v_source));
    END IF;
    PERFORM app.take_month_turns(v_session.programme, v_start, v_end);
    -- A chain leaves its month by this, too.
    PERFORM app.refuse_closed_month(v_old.month_id, 'parent_session_id');
    INSERT INTO app.months (programme, period_start, period_end) VALUES (v_session.programme, v_start, v_end)
    ON CONFLICT (programme, period_start, period_end) DO NOTHING;
    SELECT m.month_id INTO v_month_id FROM app.months AS m
    WHERE (m.programme, m.period_start, m.period_end) = (v_session.programme, v_start, v_end);
    PERFORM app.refuse_closed_month(v_month_id, 'period_start');
    UPDATE app.processing_sessions AS s
    SET month_id = v_month_id,
        period_source = CASE WHEN s.session_id = p_session_id THEN v_source
            WHEN s.month_id = v_month_id THEN s.period_source ELSE 'chain' END
    WHERE s.chain_id = v_session.chain_id;
    PERFORM app.name_session(p_session_id);
    RETURN v_session.month_id IS DISTINCT FROM v_month_id;
END
$$;
COMMENT ON FUNCTION app.settle_month(uuid, app.revision_draft[], date, date) IS 'Puts a session whose receipts are written into its month: the period that its report prints, else the one given when it was opened, else the calendar month most receipts are dated in (the earlier one of two), else none. A chain has one month: receipts alone do not change it; a month that was only found by receipts, or none, yields to a printed or given one. Answers whether the chain is new to its month. Raises ST050 when two printed or given ones differ, ST051 when the month is closed.';

COMMIT;
