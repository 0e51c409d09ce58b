-- Reminders of cardholders: what each would say, on which days they are sent, and writing them.
-- requires: outbox/messages
-- requires: outbox/addresses
-- requires: outputs/mirror
-- requires: revising/months
--
-- Day of a month   set by
-- chosen           api.choose_reminder_day, which also takes it back
-- written          the worker, on that day; for good

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('reminder_hour', 8, 0, 23, 'o''clock (UTC)', 'From which hour of a chosen day reminders are sent.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE TABLE app.reminder_days (
    month_id uuid NOT NULL,
    remind_on date NOT NULL,
    chosen_by uuid NOT NULL,
    chosen_at timestamptz NOT NULL DEFAULT now(),
    written_at timestamptz,
    written integer,
    CONSTRAINT reminder_days_pkey PRIMARY KEY (month_id, remind_on),
    CONSTRAINT reminder_days_month_id_fkey FOREIGN KEY (month_id) REFERENCES app.months (month_id),
    CONSTRAINT reminder_days_chosen_by_fkey FOREIGN KEY (chosen_by) REFERENCES app.users (user_id),
    CONSTRAINT reminder_days_remind_on_check CHECK (isfinite(remind_on)),
    CONSTRAINT reminder_days_written_check CHECK (written >= 0 AND (written IS NULL) = (written_at IS NULL))
);
CREATE INDEX reminder_days_waiting_idx ON app.reminder_days (remind_on) WHERE written_at IS NULL;
CREATE INDEX reminder_days_chosen_by_idx ON app.reminder_days (chosen_by);
COMMENT ON TABLE app.reminder_days IS 'Days on which the cardholders of a month are reminded of what is open.';
COMMENT ON COLUMN app.reminder_days.month_id IS 'The month.';
COMMENT ON COLUMN app.reminder_days.remind_on IS 'The day (UTC).';
COMMENT ON COLUMN app.reminder_days.chosen_by IS 'Who chose it.';
COMMENT ON COLUMN app.reminder_days.chosen_at IS 'When it was chosen.';
COMMENT ON COLUMN app.reminder_days.written_at IS 'When the reminders were written; null: not yet, or the day passed without a worker that sends mail.';
COMMENT ON COLUMN app.reminder_days.written IS 'How many were written.';
SELECT audit.guard('app.reminder_days', 'mutable');

CREATE OR REPLACE VIEW report.reminder_days AS
SELECT d.month_id, d.remind_on, u.user_name AS chosen_by_name, d.chosen_at, d.written_at, d.written, n.sent, n.given_up
FROM app.reminder_days AS d
JOIN app.users AS u ON u.user_id = d.chosen_by
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE o.state = 'sent')::integer AS sent, count(*) FILTER (WHERE o.state = 'failed')::integer AS given_up
    FROM app.processing_sessions AS s JOIN app.outbox AS o ON o.session_id = s.session_id
    WHERE s.month_id = d.month_id AND o.reminded_on = d.remind_on) AS n;
COMMENT ON VIEW report.reminder_days IS 'Days on which the cardholders of a month are reminded of what is open.';
SELECT app.describe_columns('report.reminder_days', 'app.reminder_days');
COMMENT ON COLUMN report.reminder_days.chosen_by_name IS 'Name of who chose it.';
COMMENT ON COLUMN report.reminder_days.sent IS 'How many of them the mail server took.';
COMMENT ON COLUMN report.reminder_days.given_up IS 'How many of them were given up; the others wait.';

