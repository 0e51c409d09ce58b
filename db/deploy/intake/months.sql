-- Which month a submission is of: as its report prints, as somebody said, or where its receipts are dated.
-- requires: content/months
-- requires: content/measure
-- requires: foundation/turns
-- requires: revising/months

BEGIN;

CREATE OR REPLACE FUNCTION app.month_of_receipts(p_revision_ids uuid[]) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT date_trunc('month', t.transaction_date::timestamp)::date
    FROM unnest(p_revision_ids) AS d (revision_id)
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.transaction_date IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1;
END;
COMMENT ON FUNCTION app.month_of_receipts(uuid[]) IS 'First day of the calendar month that most receipts of these revisions are dated in, the earlier one of two; null when none has a date.';

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

CREATE OR REPLACE FUNCTION app.enter_period(p_programme text, p_start date, p_end date) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    IF p_start IS NULL THEN
        RETURN;
    END IF;
    PERFORM app.take_month_turns(p_programme, p_start, p_end);
    PERFORM app.refuse_closed_month(m.month_id, 'period_start') FROM app.months AS m
    WHERE (m.programme, m.period_start, m.period_end) = (p_programme, p_start, p_end);
END
$$;
COMMENT ON FUNCTION app.enter_period(text, date, date) IS 'Before a submission is left open, or to a person, that is to be of this month: takes the turn of the month, so that its closing sees the submission or is seen by it. Raises ST051 when the month is closed; a null period is of none.';

CREATE OR REPLACE FUNCTION app.lock_chain(p_session_id uuid) RETURNS app.processing_sessions
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
BEGIN
    -- Its keys stay free, as in app.hold_month.
    PERFORM FROM app.processing_sessions AS s
    WHERE s.chain_id = (SELECT o.chain_id FROM app.processing_sessions AS o WHERE o.session_id = p_session_id)
    ORDER BY s.session_id FOR NO KEY UPDATE;
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    RETURN v_session;
END
$$;
COMMENT ON FUNCTION app.lock_chain(uuid) IS 'A session, locked with all submissions of its chain in the order of their keys, as app.hold_month locks them: what makes or hides one settles the month of all.';

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
    PERFORM app.lock_people(ARRAY(SELECT s.session_id FROM app.processing_sessions AS s WHERE s.month_id = p_month_id), NULL);
    SELECT m.* INTO v_month FROM app.months AS m WHERE m.month_id = p_month_id FOR NO KEY UPDATE;
    RETURN v_month;
END
$$;
COMMENT ON FUNCTION app.hold_month(uuid) IS 'The month with its sessions and people locked: nobody writes to it until the end of the transaction.';

CREATE OR REPLACE FUNCTION app.marks_of_month(p_month_id uuid)
RETURNS TABLE (mark text, is_work boolean, is_tie boolean)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    -- Closed as history and opened again, it is as it was before.
    SELECT pg_catalog.replace(e.kind, '_', ' '), pg_catalog.bool_or(NOT (e.is_history OR e.kind = 'reopened')), true
    FROM app.month_events AS e WHERE e.month_id = p_month_id GROUP BY e.kind
    UNION ALL
    -- From here on most of it comes later in the plan.
    SELECT pg_catalog.format('batch %s of %s', b.batch_number, b.target), true, true
    FROM app.accounting_batches AS b WHERE b.month_id = p_month_id
    UNION ALL
    SELECT 'under legal hold', false, true FROM app.held_months AS h WHERE h.month_id = p_month_id
    UNION ALL
    SELECT 'old results', false, true WHERE EXISTS (SELECT FROM app.old_results AS o WHERE o.month_id = p_month_id)
    UNION ALL
    SELECT 'days of reminders', false, true WHERE EXISTS (SELECT FROM app.reminder_days AS d WHERE d.month_id = p_month_id)
    UNION ALL
    SELECT w.mark, true, false
    FROM app.processing_sessions AS s
    CROSS JOIN LATERAL (
        SELECT 'corrections' AS mark WHERE EXISTS (SELECT FROM app.corrections AS c WHERE c.session_id = s.session_id)
        UNION ALL
        -- What follows from something else names it as its cause.
        SELECT 'steps of issues' WHERE EXISTS (
            SELECT FROM app.validation_issues AS i JOIN app.issue_events AS e ON e.issue_id = i.issue_id
            WHERE i.session_id = s.session_id AND e.cause IS NULL AND e.from_state <> e.to_state)
        UNION ALL
        SELECT 'decided matches' WHERE EXISTS (SELECT FROM app.match_decisions AS d WHERE d.session_id = s.session_id)
        UNION ALL
        SELECT 'people on hold' WHERE EXISTS (
            SELECT FROM app.session_employees AS e WHERE e.session_id = s.session_id AND e.status = 'on_hold')
    ) AS w
    -- Of cancelled submissions, too: what was said there belongs to the month, and comes back with them.
    WHERE s.month_id = p_month_id
    GROUP BY w.mark;
