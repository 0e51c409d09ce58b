-- Card numbers: the one rule by which they are found and cut, in every text of every table.
-- requires: foundation/types
-- requires: foundation/errors

BEGIN;

CREATE OR REPLACE FUNCTION app.foreign_digits() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- First code point of each run of ten decimal digits outside of ASCII.
    SELECT string_agg(chr(f.zero + d.digit), '' ORDER BY f.zero, d.digit)
    FROM unnest(ARRAY[
        1632, 1776, 1984, 2406, 2534, 2662, 2790, 2918, 3046, 3174, 3302, 3430, 3558, 3664, 3792, 3872, 4160, 4240,
        6112, 6160, 6470, 6608, 6784, 6800, 6992, 7088, 7232, 7248, 42528, 43216, 43264, 43472, 43504, 43600, 44016,
        65296, 66720, 68912, 69734, 69872, 69942, 70096, 70384, 70736, 70864, 71248, 71360, 71472, 71904, 72016,
        72784, 73040, 73120, 92768, 92864, 93008, 120782, 120792, 120802, 120812, 120822, 123200, 123632, 125264,
        130032]) AS f (zero)
    CROSS JOIN generate_series(0, 9) AS d (digit);
END;
COMMENT ON FUNCTION app.foreign_digits() IS 'The decimal digits of all scripts but ASCII, 0 to 9 of each in turn.';