CREATE OR REPLACE VIEW report.reminders AS
WITH open AS (
    SELECT m.month_id, i.session_id, i.cardholder_id, count(*) AS open_items,
        string_agg('* ' || i.description
            || CASE WHEN i.amount_impact IS NULL THEN ' (amount not known)' ELSE ' (' || i.amount_impact || ' dollars)' END
            || coalesce(', due ' || i.due_date, '') || coalesce(E'\n  ' || v.suggested_resolution, ''), E'\n'
            ORDER BY i.due_date, i.amount_impact DESC NULLS FIRST, i.issue_id) AS items
    FROM app.mirrored_months AS m
    JOIN app.validation_issues AS i ON i.session_id = m.session_id AND i.is_open AND i.blocks AND i.state <> 'waiting'
    JOIN app.validation_rules AS v ON v.rule_code = i.rule_code AND v.version = i.rule_version
    GROUP BY m.month_id, i.session_id, i.cardholder_id
), people AS (
    -- Who is not written to shares no mail.
    SELECT o.*, h.name_key, a.email, a.is_quiet,
        coalesce(CASE WHEN NOT a.is_quiet THEN lower(a.email) END, o.cardholder_id::text) AS mail
    FROM open AS o
    JOIN app.cardholders AS h ON h.cardholder_id = o.cardholder_id
    LEFT JOIN app.cardholder_addresses AS a ON a.cardholder_id = o.cardholder_id
), mails AS (
    SELECT p.*, row_number() OVER m AS place, count(*) OVER m AS people, sum(p.open_items) OVER m AS all_items,
        string_agg(p.name_key || E':\n' || p.items, E'\n\n') OVER m AS all_texts
    FROM people AS p
    WINDOW m AS (PARTITION BY p.month_id, p.mail ORDER BY p.name_key COLLATE "C", p.cardholder_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
)
SELECT o.month_id, o.session_id, o.cardholder_id, o.name_key AS employee_name, o.email, o.open_items,
    CASE WHEN o.is_quiet THEN 'quiet' WHEN o.email IS NULL THEN 'no_address' WHEN o.place > 1 THEN 'shared'
        WHEN EXISTS (SELECT FROM app.outbox AS x LEFT JOIN app.cardholder_addresses AS y ON y.cardholder_id = x.cardholder_id
            WHERE x.reminded_on = (now() AT TIME ZONE 'UTC')::date AND (x.cardholder_id = o.cardholder_id
                OR lower(y.email) = lower(o.email))) THEN 'reminded' ELSE 'ready' END AS sending,
    n.month_name || ': ' || o.all_items || CASE o.all_items WHEN 1 THEN ' item is open' ELSE ' items are open' END AS subject,
    CASE o.people WHEN 1 THEN 'Of your card in ' || n.month_name || E' this is open:\n\n' || o.items
        ELSE 'Of these cards in ' || n.month_name || E' this is open:\n\n' || o.all_texts END
        || E'\n\nPlease hand in what is missing, or answer whoever looks after the cards.\n' AS body
FROM mails AS o JOIN app.months AS n ON n.month_id = o.month_id;
COMMENT ON VIEW report.reminders IS 'What each person of an open month would be reminded of now, word for word: their own issues that keep them from being finished and wait for nobody else, in the newest completed submission. People with one address, whatever its case, get one mail, which names each.';
COMMENT ON COLUMN report.reminders.month_id IS 'The month.';
COMMENT ON COLUMN report.reminders.session_id IS 'Its newest completed submission.';
COMMENT ON COLUMN report.reminders.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.reminders.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.reminders.email IS 'The address; null when none is known.';
COMMENT ON COLUMN report.reminders.open_items IS 'How many issues it names.';
COMMENT ON COLUMN report.reminders.sending IS 'ready: it would be sent; quiet, no_address: it would not; shared: what is open stands in the mail of another person with this address; reminded: one was written today (UTC), of this month or another, to the person or the address.';
COMMENT ON COLUMN report.reminders.subject IS 'Subject of the mail.';
COMMENT ON COLUMN report.reminders.body IS 'Text of the mail.';
GRANT SELECT ON report.reminder_days, report.reminders TO ccp_admin, ccp_processor, ccp_auditor;

CREATE OR REPLACE FUNCTION api.choose_reminder_day(
    p_month_id uuid, p_remind_on date, p_is_chosen boolean DEFAULT true, p_request_id text DEFAULT NULL
) RETURNS report.reminder_days
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('choose_reminder_day', p_month_id::text, p_remind_on::text, p_is_chosen::text);
    v_answer jsonb := app.begin_request(p_request_id, 'choose_reminder_day', v_hash);
    v_today date := (pg_catalog.now() AT TIME ZONE 'UTC')::date;
    v_day app.reminder_days;
BEGIN
    IF v_answer IS NULL THEN
        IF NOT EXISTS (SELECT FROM app.months AS m WHERE m.month_id = p_month_id) THEN
            PERFORM app.fail('NF006', 'month_id', NULL, coalesce(p_month_id::text, 'none'));
        ELSIF (p_remind_on BETWEEN v_today AND v_today + 366) IS NOT TRUE THEN
            PERFORM app.fail('IV008', 'remind_on', pg_catalog.format('%s to %s', v_today, v_today + 366),
                coalesce(p_remind_on::text, 'none'));
        END IF;
        PERFORM app.refuse_closed_month(p_month_id, 'month_id');
        SELECT d.* INTO v_day FROM app.reminder_days AS d
        WHERE d.month_id = p_month_id AND d.remind_on = p_remind_on FOR UPDATE;
        IF v_day.written_at IS NOT NULL THEN
            PERFORM app.fail('ST002', 'remind_on', 'a day of which nothing was written yet', v_day.written_at::text);
        END IF;
        IF coalesce(p_is_chosen, true) THEN
            INSERT INTO app.reminder_days (month_id, remind_on, chosen_by) VALUES (p_month_id, p_remind_on, app.actor_id())
            ON CONFLICT (month_id, remind_on) DO NOTHING;
        ELSE
            DELETE FROM app.reminder_days AS d WHERE d.month_id = p_month_id AND d.remind_on = p_remind_on;
        END IF;
        SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.reminder_days AS r
        WHERE r.month_id = p_month_id AND r.remind_on = p_remind_on;
        v_answer := app.end_request(p_request_id, 'choose_reminder_day', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.reminder_days, v_answer);
END
$$;
COMMENT ON FUNCTION api.choose_reminder_day(uuid, date, boolean, text) IS 'Chooses a day from today (UTC) on, a year ahead at most, on which the cardholders of an open month are reminded, or takes it back (is_chosen false) while nothing is written. On the day, from reminder_hour on, report.reminders is sent as it is then. Raises IV008, NF006, PM001, PM002, ST002 when its reminders are written, ST003, ST051.';
GRANT EXECUTE ON FUNCTION api.choose_reminder_day(uuid, date, boolean, text) TO ccp_admin, ccp_processor;

CREATE OR REPLACE FUNCTION api.write_reminders(p_at timestamptz DEFAULT now()) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_today date := (p_at AT TIME ZONE 'UTC')::date;
    v_month_id uuid;
    v_written integer;
    v_all integer := 0;
BEGIN
    PERFORM app.begin_request(NULL, 'write_reminders', NULL);
    IF pg_catalog.date_part('hour', p_at AT TIME ZONE 'UTC') < app.setting('reminder_hour') THEN
        RETURN 0;
    END IF;
    -- Months in turn: who has something open in two is reminded of the first.
    FOR v_month_id IN
        SELECT d.month_id FROM app.reminder_days AS d
        WHERE d.remind_on = v_today AND d.written_at IS NULL ORDER BY d.month_id FOR UPDATE SKIP LOCKED
    LOOP
        INSERT INTO app.outbox (kind, session_id, cardholder_id, reminded_on, summary)
        SELECT 'reminder', r.session_id, r.cardholder_id, v_today,
            pg_catalog.jsonb_build_object('subject', r.subject, 'body', r.body)
        FROM report.reminders AS r
        WHERE r.month_id = v_month_id AND r.sending NOT IN ('quiet', 'no_address', 'shared')
            AND NOT EXISTS (SELECT FROM app.outbox AS x
                JOIN app.cardholder_addresses AS y ON y.cardholder_id = x.cardholder_id
                WHERE x.reminded_on = v_today AND pg_catalog.lower(y.email) = pg_catalog.lower(r.email))
        ORDER BY r.cardholder_id
        ON CONFLICT (cardholder_id, reminded_on) DO NOTHING;
        GET DIAGNOSTICS v_written = ROW_COUNT;
        UPDATE app.reminder_days AS d SET written_at = pg_catalog.now(), written = v_written
        WHERE d.month_id = v_month_id AND d.remind_on = v_today;
        v_all := v_all + v_written;
    END LOOP;
    RETURN v_all;
END
$$;
COMMENT ON FUNCTION api.write_reminders(timestamptz) IS 'Writes the reminders of the months of which this day was chosen, once, to those who have an address, are not on the quiet list and were not reminded this day, one to an address; a day that passed is not made up for. Answers how many. Raises PM001, PM002.';
GRANT EXECUTE ON FUNCTION api.write_reminders(timestamptz) TO ccp_worker;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