END
$$;
COMMENT ON FUNCTION app.marks_of_month(uuid) IS 'What people did in a month, each thing once: whether it is work on the month, so that it is closed as any other, and whether it ties its submissions to the month, so that they do not move to another one. What the machine does by itself is neither.';

CREATE OR REPLACE FUNCTION app.list_marks(p_month_id uuid, p_is_work boolean) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg(m.mark, ', ' ORDER BY m.mark COLLATE "C") FROM app.marks_of_month(p_month_id) AS m
    WHERE CASE WHEN p_is_work THEN m.is_work ELSE m.is_tie END;
END;
COMMENT ON FUNCTION app.list_marks(uuid, boolean) IS 'What people did in a month that is work on it (true), or that ties its submissions to it (false), in words; null: nothing.';

CREATE OR REPLACE FUNCTION app.settle_month(
    p_session_id uuid, p_drafts app.revision_draft[], p_printed_start date DEFAULT NULL, p_printed_end date DEFAULT NULL
) RETURNS text
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
    v_tie text;
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
        v_start := app.month_of_receipts(ARRAY(SELECT d.revision_id FROM pg_catalog.unnest(p_drafts) AS d));
        v_end := (v_start + interval '1 month' - interval '1 day')::date;
    END IF;
    -- Receipts alone do not move a chain that has its month, and without any date there is none.
    IF v_start IS NULL THEN
        PERFORM app.name_session(p_session_id);
        RETURN 'same';
    END IF;
    PERFORM app.take_month_turns(v_session.programme, v_start, v_end);
    -- A chain leaves its month by this, too.
    PERFORM app.refuse_closed_month(v_old.month_id, 'parent_session_id');
    IF (v_old.period_start, v_old.period_end) <> (v_start, v_end) THEN
        IF EXISTS (
            SELECT FROM app.processing_sessions AS s
            WHERE s.chain_id = v_session.chain_id AND s.period_source IN ('printed', 'given')
                AND s.status NOT IN ('cancelled', 'failed'))
        THEN
            v_tie := '';
        ELSE
            v_tie := ', which has: ' || app.list_marks(v_old.month_id, false);
        END IF;
        IF v_tie IS NOT NULL THEN
            PERFORM app.fail('ST050', CASE v_source WHEN 'printed' THEN 'car_pdf' ELSE 'period_start' END,
                pg_catalog.format('%s to %s%s', v_old.period_start, v_old.period_end, v_tie),
                pg_catalog.format('%s to %s (%s)', v_start, v_end, v_source));
        END IF;
    END IF;
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
    RETURN CASE WHEN v_old.month_id = v_month_id THEN 'same' WHEN v_old.month_id IS NULL THEN 'new' ELSE 'moved' END;
END
$$;
COMMENT ON FUNCTION app.settle_month(uuid, app.revision_draft[], date, date) IS 'Puts a session whose receipts are written into its month: the period that its report prints, else the one given when it was opened, else the calendar month most receipts are dated in (the earlier one of two), else none. A chain has one month: receipts alone do not change it; a month that was only found by receipts, or none, yields to a printed or given one, unless people did something about it, see app.marks_of_month. Answers whether its chain is in the same month as before, new to one, or moved to another one. Raises ST050 when it would leave a printed or given month or one with ties, ST051 when the month is closed.';

