-- The business calendar as data, and the dates issues fall due.
-- requires: access/requests
-- requires: validation/tables

BEGIN;

CREATE TABLE app.calendar_exceptions (
    calendar_day date NOT NULL,
    is_business_day boolean NOT NULL,
    description text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT calendar_exceptions_pkey PRIMARY KEY (calendar_day),
    CONSTRAINT calendar_exceptions_calendar_day_check CHECK (calendar_day BETWEEN '2000-01-03' AND '2999-12-31'),
    CONSTRAINT calendar_exceptions_description_check CHECK (length(description) BETWEEN 1 AND 200)
);
COMMENT ON TABLE app.calendar_exceptions IS 'Days on which the business calendar differs from the plain week of Monday to Friday: holidays, and Saturdays or Sundays that are worked.';
COMMENT ON COLUMN app.calendar_exceptions.calendar_day IS 'The day.';
COMMENT ON COLUMN app.calendar_exceptions.is_business_day IS 'True: it is worked; false: it is not.';
COMMENT ON COLUMN app.calendar_exceptions.description IS 'Name of the holiday, or why it is worked.';
COMMENT ON COLUMN app.calendar_exceptions.version IS 'Grows by one with every change.';
CREATE OR REPLACE TRIGGER t50_version BEFORE UPDATE ON app.calendar_exceptions FOR EACH ROW EXECUTE FUNCTION app.raise_version();
COMMENT ON TRIGGER t50_version ON app.calendar_exceptions IS 'Raises the version.';
ALTER TABLE app.calendar_exceptions ENABLE ALWAYS TRIGGER t50_version;
SELECT audit.guard('app.calendar_exceptions', 'mutable');

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('due_days_high', 3, 0, 250, 'business days', 'How long an issue of high severity may wait for its decision.'),
('due_days_medium', 5, 0, 250, 'business days', 'How long an issue of medium severity may wait for its decision.'),
('due_days_low', 10, 0, 250, 'business days', 'How long an issue of low severity may wait for its decision.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.business_day_number(p_day date) RETURNS integer
LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT (p_day - '2000-01-03'::date) / 7 * 5 + least((p_day - '2000-01-03'::date) % 7 + 1, 5)
        + coalesce((
            SELECT sum(CASE WHEN x.is_business_day AND extract(isodow FROM x.calendar_day) > 5 THEN 1
                WHEN NOT x.is_business_day AND extract(isodow FROM x.calendar_day) <= 5 THEN -1 ELSE 0 END)::integer
            FROM app.calendar_exceptions AS x WHERE x.calendar_day <= p_day), 0);
END;
COMMENT ON FUNCTION app.business_day_number(date) IS 'Business days from Monday 2000-01-03 up to and including a day not before it: a day that is not worked has the number of the business day before it.';

CREATE OR REPLACE FUNCTION app.add_business_days(p_day date, p_days integer) RETURNS date
LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
    SELECT CASE WHEN p_days = 0 THEN p_day ELSE (
        SELECT g.day::date
        FROM generate_series(p_day + interval '1 day', p_day + (p_days * 2 + 60) * interval '1 day', '1 day') AS g (day)
        LEFT JOIN app.calendar_exceptions AS x ON x.calendar_day = g.day::date
        WHERE coalesce(x.is_business_day, extract(isodow FROM g.day) <= 5)
        ORDER BY g.day OFFSET greatest(p_days, 1) - 1 LIMIT 1) END;
END;
COMMENT ON FUNCTION app.add_business_days(date, integer) IS 'The business day so many business days after a day, which does not count itself; 0 gives the day. Null when there is none within twice that time and 60 days.';

CREATE OR REPLACE FUNCTION app.due_dates(p_from date) RETURNS TABLE (severity text, due_date date)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.severity, app.add_business_days(p_from, app.setting('due_days_' || s.severity)::integer)
    FROM (VALUES ('high'), ('medium'), ('low')) AS s (severity);
END;
COMMENT ON FUNCTION app.due_dates(date) IS 'For each severity the day an issue found on a day falls due, from the settings due_days_high, due_days_medium and due_days_low.';

CREATE OR REPLACE VIEW report.calendar_exceptions AS
SELECT x.calendar_day, x.is_business_day, x.description, x.version FROM app.calendar_exceptions AS x;
COMMENT ON VIEW report.calendar_exceptions IS 'Holidays, and weekend days that are worked.';
SELECT app.describe_columns('report.calendar_exceptions', 'app.calendar_exceptions');
GRANT SELECT ON report.calendar_exceptions
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION api.save_calendar_day(
    p_calendar_day date, p_is_business_day boolean DEFAULT NULL, p_description text DEFAULT NULL,
    p_expected_version integer DEFAULT NULL, p_request_id text DEFAULT NULL
) RETURNS report.calendar_exceptions
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_hash bytea := app.hash_request('save_calendar_day', p_calendar_day::text, p_is_business_day::text, p_description,
        p_expected_version::text);
    v_answer jsonb := app.begin_request(p_request_id, 'save_calendar_day', v_hash);
BEGIN
    IF v_answer IS NULL THEN
        IF p_calendar_day IS NULL OR p_calendar_day NOT BETWEEN '2000-01-03' AND '2999-12-31' THEN
            PERFORM app.fail('IV008', 'calendar_day', '2000-01-03 to 2999-12-31', coalesce(p_calendar_day::text,
                'none'));
        END IF;
        IF pg_catalog.length(p_description) NOT BETWEEN 1 AND 200
            OR (p_description IS NULL AND p_is_business_day IS NOT NULL AND NOT EXISTS (
                SELECT FROM app.calendar_exceptions AS x WHERE x.calendar_day = p_calendar_day))
        THEN
            PERFORM app.fail('IV008', 'description', '1 to 200 characters',
                pg_catalog.format('%s characters', coalesce(pg_catalog.length(p_description), 0)));
        END IF;
        PERFORM app.check_version(p_expected_version, (
            SELECT x.version FROM app.calendar_exceptions AS x WHERE x.calendar_day = p_calendar_day FOR UPDATE));
        IF p_is_business_day IS NULL THEN
            DELETE FROM app.calendar_exceptions AS x WHERE x.calendar_day = p_calendar_day
            RETURNING pg_catalog.to_jsonb(x) INTO v_answer;
        ELSE
            INSERT INTO app.calendar_exceptions AS x (calendar_day, is_business_day, description)
            VALUES (p_calendar_day, p_is_business_day, coalesce(app.hide_card_numbers(p_description),
                (SELECT o.description FROM app.calendar_exceptions AS o WHERE o.calendar_day = p_calendar_day)))
            ON CONFLICT (calendar_day) DO UPDATE
                SET is_business_day = excluded.is_business_day, description = excluded.description;
            SELECT pg_catalog.to_jsonb(r) INTO v_answer FROM report.calendar_exceptions AS r
            WHERE r.calendar_day = p_calendar_day;
        END IF;
        v_answer := app.end_request(p_request_id, 'save_calendar_day', v_hash, coalesce(v_answer, '{}'));
    END IF;
    RETURN pg_catalog.jsonb_populate_record(NULL::report.calendar_exceptions, v_answer);
END
$$;
COMMENT ON FUNCTION api.save_calendar_day(date, boolean, text, integer, text) IS 'Says that a day is worked or not, whatever its weekday, at the version seen; null as second argument takes the exception back and answers what it was; a description that is not given stays. Due dates that stand are not moved. Raises IV008, PM001, PM002, ST001, ST003.';
GRANT EXECUTE ON FUNCTION api.save_calendar_day(date, boolean, text, integer, text) TO ccp_admin;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