CREATE OR REPLACE FUNCTION app.has_hidden_digits(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Signs without width, then the digits of app.foreign_digits: looked for before anything is translated sign by sign.
    SELECT p_text COLLATE "C" ~ '[^\x01-\x7f]' AND p_text COLLATE "C" ~
        '[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff'
            '\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0b66-\u0b6f'
            '\u0be6-\u0bef\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0de6-\u0def\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29'
            '\u1040-\u1049\u1090-\u1099\u17e0-\u17e9\u1810-\u1819\u1946-\u194f\u19d0-\u19d9\u1a80-\u1a89\u1a90-\u1a99'
            '\u1b50-\u1b59\u1bb0-\u1bb9\u1c40-\u1c49\u1c50-\u1c59\ua620-\ua629\ua8d0-\ua8d9\ua900-\ua909\ua9d0-\ua9d9'
            '\ua9f0-\ua9f9\uaa50-\uaa59\uabf0-\uabf9\uff10-\uff19\U000104a0-\U000104a9\U00010d30-\U00010d39'
            '\U00011066-\U0001106f\U000110f0-\U000110f9\U00011136-\U0001113f\U000111d0-\U000111d9'
            '\U000112f0-\U000112f9\U00011450-\U00011459\U000114d0-\U000114d9\U00011650-\U00011659'
            '\U000116c0-\U000116c9\U00011730-\U00011739\U000118e0-\U000118e9\U00011950-\U00011959'
            '\U00011c50-\U00011c59\U00011d50-\U00011d59\U00011da0-\U00011da9\U00016a60-\U00016a69'
            '\U00016ac0-\U00016ac9\U00016b50-\U00016b59\U0001d7ce-\U0001d7ff\U0001e140-\U0001e149'
            '\U0001e2f0-\U0001e2f9\U0001e950-\U0001e959\U0001fbf0-\U0001fbf9]';
END;
COMMENT ON FUNCTION app.has_hidden_digits(text) IS 'True when the text has decimal digits outside of ASCII, or signs without width, which split a run that people read as one.';

CREATE OR REPLACE FUNCTION app.plain_digits(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN app.has_hidden_digits(p_text)
        THEN translate(p_text, app.foreign_digits(), repeat('0123456789', length(app.foreign_digits()) / 10))
        ELSE p_text END;
END;
COMMENT ON FUNCTION app.plain_digits(text) IS 'The text with the decimal digits of every script as 0 to 9; as long as before.';

CREATE OR REPLACE FUNCTION app.passes_luhn(p_digits text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sum(CASE WHEN (length(p_digits) - i) % 2 = 0 THEN d ELSE d * 2 - 9 * (d / 5) END) % 10 = 0
    FROM generate_series(1, length(p_digits)) AS i
    CROSS JOIN LATERAL (SELECT substr(p_digits, i, 1)::integer AS d) AS x;
END;
COMMENT ON FUNCTION app.passes_luhn(text) IS 'True when a run of digits has the check digit of a card number.';

-- Constants and no table: a restore checks rows before it has filled other tables.
CREATE OR REPLACE FUNCTION app.begins_like_card(p_digits text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_digits COLLATE "C" ~ CASE length(p_digits)
        WHEN 13 THEN '^4'
        WHEN 14 THEN '^3(0[0-5]|095|[689])'
        WHEN 15 THEN '^3[47]'
        WHEN 16 THEN '^(4|5[0-8]|6[0-9]|2(22[1-9]|2[3-9]|[3-6]|7[01]|720)|3(0[0-5]|095|[689]|5(2[89]|[3-8]))|70(71|88)|81|999999)'
        WHEN 17 THEN '^(5[0678]|6[0-57])'
        WHEN 18 THEN '^(5[0678]|6[0-57])'
        WHEN 19 THEN '^(4|5[0678]|6[0-57])'
        ELSE '^(?=a)b' END;
END;
COMMENT ON FUNCTION app.begins_like_card(text) IS 'True when a run of digits begins, for its length, like the cards that are issued (Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, fuel cards) or those of the programme (999999).';

CREATE OR REPLACE FUNCTION app.may_hold_card_number(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Most texts end at the first test, which knows few states. The second: what the groups of a card begin with, with
    -- any signs (S) between; dates, amounts, ids and masked numbers end there.
    SELECT p_text COLLATE "C" ~ '[^A-Za-z]{13}' AND (p_text COLLATE "C" ~ replace('[0-9]{13}|(?:^|[^0-9])(?:'
        '[0-9]{4}S(?:[0-9]{6}S[0-9]{4}|[0-9]{3,4}S[0-9]{3})|[0-9]{6}S(?:[0-9]{6}S[0-9]{4}|[0-9]{10})'
        '|(?:[0-9]S){12}|(?:[0-9]{2}S){7})', 'S', '[^0-9A-Za-z]+') OR app.has_hidden_digits(p_text));
END;
COMMENT ON FUNCTION app.may_hold_card_number(text) IS 'False for nearly all texts, and then the text holds no card number; true says that a closer look is needed: 13 digits in a row, three groups or so as on cards, or digits that are not seen as such. Cheap, and written into the statement that calls it.';

CREATE OR REPLACE FUNCTION app.cut_row(p_text text, p_plain text, p_gap text, p_known text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    -- How digits are grouped on cards: lengths of the groups.
    c_printed CONSTANT text[] := ARRAY['4-4-4-4', '4-4-4-1', '4-4-4-2', '4-4-4-3', '4-4-4-4-1', '4-4-4-4-2', '4-4-4-4-3',
        '4-6-4', '4-6-5', '6-10', '6-13', '6-6-4', '4-3-3-3', '2-2-2-2-2-2-2-2', '1-1-1-1-1-1-1-1-1-1-1-1-1',
        '1-1-1-1-1-1-1-1-1-1-1-1-1-1', '1-1-1-1-1-1-1-1-1-1-1-1-1-1-1', '1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1',
        '1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1'];
    v_tokens text[];
    v_joins boolean[];
    v_count integer;
    v_place integer := 1;
    v_last integer;
    v_next integer;
    v_number text;
    v_shape text;
    v_at integer := 1;
    v_end integer;
    v_copied integer := 1;
    v_rest text;
    v_result text := '';
BEGIN
    -- Groups of digits and what stands between them, in turn.
    SELECT pg_catalog.array_agg(m.token[1] ORDER BY m.ordinality),
        pg_catalog.array_agg(m.token[1] COLLATE "C" ~ ('^' || p_gap || '$') ORDER BY m.ordinality), pg_catalog.count(*)::integer
    INTO v_tokens, v_joins, v_count
    FROM pg_catalog.regexp_matches(p_plain COLLATE "C", '[0-9]+|[^0-9]+', 'g') WITH ORDINALITY AS m (token, ordinality);
    WHILE v_place <= v_count LOOP
        v_last := NULL;
        IF pg_catalog.left(v_tokens[v_place], 1) BETWEEN '0' AND '9' THEN
            v_next := v_place;
            v_number := v_tokens[v_place];
            v_end := v_at + CASE WHEN v_rest IS NULL THEN pg_catalog.length(v_number) ELSE 0 END;
            v_shape := pg_catalog.length(v_number)::text;
            LOOP
                -- Each test is reached by few: a condition of one piece would cost all of them the last one.
                IF pg_catalog.length(v_number) BETWEEN 13 AND 19 AND (v_next = v_place OR v_shape = ANY (c_printed)) THEN
                    IF coalesce(v_number = ANY (p_known), false) THEN
                        v_last := v_next;
                    ELSIF app.begins_like_card(v_number) THEN
                        -- Single digits and pairs are many things: a card only when no more of the kind stand beside.
                        IF v_shape !~ '^[12]-' OR pg_catalog.length(v_tokens[v_place]) <> ALL (ARRAY[
                            CASE WHEN v_joins[v_next + 1] THEN coalesce(pg_catalog.length(v_tokens[v_next + 2]), 0) ELSE 0 END,
                            CASE WHEN v_joins[v_place - 1] THEN coalesce(pg_catalog.length(v_tokens[v_place - 2]), 0) ELSE 0 END])
                        THEN
                            -- Four numbers that rise, and are near, are pages or ids in a row and no groups of a card.
                            IF NOT (v_shape ^@ '4-4-4-4' AND v_tokens[v_place] < v_tokens[v_place + 2]
                                AND v_tokens[v_place + 2] < v_tokens[v_place + 4]
                                AND v_tokens[v_place + 4] < v_tokens[v_place + 6]
                                AND v_tokens[v_place + 6]::integer - v_tokens[v_place]::integer < 100)
                            THEN
                                IF app.passes_luhn(v_number) THEN
                                    v_last := v_next;
                                END IF;
                            END IF;
                        END IF;
                    END IF;
                END IF;
                EXIT WHEN v_last IS NOT NULL OR pg_catalog.length(v_number) >= 19 OR v_next + 2 > v_count
                    OR NOT v_joins[v_next + 1];
                v_next := v_next + 2;
                v_end := v_end + pg_catalog.length(v_tokens[v_next - 1]) + pg_catalog.length(v_tokens[v_next]);
                v_number := v_number || v_tokens[v_next];
                v_shape := v_shape || '-' || pg_catalog.length(v_tokens[v_next])::text;
            END LOOP;
        END IF;
        IF v_last IS NOT NULL THEN
            v_result := v_result || pg_catalog.substr(p_text, v_copied, v_at - v_copied) || pg_catalog.left(v_number, 6)
                || pg_catalog.repeat('X', pg_catalog.length(v_number) - 10);
            -- The last four wait: they may be the first group of the next number.
            v_rest := pg_catalog.right(v_number, 4);
            v_tokens[v_last] := v_rest;
            v_place := v_last;
            v_at := v_end;
            v_copied := v_end;
        ELSE
            IF v_rest IS NULL THEN
                v_at := v_at + pg_catalog.length(v_tokens[v_place]);
            ELSE
                v_result := v_result || v_rest;
                v_rest := NULL;
            END IF;
            v_place := v_place + 1;
        END IF;
    END LOOP;
    RETURN v_result || pg_catalog.substr(p_text, v_copied);
END
$$;
COMMENT ON FUNCTION app.cut_row(text, text, text, text[]) IS 'A row of groups of digits with its card numbers cut, for app.cut_card_numbers: the row as written, with the digits of all scripts as 0 to 9, what may stand between two groups, and the known numbers.';

CREATE OR REPLACE FUNCTION app.cut_card_numbers(p_text text, p_known text[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    c_gap CONSTANT text := '(?:[^0-9A-Za-z]{1,2}|\s[^0-9A-Za-z]\s)';
    c_candidate CONSTANT text := pg_catalog.replace('(?:^|[^0-9])(?:[0-9]{13,19}|[0-9]{4}(?:G[0-9]{4}){2}G[0-9]{1,4}'
        '|[0-9]{4}G[0-9]{6}G[0-9]{4,5}|[0-9]{6}G(?:[0-9]{10}|[0-9]{13}|[0-9]{6}G[0-9]{4})|[0-9]{4}(?:G[0-9]{3}){3}'
        '|[0-9](?:G[0-9]){12,18}|[0-9]{2}(?:G[0-9]{2}){7})(?:[^0-9]|$)', 'G', c_gap);
    v_text text := p_text;
    v_plain text;
    v_row text;
    v_cut text;
    v_from integer;
    v_at integer := 1;
    v_copied integer := 1;
    v_result text := '';
BEGIN
    IF app.has_hidden_digits(v_text) THEN
        -- Signs without width would split a run that people read as one.
        v_text := pg_catalog.translate(v_text, U&'\00AD\200B\200C\200D\200E\200F\202A\202B\202C\202D\202E\2060\FEFF', '');
        v_plain := app.plain_digits(v_text);
    ELSE
        v_plain := v_text;
    END IF;
    IF v_plain COLLATE "C" !~ c_candidate THEN
        RETURN p_text;
    END IF;
    -- Ids and checksums of our own making are no card numbers, whatever their digits are; nor are parcel numbers in
    -- groups (9400 1…), whose inner groups could be taken for one.
    v_plain := pg_catalog.regexp_replace(v_plain COLLATE "C",
        '\m[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\M', pg_catalog.repeat('x', 36), 'gi');
    v_plain := pg_catalog.regexp_replace(v_plain COLLATE "C", '\m[0-9a-f]{64}\M', pg_catalog.repeat('x', 64), 'g');
    v_plain := pg_catalog.regexp_replace(v_plain COLLATE "C",
        '(^|[^0-9])9[1-5][0-9]{2}(?: [0-9]{4}){4} [0-9]{2}(?![0-9]| [0-9])', '\1' || pg_catalog.repeat('x', 27), 'g');
    -- Only rows of groups with a candidate are taken apart, not all of a page. Of a long text all is: each look for the
    -- place of the next row would begin at its start.
    FOREACH v_row IN ARRAY CASE WHEN pg_catalog.length(v_plain) > 20000 THEN ARRAY[v_plain] ELSE ARRAY(
        SELECT m.found[1] FROM pg_catalog.regexp_matches(v_plain COLLATE "C", '[0-9](?:' || c_gap || '?[0-9])*', 'g')
            WITH ORDINALITY AS m (found, place)
        WHERE pg_catalog.length(m.found[1]) >= 13 ORDER BY m.place) END
    LOOP
        -- Behind the row before it stands first where it was found: shorter rows have no room for it.
        v_from := v_at + pg_catalog.strpos(pg_catalog.substr(v_plain, v_at), v_row) - 1;
        v_at := v_from + pg_catalog.length(v_row);
        IF v_row COLLATE "C" ~ c_candidate THEN
            v_cut := app.cut_row(pg_catalog.substr(v_text, v_from, pg_catalog.length(v_row)), v_row, c_gap, p_known);
            IF v_cut <> pg_catalog.substr(v_text, v_from, pg_catalog.length(v_row)) THEN
                v_result := v_result || pg_catalog.substr(v_text, v_copied, v_from - v_copied) || v_cut;
                v_copied := v_at;
            END IF;
        END IF;
    END LOOP;
    RETURN CASE WHEN v_copied = 1 THEN p_text ELSE v_result || pg_catalog.substr(v_text, v_copied) END;
END
$$;
COMMENT ON FUNCTION app.cut_card_numbers(text, text[]) IS 'The text with its card numbers cut to first six and last four digits. A candidate is a run of 13 to 19 digits of any script between other signs, or neighbouring groups as cards are printed (4-4-4-4 and its kin, 4-6-5, 6-10, single digits, pairs) with one or two signs between that are no letters, or a sign between blanks. It is cut when it begins like a card and has the check digit, whatever stands beside it; one of the known numbers is cut without. Ids and checksums as this program makes them are left.';

CREATE OR REPLACE FUNCTION app.hide_card_numbers(p_text text, p_known text[] DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN app.may_hold_card_number(p_text) THEN app.cut_card_numbers(p_text, p_known) ELSE p_text END;
END;
COMMENT ON FUNCTION app.hide_card_numbers(text, text[]) IS 'The text with every card number cut to its first six and last four digits, see app.cut_card_numbers; the numbers given are cut even without a check digit. Costs next to nothing for a text without 13 digits.';

-- No function to be written into its caller: the checks of tables would be planned with it for each statement.
CREATE OR REPLACE FUNCTION app.holds_card_number(p_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
BEGIN
    RETURN CASE WHEN app.may_hold_card_number(p_text) THEN app.cut_card_numbers(p_text, NULL) <> p_text ELSE false END;
END
$$;
COMMENT ON FUNCTION app.holds_card_number(text) IS 'True when app.hide_card_numbers would cut something.';

CREATE OR REPLACE FUNCTION app.shorten(p_text text, p_length integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- Twice: a longer run of digits may become a candidate where it is cut off.
    SELECT app.hide_card_numbers(left(app.hide_card_numbers(p_text), p_length));
END;
COMMENT ON FUNCTION app.shorten(text, integer) IS 'The text without card numbers, cut off after so many characters.';

CREATE OR REPLACE FUNCTION app.refuse_card_number(p_text text, p_argument text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.may_hold_card_number(p_text) AND app.holds_card_number(p_text) THEN
        PERFORM app.fail('IV018', p_argument, NULL, app.shorten(p_text, 200));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_card_number(text, text) IS 'Raises IV018 for a name, id or code in which app.hide_card_numbers would cut something.';

CREATE OR REPLACE FUNCTION app.json_may_hold_card_number(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- As app.may_hold_card_number, within one string or number; control characters that are escaped by a number are
    -- looked at closely.
    SELECT p_text COLLATE "C" ~ '[^A-Za-z"]{13}|\\' AND (p_text COLLATE "C" ~ replace('\\u|[0-9]{13}|(?:^|[^0-9])(?:'
        '[0-9]{4}S(?:[0-9]{6}S[0-9]{4}|[0-9]{3,4}S[0-9]{3})|[0-9]{6}S(?:[0-9]{6}S[0-9]{4}|[0-9]{10})'
        '|(?:[0-9]S){12}|(?:[0-9]{2}S){7})', 'S', '(?:[^0-9A-Za-z"\\]|\\[bfnrt"\\])+') OR app.has_hidden_digits(p_text));
END;
COMMENT ON FUNCTION app.json_may_hold_card_number(text) IS 'False when the document, given as text, holds no card number in a string, key or number; true says that a closer look is needed.';

CREATE OR REPLACE FUNCTION app.flat_json(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    -- No control character stands in the text of jsonb as such.
    SELECT replace(replace(replace(p_text, '\\', E'\x01'), '\"', E'\x02'), '\n', E'\n');
END;
COMMENT ON FUNCTION app.flat_json(text) IS 'A document, given as text, with a backslash, a quote and a line end in its strings as one sign each (U+0001, U+0002, a line end): what stands between two quotes is a string, and a backslash begins any other escape.';

CREATE OR REPLACE FUNCTION app.cuts_in_json(p_parts text[], p_known text[]) RETURNS TABLE (place bigint, cut text)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.place, c.cut
    FROM (
        SELECT p.place, p.part, CASE
            WHEN p.place % 2 = 0 THEN (
                SELECT substr(x.string, 2, length(x.string) - 2)
                FROM app.flat_json(to_jsonb(app.cut_card_numbers((
                    '"' || replace(replace(replace(p.part, E'\n', '\n'), E'\x02', '\"'), E'\x01', '\\')
                    || '"')::jsonb #>> '{}',
                    p_known))::text) AS x (string))
            ELSE (
                SELECT string_agg(CASE WHEN m.token[1] COLLATE "C" ~ '^-?[0-9]{13,19}$'
                            AND app.cut_card_numbers(m.token[1], p_known) <> m.token[1]
                        THEN '"' || app.cut_card_numbers(m.token[1], p_known) || '"' ELSE m.token[1] END,
                    '' ORDER BY m.ordinality)
                FROM regexp_matches(p.part COLLATE "C", '-?[0-9.]+|[^0-9-]+', 'g') WITH ORDINALITY AS m (token, ordinality))
            END AS cut
        FROM unnest(p_parts) WITH ORDINALITY AS p (part, place)
        -- In this order, and before anything is cut: nearly all parts are short.
        WHERE CASE WHEN octet_length(p.part) < 13 THEN false WHEN p.place % 2 = 1 THEN p.part COLLATE "C" ~ '[0-9]{13}'
            ELSE app.may_hold_card_number(p.part) OR strpos(p.part, '\') > 0 END
        OFFSET 0
    ) AS c WHERE c.cut <> c.part;
END;
COMMENT ON FUNCTION app.cuts_in_json(text[], text[]) IS 'Of a document that app.flat_json has written, split at its quotes, the parts that hold a card number, with it cut: every second part is a string or key, between them stand numbers, and a cut number becomes a string.';

CREATE OR REPLACE FUNCTION app.cut_in_json(p_json jsonb, p_known text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_json::text;
    v_parts text[];
    v_cut record;
    v_is_cut boolean := false;
BEGIN
    IF app.json_may_hold_card_number(v_text) IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    v_parts := pg_catalog.string_to_array(app.flat_json(v_text), '"');
    FOR v_cut IN SELECT c.place, c.cut FROM app.cuts_in_json(v_parts, p_known) AS c LOOP
        IF v_cut.place % 2 = 1 OR NOT v_parts[v_cut.place + 1] ^@ ':' THEN
            v_parts[v_cut.place] := v_cut.cut;
            v_is_cut := true;
        END IF;
    END LOOP;
    RETURN CASE WHEN v_is_cut THEN pg_catalog.replace(pg_catalog.replace(pg_catalog.replace(
        pg_catalog.array_to_string(v_parts, '"'), E'\n', '\n'), E'\x02', '\"'), E'\x01', '\\')::jsonb END;
END
$$;
COMMENT ON FUNCTION app.cut_in_json(jsonb, text[]) IS 'The document with the card numbers in its strings and whole numbers cut, see app.cut_card_numbers; a cut number becomes a string. Null when none is cut. Keys are never shortened: tables refuse a document with a card number in one. A document that holds none costs one look at its text, another one a look at each long string.';

CREATE OR REPLACE FUNCTION app.hide_in_json(p_json jsonb, p_known text[] DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(app.cut_in_json(p_json, p_known), p_json);
END;
COMMENT ON FUNCTION app.hide_in_json(jsonb, text[]) IS 'The document with every card number in its values cut, see app.cut_in_json.';

-- Strict: a constraint asks it of a null as well, since a test of it is not false.
CREATE OR REPLACE FUNCTION app.json_holds_card_number(p_json jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT
SET search_path = ''
AS $$
DECLARE
    v_text text := p_json::text;
BEGIN
    IF app.json_may_hold_card_number(v_text) THEN
        RETURN EXISTS (
            SELECT FROM app.cuts_in_json(pg_catalog.string_to_array(app.flat_json(v_text), '"'), NULL) AS c);
    END IF;
    RETURN false;
END
$$;
COMMENT ON FUNCTION app.json_holds_card_number(jsonb) IS 'True when a card number stands in a value or a key of the document.';

CREATE OR REPLACE FUNCTION app.card_digits(p_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
SET search_path = ''
AS $$
DECLARE
    v_digits text;
BEGIN
    IF p_text COLLATE "C" !~ '[A-Za-z*]' THEN
        v_digits := pg_catalog.regexp_replace(app.plain_digits(p_text) COLLATE "C", '[^0-9]', '', 'g');
    END IF;
    RETURN CASE WHEN v_digits COLLATE "C" ~ '^[0-9]{13,19}$' THEN v_digits END;
END
$$;
COMMENT ON FUNCTION app.card_digits(text) IS 'The 13 to 19 digits of a card field that holds an unmasked number, whatever stands between them; null for anything else.';

CREATE OR REPLACE FUNCTION app.mask_card_number(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_text COLLATE "C" ~ '^[0-9]{6}([0-9]{6}|[Xx*]{6})[0-9]{4}$' THEN left(p_text, 6) || 'XXXXXX' || right(p_text, 4)
        WHEN length(app.card_digits(p_text)) = 16
            THEN left(app.card_digits(p_text), 6) || 'XXXXXX' || right(app.card_digits(p_text), 4) END;
END;
COMMENT ON FUNCTION app.mask_card_number(text) IS 'First six, XXXXXX, last four of a card number of 16 places, masked or not; null for anything else.';

CREATE OR REPLACE FUNCTION app.cut_card_field(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN app.card_digits(p_text) IS NULL THEN app.hide_card_numbers(p_text)
        ELSE left(app.card_digits(p_text), 6) || repeat('X', length(app.card_digits(p_text)) - 10)
            || right(app.card_digits(p_text), 4) END;
END;
COMMENT ON FUNCTION app.cut_card_field(text) IS 'What a card field says, with any number of 13 to 19 digits cut to first six and last four, check digit or not.';

CREATE OR REPLACE VIEW audit.text_columns AS
SELECT a.attrelid, a.attname, a.attnum, a.atttypid
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE c.relnamespace IN ('app'::regnamespace, 'audit'::regnamespace) AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped
    AND (coalesce(e.typcategory, t.typcategory) = 'S' OR t.oid IN ('jsonb'::regtype, 'json'::regtype));
COMMENT ON VIEW audit.text_columns IS 'Columns of tables of app and audit that hold text: texts, names, arrays of them, jsonb.';
COMMENT ON COLUMN audit.text_columns.attrelid IS 'The table.';
COMMENT ON COLUMN audit.text_columns.attname IS 'The column.';
COMMENT ON COLUMN audit.text_columns.attnum IS 'Its number.';
COMMENT ON COLUMN audit.text_columns.atttypid IS 'Its type.';

CREATE OR REPLACE FUNCTION audit.text_test(p_table regclass) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_tests text[];
BEGIN
    -- The separator is a letter: digits of neighbouring columns are no candidate. The first test of the functions stands
    -- in front of them: nearly all rows end there, and nothing has to be planned for a statement.
    SELECT pg_catalog.array_remove(ARRAY[
        pg_catalog.replace('concat_ws(TEXTS) COLLATE "C" ~ ''[^A-Za-z]{13}'' AND app.holds_card_number(concat_ws(TEXTS))',
            'concat_ws(TEXTS)', 'pg_catalog.concat_ws(''x'', ' || pg_catalog.string_agg(CASE
                WHEN t.typcategory = 'A' THEN pg_catalog.format('pg_catalog.array_to_string(%I, ''x'')', a.attname)
                ELSE pg_catalog.quote_ident(a.attname) END, ', ' ORDER BY a.attnum)
                FILTER (WHERE t.oid <> 'jsonb'::regtype) || ')'),
        pg_catalog.string_agg(pg_catalog.format(
            '%1$I::text COLLATE "C" ~ ''[^A-Za-z"]{13}|\\'' AND app.json_holds_card_number(%1$I)', a.attname),
            ' OR ' ORDER BY a.attnum) FILTER (WHERE t.oid = 'jsonb'::regtype)], NULL) INTO v_tests
    FROM audit.text_columns AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
    WHERE a.attrelid = p_table;
    RETURN nullif(pg_catalog.array_to_string(v_tests, ' OR '), '');
END
$$;
COMMENT ON FUNCTION audit.text_test(regclass) IS 'A condition over the rows of a table, true for one with a card number in any of its columns of text, array of text or jsonb; null for a table without such a column.';

CREATE OR REPLACE FUNCTION audit.guard_texts(p_table regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_name name := (SELECT (c.relname || '_card_numbers_check')::name FROM pg_catalog.pg_class AS c WHERE c.oid = p_table);
    v_test text := audit.text_test(p_table);
BEGIN
    EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', p_table, v_name);
    IF v_test IS NOT NULL THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I CHECK ((%s) IS NOT TRUE)', p_table, v_name, v_test);
    END IF;
END
$$;
COMMENT ON FUNCTION audit.guard_texts(regclass) IS 'For migrations: makes, or makes anew, the constraint <table>_card_numbers_check, which refuses a row with a card number in any of its columns of text, array of text or jsonb. The functions that guard tables call it; call it again after adding a column.';

CREATE OR REPLACE FUNCTION report.find_masked_texts(p_table_name text DEFAULT NULL)
RETURNS TABLE (table_name text, column_name text, row_key text, masks integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_column record;
BEGIN
    FOR v_column IN
        SELECT c.relnamespace::regnamespace::text AS schema_name, c.relname::text AS relation, a.attname::text AS attname,
            CASE WHEN c.relnamespace = 'app'::regnamespace THEN '' ELSE 'audit.' END || c.relname AS shown_name,
            pg_catalog.array_agg(k.attname::text ORDER BY pg_catalog.array_position(i.indkey::smallint[], k.attnum)) AS keys
        FROM audit.text_columns AS a
        JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
        JOIN pg_catalog.pg_attribute AS k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey::smallint[])
        -- Of the audit the reasons and request ids; the rest are copies of rows.
        WHERE (c.relnamespace = 'app'::regnamespace OR c.oid = 'audit.commits'::regclass)
            AND (p_table_name IS NULL OR p_table_name = c.relname)
            -- There the mask is the form of the number.
            AND a.attname <> 'card_number'
        GROUP BY c.oid, c.relnamespace, c.relname, a.attname, a.attnum
        ORDER BY c.relname COLLATE "C", a.attnum
    LOOP
        table_name := v_column.shown_name;
        column_name := v_column.attname;
        FOR row_key, masks IN EXECUTE pg_catalog.format('
            SELECT (SELECT pg_catalog.string_agg(pg_catalog.to_jsonb(t) ->> k.name, '','' ORDER BY k.place)
                    FROM pg_catalog.unnest($1) WITH ORDINALITY AS k (name, place)),
                -- Two numbers in a row may share the digits between.
                pg_catalog.regexp_count(t.%1$I::text, ''[0-9]{2}X{3,9}(?=[0-9]{4})'')
            FROM %2$I.%3$I AS t
            WHERE t.%1$I::text LIKE ''%%XXX%%'' AND t.%1$I::text ~ ''[0-9]{6}X{3,9}[0-9]{4}''',
            v_column.attname, v_column.schema_name, v_column.relation) USING v_column.keys
        LOOP
            RETURN NEXT;
        END LOOP;
    END LOOP;
END
$$;
COMMENT ON FUNCTION report.find_masked_texts(text) IS 'Texts of one table of schema app or of audit.commits, or of all, in which card numbers are cut: table, column, key of the row and how many. One that came masked already is counted alike. Reads the whole table; there is nothing to be kept in step.';
GRANT EXECUTE ON FUNCTION report.find_masked_texts(text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.masked_texts AS
SELECT m.table_name, m.column_name, m.row_key, m.masks FROM report.find_masked_texts() AS m;
COMMENT ON VIEW report.masked_texts IS 'Every text in which card numbers are cut, see report.find_masked_texts, which looks at one table only.';
COMMENT ON COLUMN report.masked_texts.table_name IS 'Table of schema app, or audit.commits.';
COMMENT ON COLUMN report.masked_texts.column_name IS 'The column.';
COMMENT ON COLUMN report.masked_texts.row_key IS 'Key of the row, parts joined by commas.';
COMMENT ON COLUMN report.masked_texts.masks IS 'How many card numbers are cut in it.';
GRANT SELECT ON report.masked_texts TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
