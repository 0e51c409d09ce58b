-- The control block: whether a submission is what it should be, worked out before it is accepted.
-- requires: intake/tables
-- requires: intake/people
-- requires: intake/months
-- requires: content/charges
--
-- Reason           the submission waits for a person when                            setting
-- report_totals    Report Totals disagree with the cards, or cannot be read          control_report_totals
-- names            fewer people with receipts than this share are card holders       control_name_share
-- dates            fewer receipts than this share are dated about the period         control_date_share
-- month_exists     its month is here already and it does not name what it follows    always
-- month_overlaps   its period overlaps one of its programme that is here             control_month
-- given_period     its report prints another period than the one that was given      control_month
-- month_moves      the submissions before it would come to be of another month with it  control_month
-- same_number      somebody has the employee number that another name had before      always

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('control_report_totals', 1, 0, 1, '0 or 1', 'A submission whose Report Totals disagree or cannot be read awaits a decision (1), or is taken (0).'),
('control_month', 1, 0, 1, '0 or 1', 'A submission whose period overlaps another one of its programme, or is another than was given, awaits a decision (1), or is taken (0).'),
('control_name_share', 0.5, 0, 1, 'share', 'A submission of whose people with receipts fewer are in the card report awaits a decision.'),
('control_date_share', 0.5, 0, 1, 'share', 'A submission of whose dated receipts fewer lie about its period awaits a decision.'),
('control_days_before', 10, 0, 366, 'days', 'How long before the period a receipt may be dated to count as of it.'),
('control_days_after', 5, 0, 366, 'days', 'How long after the period a receipt may be dated to count as of it.'),
('decision_days', 30, 1, 30, 'days', 'How long a submission awaits a decision; then it is discarded. Never longer than document_retention_days.');

CREATE TABLE app.submission_controls (
    session_id uuid NOT NULL,
    control_number integer NOT NULL,
    programme text NOT NULL,
    period_start date,
    period_end date,
    period_source text,
    report_totals text NOT NULL,
    card_totals integer NOT NULL,
    card_totals_differing integer NOT NULL,
    names integer NOT NULL,
    names_fitting integer,
    receipts integer NOT NULL,
    receipts_fitting integer,
    dated_receipts integer NOT NULL,
    receipts_in_period integer,
    charges integer NOT NULL,
    people jsonb NOT NULL,
    same_days jsonb NOT NULL,
    reasons text[] NOT NULL,
    worked_out_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_tx bigint NOT NULL DEFAULT app.tx(),
    CONSTRAINT submission_controls_pkey PRIMARY KEY (session_id, control_number),
    CONSTRAINT submission_controls_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id),
    CONSTRAINT submission_controls_control_number_check CHECK (control_number >= 1),
    CONSTRAINT submission_controls_report_totals_check
        CHECK (report_totals IN ('absent', 'tie', 'disagree', 'unreadable', 'not_compared')),
    CONSTRAINT submission_controls_reasons_check CHECK (reasons <@ ARRAY[
        'report_totals', 'names', 'dates', 'month_exists', 'month_overlaps', 'given_period',
        'month_moves', 'same_number']),
    CONSTRAINT submission_controls_shares_check CHECK (card_totals_differing BETWEEN 0 AND card_totals
        AND names_fitting BETWEEN 0 AND names AND receipts_fitting BETWEEN 0 AND receipts
        AND dated_receipts BETWEEN 0 AND receipts AND receipts_in_period BETWEEN 0 AND dated_receipts)
);
COMMENT ON TABLE app.submission_controls IS 'What was found about a submission as a whole before it was accepted, and what of it asks for a person. Worked out again when somebody decides.';
COMMENT ON COLUMN app.submission_controls.session_id IS 'The submission.';
COMMENT ON COLUMN app.submission_controls.control_number IS '1, 2, 3 …: the newest counts.';
COMMENT ON COLUMN app.submission_controls.programme IS 'The card programme it is of.';
COMMENT ON COLUMN app.submission_controls.period_start IS 'First day of its month; null: nothing says which it is.';
COMMENT ON COLUMN app.submission_controls.period_end IS 'Last day of its month.';
COMMENT ON COLUMN app.submission_controls.period_source IS 'How the month was found: printed, given, receipts or chain.';
COMMENT ON COLUMN app.submission_controls.report_totals IS 'Report Totals against the sum of all cards: absent (none printed, also of an old file), tie, disagree, unreadable, or not_compared because a sum is not known.';
COMMENT ON COLUMN app.submission_controls.card_totals IS 'Total lines of cards that are printed.';
COMMENT ON COLUMN app.submission_controls.card_totals_differing IS 'Those that disagree with the charges of their card, or cannot be read.';
COMMENT ON COLUMN app.submission_controls.names IS 'People who have receipts, after aliases; not those of whom an old file does not say whether the report has them.';
COMMENT ON COLUMN app.submission_controls.names_fitting IS 'Those whose name is in the card report; null where nobody is, as in an old file of receipts alone.';
COMMENT ON COLUMN app.submission_controls.receipts IS 'Receipts.';
COMMENT ON COLUMN app.submission_controls.receipts_fitting IS 'Those under the name of somebody in the card report; null as names_fitting.';
COMMENT ON COLUMN app.submission_controls.dated_receipts IS 'Receipts whose date can be read.';
COMMENT ON COLUMN app.submission_controls.receipts_in_period IS 'Those dated from control_days_before before the period to control_days_after after it; null where neither report nor person says the period.';
COMMENT ON COLUMN app.submission_controls.charges IS 'Charges of the bank.';
COMMENT ON COLUMN app.submission_controls.people IS 'Per person, by name: name key, employee id, whether in the card report, charges and receipts with their sums; null what cannot be read or is not said.';
COMMENT ON COLUMN app.submission_controls.same_days IS 'Accepted submissions of the same programme whose period shares a day with this one, and which it does not follow: session_id, session_name, period_start, period_end.';
COMMENT ON COLUMN app.submission_controls.reasons IS 'What asks for a person: report_totals, names, dates, month_exists, month_overlaps, given_period, month_moves, same_number; empty: nothing.';
COMMENT ON COLUMN app.submission_controls.worked_out_at IS 'When.';
COMMENT ON COLUMN app.submission_controls.created_tx IS 'Number of the writing transaction.';
SELECT audit.guard('app.submission_controls', 'immutable');

