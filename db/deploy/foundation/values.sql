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

CREATE OR REPLACE FUNCTION app.read_odd_date(p_text text) RETURNS date
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
COMMENT ON FUNCTION app.read_odd_date(text) IS 'What app.read_date says, for any text.';

CREATE OR REPLACE FUNCTION app.read_date(p_text text) RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Nearly all are one of the 28 days that each month has, and read by what is written into the statement that calls this.
    -- least and nullif: the day is made once.
    SELECT CASE WHEN p_text ~ '^(0[1-9]|1[0-2])/(0[1-9]|1[0-9]|2[0-8])/2[0-9]{3}$'
        THEN nullif(least(make_date(right(p_text, 4)::integer, left(p_text, 2)::integer, substr(p_text, 4, 2)::integer),
            (current_date + interval '1 year')::date + 1), (current_date + interval '1 year')::date + 1)
        ELSE app.read_odd_date(p_text) END;
END;
COMMENT ON FUNCTION app.read_date(text) IS 'A date as it may be written, MM/DD/YYYY or YYYY-MM-DD, from 2000-01-01 to one year from today, both included; null for anything else, also for a day no calendar has.';

CREATE OR REPLACE FUNCTION app.clean_text(p_text text, p_may_hold_card boolean, p_known text[] DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT nullif(CASE WHEN p_may_hold_card THEN app.cut_card_numbers(p_text, p_known) ELSE p_text END, '');
END;
COMMENT ON FUNCTION app.clean_text(text, boolean, text[]) IS 'Free text as it is kept: empty is null, card numbers and the known numbers are cut where the row may hold one.';

CREATE OR REPLACE FUNCTION app.fold_text(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- By tables, so that no database folds by a language of its own. Plain ASCII, which is nearly all, skips the rest.
    SELECT CASE WHEN octet_length(p_text) = length(p_text) THEN upper(p_text COLLATE "C")
        ELSE upper(replace(replace(replace(replace(replace(replace(replace(replace(translate(
            normalize(regexp_replace(normalize(translate(p_text,
            '‘’‚‛′´ʼ“”„‟″‐‑‒–—―−',
            '''''''''''''''"""""-------'), NFKD),
            U&'[\0300-\036F]', '', 'g'), NFC),
            'ıØøŁłĐđÐðĦħŦŧŊŋĸəαβγδεζηθικλμνξοπρστυφχψωςабвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњ'
            'ћџѡѣѥѧѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӄӆӈӊӌӎӏӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧ'
            'ԩԫԭԯաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆ',
            'IOOLLDDDDHHTTNNKƏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΣАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊ'
            'ЋЏѠѢѤѦѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӃӅӇӉӋӍӀӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦ'
            'ԨԪԬԮԱԲԳԴԵԶԷԸԹԺԻԼԽԾԿՀՁՂՃՄՅՆՇՈՉՊՋՌՍՎՏՐՑՒՓՔՕՖ'),
            'ß', 'SS'), 'ẞ', 'SS'), 'æ', 'AE'), 'Æ', 'AE'), 'œ', 'OE'), 'Œ', 'OE'), 'þ', 'TH'), 'Þ', 'TH') COLLATE "C")
        END;
END;
COMMENT ON FUNCTION app.fold_text(text) IS 'A text to compare by, the same in a database of any collation: accents off, capitals of Latin, Greek, Cyrillic and Armenian letters, ß as SS, æ as AE, œ as OE, þ as TH, ı as I, ø as O, ł as L, đ and ð as D, ħ as H, ŧ as T, ŋ as N; typographic quotes and dashes as those of a typewriter.';

CREATE OR REPLACE FUNCTION app.letters_and_digits(p_folded text, p_between text DEFAULT '') RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Ranges, because what a letter is depends on the locale of the server.
    SELECT CASE WHEN octet_length(p_folded) = length(p_folded)
        THEN regexp_replace(p_folded, '[^0-9A-Z]+' COLLATE "C", p_between, 'g')
        ELSE regexp_replace(p_folded, U&'[^0-9A-Z\00C0-\00D6\00D8-\00F6\00F8-\02AF\0370-\1FFF\2C00-\2DFF'
            '\3005\3041-\3096\30A1-\30FF\3105-\31FF\3400-\4DBF\4E00-\9FFF'
            '\A000-\D7FF\F900-\FDFF\FE70-\FEFC\FFFD\+010000-\+01EFFF\+020000-\+03FFFF]+' COLLATE "C",
            p_between, 'g') END;
END;
COMMENT ON FUNCTION app.letters_and_digits(text, text) IS 'A folded text with everything between letters of any script and the digits 0 to 9 replaced, by nothing unless said otherwise. U+FFFD, which stands for a letter that was lost, counts as one.';

CREATE OR REPLACE FUNCTION app.clean_words(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT nullif(btrim(regexp_replace(normalize(p_text, NFC), '[\s\u00a0]+', ' ', 'g')), '');
END;
COMMENT ON FUNCTION app.clean_words(text) IS 'A text to be compared however it is spelled: one blank for several and none at the ends, letters composed, nothing for an empty one.';

COMMIT;
