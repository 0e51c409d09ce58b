-- Reading values as written: amounts, dates, card numbers; and hiding card numbers in free text.
-- requires: foundation/schemas

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

CREATE OR REPLACE FUNCTION app.mask_card_number(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN p_text ~ '^[0-9]{6}([0-9]{6}|[Xx*]{6})[0-9]{4}$'
        THEN left(p_text, 6) || 'XXXXXX' || right(p_text, 4) END;
END;
COMMENT ON FUNCTION app.mask_card_number(text) IS 'First six, XXXXXX, last four of a card number of 16 places, masked or not; null for anything else.';

CREATE OR REPLACE FUNCTION app.passes_luhn(p_digits text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sum(CASE WHEN (length(p_digits) - i) % 2 = 0 THEN d ELSE d * 2 - 9 * (d / 5) END) % 10 = 0
    FROM generate_series(1, length(p_digits)) AS i
    CROSS JOIN LATERAL (SELECT substr(p_digits, i, 1)::integer AS d) AS x;
END;
COMMENT ON FUNCTION app.passes_luhn(text) IS 'True when a run of digits has the check digit of a card number.';

CREATE OR REPLACE FUNCTION app.hide_card_numbers(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_text;
    v_run text;
    v_digits text;
BEGIN
    IF p_text !~ '[0-9]([ -]?[0-9]){12}' THEN
        RETURN p_text;
    END IF;
    FOR v_run IN
        SELECT m.run[1] FROM pg_catalog.regexp_matches(p_text, '[0-9](?:[ -]?[0-9]){12,18}', 'g') AS m (run)
    LOOP
        v_digits := pg_catalog.regexp_replace(v_run, '[ -]', '', 'g');
        IF app.passes_luhn(v_digits) THEN
            v_text := pg_catalog.replace(v_text, v_run, pg_catalog.left(v_digits, 6)
                || pg_catalog.repeat('X', pg_catalog.length(v_digits) - 10) || pg_catalog.right(v_digits, 4));
        END IF;
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION app.hide_card_numbers(text) IS 'The text with every run of 13 to 19 digits (single spaces or hyphens between) that passes the Luhn check cut to its first six and last four digits.';

CREATE OR REPLACE FUNCTION app.hide_in_json(p_json jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
BEGIN
    IF p_json IS NULL OR p_json::text !~ '[0-9]([ -]?[0-9]){12}' THEN
        RETURN p_json;
    END IF;
    -- Strings only: the digits of a number are no card number, and a number with X in it is no JSON.
    RETURN (
        SELECT pg_catalog.string_agg(
            CASE WHEN t.token[1] LIKE '"%' THEN app.hide_card_numbers(t.token[1]) ELSE t.token[1] END,
            '' ORDER BY t.ordinality)::jsonb
        FROM pg_catalog.regexp_matches(p_json::text, '"(?:[^"\\]|\\.)*"|[^"]+', 'g') WITH ORDINALITY AS t (token, ordinality));
END
$$;
COMMENT ON FUNCTION app.hide_in_json(jsonb) IS 'The document with card numbers in its strings cut, see app.hide_card_numbers.';

CREATE OR REPLACE FUNCTION app.clean_text(p_text text, p_may_hold_card boolean) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT nullif(CASE WHEN p_may_hold_card THEN app.hide_card_numbers(p_text) ELSE p_text END, '');
END;
COMMENT ON FUNCTION app.clean_text(text, boolean) IS 'Free text as it is kept: empty is null, card numbers are cut where the row may hold one.';

COMMIT;