CREATE TABLE app.staged_submissions (
    session_id uuid NOT NULL,
    content jsonb NOT NULL,
    staged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT staged_submissions_pkey PRIMARY KEY (session_id),
    CONSTRAINT staged_submissions_session_id_fkey FOREIGN KEY (session_id)
        REFERENCES app.processing_sessions (session_id)
);
CREATE INDEX staged_submissions_staged_at_idx ON app.staged_submissions (staged_at);
COMMENT ON TABLE app.staged_submissions IS 'What was read of submissions that await a decision, card numbers cut: kept until somebody decides, at most decision_days.';
COMMENT ON COLUMN app.staged_submissions.session_id IS 'The submission.';
COMMENT ON COLUMN app.staged_submissions.content IS 'activity and entries: the employees of an old file that can be taken, as values and as texts; or car, receipts and phases: the rows of two PDFs.';
COMMENT ON COLUMN app.staged_submissions.staged_at IS 'When it began to wait.';
SELECT audit.guard('app.staged_submissions', 'working',
    'Waits for a decision and is gone with it; what is made of it is proved itself.');

CREATE TYPE app.control_totals AS (
    report_totals text,
    card_totals integer,
    card_totals_differing integer
);
COMMENT ON TYPE app.control_totals IS 'How the totals a card report prints fit what its parts add up to, as app.submission_controls says it.';

CREATE OR REPLACE FUNCTION app.control_people(p_session_id uuid, p_people app.staged_person[])
RETURNS TABLE (
    name_key text, employee_id text, is_in_report boolean, fits_report boolean, charges bigint, charge_amount numeric, receipts bigint,
    receipt_amount numeric
)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH people AS (
        SELECT p.revision_id, p.cardholder_id,
            coalesce(min(p.name_key) FILTER (WHERE p.employee_id IS NOT NULL), min(p.name_key)) AS name_key, min(p.employee_id) AS employee_id,
            bool_or(p.is_in_report) AS is_in_report
        FROM unnest(p_people) AS p GROUP BY p.revision_id, p.cardholder_id
    ), charged AS (
        SELECT c.cardholder_id, count(*) AS charges, count(*) = count(c.net_amount) AS is_known, sum(c.net_amount) AS amount
        FROM app.charges AS c WHERE c.session_id = p_session_id GROUP BY c.cardholder_id
    ), handed_in AS (
        SELECT t.employee_revision_id, count(*) AS receipts, count(*) = count(t.amount) AS is_known, sum(t.amount) AS amount
        FROM people AS p JOIN app.transactions AS t ON t.employee_revision_id = p.revision_id
        GROUP BY t.employee_revision_id
    )
    SELECT p.name_key, p.employee_id, p.is_in_report, bool_or(p.is_in_report) OVER (PARTITION BY p.name_key),
        coalesce(c.charges, 0),
        CASE WHEN c.charges IS NULL THEN 0 WHEN c.is_known THEN c.amount END, coalesce(h.receipts, 0),
        CASE WHEN h.receipts IS NULL THEN 0 WHEN h.is_known THEN h.amount END
    FROM people AS p
    LEFT JOIN charged AS c ON c.cardholder_id = p.cardholder_id
    LEFT JOIN handed_in AS h ON h.employee_revision_id = p.revision_id;