CREATE OR REPLACE FUNCTION app.settle_back(p_session_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session app.processing_sessions;
    v_first uuid;
    v_start date;
    v_end date;
    v_month_id uuid;
BEGIN
    SELECT s.* INTO v_session FROM app.processing_sessions AS s WHERE s.session_id = p_session_id;
    -- It moved the others, and nothing else keeps them there.
    IF coalesce(v_session.period_source NOT IN ('printed', 'given'), true) OR EXISTS (
        SELECT FROM app.processing_sessions AS s
        WHERE s.chain_id = v_session.chain_id AND s.period_source IN ('printed', 'given')
            AND s.status NOT IN ('cancelled', 'failed'))
        OR app.list_marks(v_session.month_id, false) IS NOT NULL
    THEN
        RETURN;
    END IF;
    SELECT s.session_id, r.first_day INTO v_first, v_start
    FROM app.processing_sessions AS s
    CROSS JOIN LATERAL app.month_of_receipts(ARRAY(
        SELECT v.revision_id FROM app.employee_revisions AS v
        WHERE v.session_id = s.session_id AND v.revision_number = 1)) AS r (first_day)
    WHERE s.chain_id = v_session.chain_id AND s.status = 'completed'
    ORDER BY r.first_day IS NULL, s.revision_number LIMIT 1;
    IF v_start IS NULL THEN
        RETURN;
    END IF;
    v_end := (v_start + interval '1 month' - interval '1 day')::date;
    PERFORM app.take_month_turns(v_session.programme, v_start, v_end);
    SELECT m.month_id INTO v_month_id FROM app.months AS m
    WHERE (m.programme, m.period_start, m.period_end) = (v_session.programme, v_start, v_end) AND m.state = 'open'
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS o WHERE o.live_month_id = m.month_id);
    IF v_month_id IS NOT NULL THEN
        UPDATE app.processing_sessions AS s
        SET month_id = v_month_id, period_source = CASE WHEN s.session_id = v_first THEN 'receipts' ELSE 'chain' END
        WHERE s.chain_id = v_session.chain_id;
        PERFORM app.name_session(s.session_id) FROM app.processing_sessions AS s WHERE s.chain_id = v_session.chain_id;
    END IF;
END
$$;
COMMENT ON FUNCTION app.settle_back(uuid) IS 'Brings a chain back to the month its receipts found, when the submission that printed or gave another one was cancelled: unless another one did so, too, people did something about the month it is in, see app.marks_of_month, or its month has another chain by now or is closed.';

CREATE OR REPLACE FUNCTION app.overlapping_submissions(p_session_id uuid)
RETURNS TABLE (session_id uuid, session_name text, period_start date, period_end date, is_same_month boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH own AS (
        SELECT s.chain_id, s.month_id, m.programme, m.period_start, m.period_end
        FROM app.processing_sessions AS s JOIN app.months AS m ON m.month_id = s.month_id
        WHERE s.session_id = p_session_id
    )
    SELECT s.session_id, s.session_name, m.period_start, m.period_end, m.month_id = o.month_id
    FROM own AS o
    JOIN app.months AS m ON m.programme = o.programme AND m.period_start <= o.period_end AND m.period_end >= o.period_start
    JOIN app.processing_sessions AS s ON s.month_id = m.month_id AND s.status = 'completed'
    WHERE s.chain_id <> o.chain_id
        AND NOT EXISTS (SELECT FROM app.processing_sessions AS n
                        WHERE n.parent_session_id = s.session_id AND n.status = 'completed');
END;
COMMENT ON FUNCTION app.overlapping_submissions(uuid) IS 'The newest accepted submissions of other chains of the same programme whose period shares a day with that of this one.';

COMMIT;
