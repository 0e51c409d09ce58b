-- Reading values as written: amounts, dates and free text.
-- requires: foundation/card_numbers

BEGIN;

CREATE OR REPLACE FUNCTION app.whole_cents(p_value numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN abs(p_value - round(p_value, 2)) <= 0.000001 THEN round(p_value, 2) END;
END;
COMMENT ON FUNCTION app.whole_cents(numeric) IS 'The value in cents when it is within 0.000001 of them, so that a float tail is forgiven and a real third decimal is not: then null.';

CREATE OR REPLACE FUNCTION app.read_amount(p_text text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_text ~ '^-?[0-9]{1,12}\.[0-9]{2}$' THEN p_text::numeric
        WHEN p_text ~ '^-?([0-9]{1,25}|[0-9]{1,3}(,[0-9]{3}){1,7})(\.[0-9]{1,25})?$'
        THEN app.whole_cents(replace(p_text, ',', '')::numeric) END;
END;
COMMENT ON FUNCTION app.read_amount(text) IS 'An amount as written (-1234.56 or -1,234.56) in whole cents, null when it cannot be read. It may be larger than any amount that is kept.';

CREATE OR REPLACE FUNCTION app.read_date(p_text text) RETURNS date
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_iso text := CASE
        WHEN p_text ~ '^[0-9]{2}/[0-9]{2}/[0-9]{4}$'
        THEN pg_catalog.right(p_text, 4) || '-' || pg_catalog.left(p_text, 2) || '-' || pg_catalog.substr(p_text, 4, 2)
        WHEN p_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN p_text END;
    v_month date;
    v_day date;
BEGIN
    IF v_iso IS NULL OR pg_catalog.left(v_iso, 4)::integer < 2000
        OR pg_catalog.substr(v_iso, 6, 2)::integer NOT BETWEEN 1 AND 12
    THEN
        RETURN NULL;
    END IF;
    v_month := pg_catalog.make_date(pg_catalog.left(v_iso, 4)::integer, pg_catalog.substr(v_iso, 6, 2)::integer, 1);
    v_day := v_month + pg_catalog.right(v_iso, 2)::integer - 1;
    -- Day 0 and the 30th of February lie in another month.
    RETURN CASE WHEN v_day BETWEEN v_month AND v_month + interval '1 month - 1 day'
        AND v_day <= current_date + interval '1 year' THEN v_day END;
END
$$;
COMMENT ON FUNCTION app.read_date(text) IS 'A date as it may be written, MM/DD/YYYY or YYYY-MM-DD, from 2000-01-01 to one year from today, both included; null for anything else, also for a day no calendar has.';

CREATE OR REPLACE FUNCTION app.clean_text(p_text text, p_may_hold_card boolean, p_known text[] DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT nullif(CASE WHEN p_may_hold_card THEN app.cut_card_numbers(p_text, p_known) ELSE p_text END, '');
END;
COMMENT ON FUNCTION app.clean_text(text, boolean, text[]) IS 'Free text as it is kept: empty is null, card numbers and the known numbers are cut where the row may hold one.';

COMMIT;