END;
COMMENT ON FUNCTION app.control_people(uuid, app.staged_person[]) IS 'The people of a submission whose rows are written, with the number of their charges and receipts and both sums; whether the report has somebody of the name, also where it has two and nobody knows which is meant, null where nothing says it; a sum is null when a part of it cannot be read.';

CREATE OR REPLACE FUNCTION app.dates_about_period(p_session_id uuid, p_people app.staged_person[])
RETURNS TABLE (dated bigint, in_period bigint)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT count(*), count(*) FILTER (WHERE t.transaction_date BETWEEN m.period_start - m.days_before AND m.period_end + m.days_after)
    FROM (SELECT DISTINCT p.revision_id FROM unnest(p_people) AS p) AS r
    JOIN app.transactions AS t ON t.employee_revision_id = r.revision_id
    LEFT JOIN (
        SELECT n.period_start, n.period_end, app.setting('control_days_before')::integer AS days_before,
            app.setting('control_days_after')::integer AS days_after
        FROM app.processing_sessions AS s JOIN app.months AS n ON n.month_id = s.month_id
        WHERE s.session_id = p_session_id
    ) AS m ON true
    WHERE t.transaction_date IS NOT NULL;
END;
COMMENT ON FUNCTION app.dates_about_period(uuid, app.staged_person[]) IS 'Receipts of a submission that are dated, and those of them that lie about its period, both edges included.';

CREATE OR REPLACE FUNCTION app.control_reasons(
    p_control app.submission_controls, p_coming text, p_other_period boolean, p_renames boolean
) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(r.reason ORDER BY r.place), '{}')
    FROM (VALUES
        (1, 'report_totals', app.setting('control_report_totals') = 1
            AND (p_control).report_totals IN ('disagree', 'unreadable')),
        (2, 'names', (p_control).names_fitting < app.setting('control_name_share') * (p_control).names),
        (3, 'dates', (p_control).receipts_in_period < app.setting('control_date_share') * (p_control).dated_receipts),
        (4, 'month_exists', p_coming <> 'same'
            AND jsonb_path_exists((p_control).same_days, '$[*] ? (@.is_same_month == true)')),
        (5, 'month_overlaps', app.setting('control_month') = 1 AND p_coming <> 'same'
            AND jsonb_path_exists((p_control).same_days, '$[*] ? (@.is_same_month == false)')),
        (6, 'given_period', app.setting('control_month') = 1 AND p_other_period),
        (7, 'month_moves', app.setting('control_month') = 1 AND p_coming = 'moved'),
        (8, 'same_number', p_renames)) AS r (place, reason, holds)
    WHERE r.holds;
END;
COMMENT ON FUNCTION app.control_reasons(app.submission_controls, text, boolean, boolean) IS 'What of a control block asks for a person, by the settings. A share that is just reached is enough; what is not known (null) asks for nobody.';

CREATE OR REPLACE FUNCTION app.write_control(
    p_session_id uuid, p_people app.staged_person[], p_totals app.control_totals, p_coming text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_control app.submission_controls;
    v_other_period boolean;
    v_says_period boolean;
BEGIN
    SELECT p_session_id, coalesce((SELECT max(k.control_number) FROM app.submission_controls AS k
            WHERE k.session_id = p_session_id), 0) + 1,
        s.programme, m.period_start, m.period_end, s.period_source,
        coalesce((p_totals).report_totals, 'absent'), coalesce((p_totals).card_totals, 0),
        coalesce((p_totals).card_totals_differing, 0)
    INTO v_control.session_id, v_control.control_number, v_control.programme, v_control.period_start, v_control.period_end,
        v_control.period_source, v_control.report_totals, v_control.card_totals, v_control.card_totals_differing
    FROM app.processing_sessions AS s LEFT JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.session_id = p_session_id;

    SELECT pg_catalog.count(*) FILTER (WHERE p.receipts > 0 AND p.fits_report IS NOT NULL)::integer,
        pg_catalog.count(*) FILTER (WHERE p.receipts > 0 AND p.fits_report)::integer,
        coalesce(pg_catalog.sum(p.receipts), 0)::integer,
        coalesce(pg_catalog.sum(p.receipts) FILTER (WHERE p.fits_report), 0)::integer,
        coalesce(pg_catalog.sum(p.charges), 0)::integer,
        pg_catalog.jsonb_agg(pg_catalog.to_jsonb(p) - 'fits_report' ORDER BY p.name_key COLLATE "C", p.employee_id)
    INTO v_control.names, v_control.names_fitting, v_control.receipts, v_control.receipts_fitting, v_control.charges,
        v_control.people
    FROM app.control_people(p_session_id, p_people) AS p;
    IF NOT EXISTS (SELECT FROM pg_catalog.unnest(p_people) AS p WHERE p.is_in_report) THEN
        v_control.names_fitting := NULL;
        v_control.receipts_fitting := NULL;
    END IF;

    -- A period that was only found by receipts would judge itself.
    SELECT coalesce(pg_catalog.bool_or(s.period_source IN ('printed', 'given')), false) INTO v_says_period
    FROM app.processing_sessions AS c JOIN app.processing_sessions AS s ON s.chain_id = c.chain_id
    WHERE c.session_id = p_session_id;
    SELECT d.dated::integer, CASE WHEN v_says_period THEN d.in_period::integer END
    INTO v_control.dated_receipts, v_control.receipts_in_period
    FROM app.dates_about_period(p_session_id, p_people) AS d;

    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.to_jsonb(o) ORDER BY o.period_start, o.session_id), '[]')
    INTO v_control.same_days FROM app.overlapping_submissions(p_session_id) AS o;
    SELECT s.given_start IS NOT NULL AND (s.given_start, s.given_end) <> (m.period_start, m.period_end) INTO v_other_period
    FROM app.processing_sessions AS s JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.session_id = p_session_id;
    v_control.reasons := app.control_reasons(v_control, p_coming, v_other_period,
        EXISTS (SELECT FROM app.renamed_people(p_people)));
    PERFORM app.keep_control(v_control);
END
$$;
COMMENT ON FUNCTION app.write_control(uuid, app.staged_person[], app.control_totals, text) IS 'Works out the control block of a submission whose rows are written and whose month is settled, and stores it.';

CREATE OR REPLACE FUNCTION app.keep_control(p_control app.submission_controls) RETURNS void
LANGUAGE sql VOLATILE
BEGIN ATOMIC
    INSERT INTO app.submission_controls (session_id, control_number, programme, period_start, period_end, period_source,
        report_totals, card_totals, card_totals_differing, names, names_fitting, receipts, receipts_fitting,
        dated_receipts, receipts_in_period, charges, people, same_days, reasons)
    SELECT (p_control).session_id, (p_control).control_number, (p_control).programme, (p_control).period_start,
        (p_control).period_end, (p_control).period_source, (p_control).report_totals, (p_control).card_totals,
        (p_control).card_totals_differing, (p_control).names, (p_control).names_fitting, (p_control).receipts,
        (p_control).receipts_fitting, (p_control).dated_receipts, (p_control).receipts_in_period, (p_control).charges,
        (p_control).people, (p_control).same_days, (p_control).reasons;
END;
COMMENT ON FUNCTION app.keep_control(app.submission_controls) IS 'Stores a control block.';

CREATE OR REPLACE FUNCTION app.newest_control(p_session_id uuid) RETURNS app.submission_controls
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT k FROM app.submission_controls AS k WHERE k.session_id = p_session_id
    ORDER BY k.control_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.newest_control(uuid) IS 'The control block of a submission that counts; null when none was worked out.';

CREATE OR REPLACE FUNCTION app.take_back() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    -- All but that a month has one chain: a submission that asks what it follows is tried to its end.
    SET CONSTRAINTS app.employee_revisions_person_fkey, app.session_employees_current_revision_id_fkey,
        app.old_claims_person_fkey, audit.t50_prove IMMEDIATE;
    RAISE EXCEPTION USING ERRCODE = 'ZX001', MESSAGE = 'rolled back as wanted';
END
$$;
COMMENT ON FUNCTION app.take_back() IS 'Ends the inner block in which a submission was tried, after the proof of the commit, and takes with it all that was written. Raises ZX001, which the block catches.';

CREATE OR REPLACE FUNCTION app.await_decision(p_control app.submission_controls, p_content jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    -- The turn that was taken when it was tried went with what was taken back.
    PERFORM app.enter_period((p_control).programme, (p_control).period_start, (p_control).period_end);
    PERFORM app.keep_control(p_control);
    INSERT INTO app.staged_submissions (session_id, content) VALUES ((p_control).session_id, p_content)
    ON CONFLICT (session_id) DO NOTHING;
    UPDATE app.processing_sessions AS s SET status = 'awaiting_decision'
    WHERE s.session_id = (p_control).session_id;
END
$$;
COMMENT ON FUNCTION app.await_decision(app.submission_controls, jsonb) IS 'Leaves a submission that was tried and taken back to a person: its control block, what was read of it, its status. What is staged already stays. Raises ST051 when its month was closed meanwhile.';

COMMIT;
