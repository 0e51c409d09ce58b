-- The shape of objects in arguments: what each member may be, and one refusal that names every wrong one.
-- requires: foundation/errors
-- requires: foundation/card_numbers
-- requires: foundation/users

BEGIN;

-- Definer: report.terms calls it with the rights of who reads.
CREATE OR REPLACE FUNCTION report.role_names() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT app.user_roles();
END;
COMMENT ON FUNCTION report.role_names() IS 'The roles a user may have, as app.user_roles names them.';
GRANT EXECUTE ON FUNCTION report.role_names()
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW app.closed_lists AS
SELECT c.relname || '.' || a.attname AS list_name, c.oid AS table_id, a.attname AS column_name,
    CASE WHEN d.definition ~ 'user_roles' THEN report.role_names() ELSE ARRAY(SELECT m.value[1]
        FROM regexp_matches(d.definition, '''((?:[^'']|'''')*)''::text', 'g') AS m (value)) END AS allowed
FROM pg_catalog.pg_constraint AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
-- Quoted, and with its schema, or not: as the session is set.
CROSS JOIN LATERAL (SELECT replace(pg_get_constraintdef(k.oid), '"', '') AS definition) AS d
-- Of one column and nothing else: combined checks hold the same words and mean something else.
WHERE k.contype = 'c' AND cardinality(k.conkey) = 1 AND c.relnamespace = 'app'::regnamespace
    AND a.atttypid = 'text'::regtype
    AND d.definition ~ ('^CHECK \(\(' || a.attname || ' = ANY \((ARRAY\[[^]]*\]|(app\.)?user_roles\(\))\)\)\)$');
COMMENT ON VIEW app.closed_lists IS 'The closed lists of values: each is the CHECK of one column of schema app.';

CREATE OR REPLACE FUNCTION app.closed_list(p_list_name text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT l.allowed FROM app.closed_lists AS l WHERE l.list_name = p_list_name;
END;
COMMENT ON FUNCTION app.closed_list(text) IS 'The values of a closed list, by table.column.';

CREATE OR REPLACE FUNCTION app.is_code(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_text COLLATE "C" ~ '^(?![Cc][Ll][Ee][Aa][Rr]$)[0-9A-Za-z]([0-9A-Za-z ._/&+:#()-]*[0-9A-Za-z._/&+:#()-])?$' AND length(p_text) <= 80;
END;
COMMENT ON FUNCTION app.is_code(text) IS 'True when a text can be a code of receipts (job, phase, cost type, GL account): 1 to 80 letters and digits of ASCII, blanks and . _ / & + : # ( ) -, beginning with a letter or digit, no blank at its end, and not the word CLEAR in any capitals, by which people take a code away. Null for null. The check of app.receipt_contents says the same, which a test compares.';

CREATE TYPE app.member AS (member_name text, kind text, may_miss boolean, may_be_null boolean, allowed text[]);
COMMENT ON TYPE app.member IS 'A member of an object in an argument: uuid, version, whole, share, chance, money, date, day, text, code, coding, texts, boolean or object; whether it may be left out or null; for text its closed list, else null.';

CREATE OR REPLACE FUNCTION app.wanted(p_kind text, p_allowed text[], p_value jsonb) RETURNS text
-- Stable, as what it calls is, so that it is written into the query that calls it.
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN p_kind = 'uuid' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'string'
                AND p_value #>> '{}' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') IS NOT TRUE THEN 'a uuid' END
        WHEN p_kind = 'version' THEN CASE
            WHEN (p_value #>> '{}' ~ '^[0-9]{1,10}$' AND jsonb_typeof(p_value) = 'number'
                AND (p_value #>> '{}')::bigint BETWEEN 1 AND 2147483647) IS NOT TRUE
                THEN 'a whole number from 1 to 2147483647' END
        WHEN p_kind = 'share' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'number' AND p_value #>> '{}' ~ '^-?[0-9](\.[0-9]{1,2})?$') IS NOT TRUE
                THEN 'a number below 10 with at most 2 decimals' END
        WHEN p_kind = 'whole' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'number' AND p_value #>> '{}' ~ '^-?[0-9]{1,9}$') IS NOT TRUE
                THEN 'a whole number below 10^9' END
        WHEN p_kind = 'chance' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'number' AND p_value #>> '{}' ~ '^-?[0-9](\.[0-9]{1,5})?$') IS NOT TRUE
                THEN 'a number below 10 with at most 5 decimals' END
        WHEN p_kind = 'money' THEN CASE
            WHEN (jsonb_typeof(p_value) IN ('number', 'string') AND p_value #>> '{}' ~ '^-?[0-9]{1,12}(\.[0-9]{1,2})?$')
                IS NOT TRUE THEN 'dollars below 10^12 in whole cents' END
        WHEN p_kind IN ('date', 'day') THEN CASE
            WHEN jsonb_typeof(p_value) <> 'string'
                OR p_value #>> '{}' !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                OR p_value #>> '{}' LIKE '0000%' THEN 'a date, YYYY-MM-DD'
            WHEN right(p_value #>> '{}', 2)::integer > extract(day FROM make_date(left(p_value #>> '{}', 4)::integer,
                substr(p_value #>> '{}', 6, 2)::integer, 1) + interval '1 month - 1 day')
                THEN 'a day of the calendar'
            WHEN p_kind = 'day' AND p_value #>> '{}' < '2000' COLLATE "C" THEN 'a day from 2000-01-01 on' END
        WHEN p_kind = 'text' THEN CASE
            WHEN jsonb_typeof(p_value) <> 'string' OR length(p_value #>> '{}') > 10000 THEN 'text of at most 10000 characters'
            WHEN p_value #>> '{}' <> ALL (p_allowed) THEN 'one of ' || array_to_string(p_allowed, ', ') END
        WHEN p_kind = 'code' THEN CASE
            WHEN jsonb_typeof(p_value) <> 'string' OR length(btrim(p_value #>> '{}')) NOT BETWEEN 1 AND 200
                THEN 'text of 1 to 200 characters' END
        WHEN p_kind = 'coding' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'string' AND (p_value = '""' OR app.is_code(p_value #>> '{}'))) IS NOT TRUE
                THEN 'a code: 1 to 80 letters and digits of ASCII, blanks and . _ / & + : # ( ) -, beginning with a letter or digit' END
        WHEN p_kind = 'texts' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'array' AND NOT jsonb_path_exists(p_value, '$[*].type() ? (@ != "string")'))
                IS NOT TRUE THEN 'a list of texts' END
        WHEN jsonb_typeof(p_value) <> p_kind THEN concat_ws(' ', CASE p_kind WHEN 'object' THEN 'an' ELSE 'a' END, p_kind) END;
END;
COMMENT ON FUNCTION app.wanted(text, text[], jsonb) IS 'What a value of this kind has to be, in words, when it is not; null when it is. Money is a number or a text of at most 12 digits and 2 decimals, so that a third decimal is refused and never rounded; NaN and infinity are none. A day is a date from 2000-01-01 on, a code has 1 to 200 characters, a coding is a code by app.is_code, or empty for none.';

CREATE OR REPLACE FUNCTION app.member_faults(p_paths text[], p_values jsonb[], p_members app.member[])
RETURNS TABLE (place bigint, path text, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    -- One call for all objects, and each member looked at once.
    RETURN QUERY
    WITH objects AS MATERIALIZED (
        SELECT o.place, o.path, o.value, pg_catalog.jsonb_typeof(o.value) IS NOT DISTINCT FROM 'object' AS is_object
        FROM unnest(p_paths, p_values) WITH ORDINALITY AS o (path, value, place)
    )
    SELECT o.place, o.path, 'an object', pg_catalog.jsonb_typeof(o.value) FROM objects AS o WHERE NOT o.is_object
    UNION ALL
    SELECT o.place, concat_ws('.', nullif(o.path, ''), pg_catalog.left(app.hide_card_numbers(k.key), 80)),
        'only ' || (SELECT pg_catalog.string_agg(m.member_name, ', ') FROM pg_catalog.unnest(p_members) AS m), 'another member'
    FROM objects AS o
    CROSS JOIN LATERAL jsonb_object_keys(CASE WHEN o.is_object THEN o.value END) AS k (key)
    WHERE k.key <> ALL (ARRAY(SELECT m.member_name FROM pg_catalog.unnest(p_members) AS m))
    UNION ALL
    SELECT f.place, concat_ws('.', nullif(f.path, ''), f.member_name), f.expected,
        CASE WHEN f.value IS NULL THEN 'nothing' ELSE pg_catalog.left(app.hide_card_numbers(f.value::text), 100) END
    FROM (
        SELECT v.*, CASE
            WHEN v.value IS NULL AND v.may_miss OR v.value = 'null' AND v.may_be_null THEN NULL
            ELSE coalesce(app.wanted(v.kind, v.allowed, v.told), CASE WHEN v.told = 'null' THEN 'a value' END) END AS expected
        FROM (
            SELECT o.place, o.path, m.*, o.value -> m.member_name AS value, coalesce(o.value -> m.member_name, 'null') AS told
            FROM objects AS o
            CROSS JOIN pg_catalog.unnest(p_members) AS m
            WHERE o.is_object OFFSET 0
        ) AS v
        OFFSET 0
    ) AS f
    WHERE f.expected IS NOT NULL;
END
$$;
COMMENT ON FUNCTION app.member_faults(text[], jsonb[], app.member[]) IS 'Everything wrong with objects, each called by its path (same place in both arrays): which object, where (path.member), what is expected and what came.';

CREATE OR REPLACE FUNCTION app.fail_all(p_code text, p_paths text[], p_expected text[], p_got text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.cardinality(p_paths) > 0 THEN
        -- The first as any error; each of the others on a line of the detail.
        PERFORM app.fail(p_code, p_paths[1], p_expected[1], p_got[1] || coalesce((
            SELECT pg_catalog.string_agg(pg_catalog.format(E'\n%s: expected %s, got %s', f.path, f.expected, f.got), ''
                ORDER BY f.place)
            FROM ROWS FROM (pg_catalog.unnest(p_paths), pg_catalog.unnest(p_expected), pg_catalog.unnest(p_got))
                WITH ORDINALITY AS f (path, expected, got, place)
            WHERE f.place BETWEEN 2 AND 500), '')
            || CASE WHEN pg_catalog.cardinality(p_paths) > 500
                THEN pg_catalog.format(E'\nand %s more', pg_catalog.cardinality(p_paths) - 500) ELSE '' END);
    END IF;
END
$$;
COMMENT ON FUNCTION app.fail_all(text, text[], text[], text[]) IS 'Raises one error that names several places, nothing for none: the first as app.fail does, each of the others as a line of the detail (path: expected …, got …), 500 at most, and then how many more.';

CREATE OR REPLACE FUNCTION app.refuse_members(p_argument text, p_value jsonb, p_members app.member[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_is_list boolean := pg_catalog.jsonb_typeof(p_value) = 'array';
    v_values jsonb[] := CASE WHEN v_is_list
        THEN ARRAY(SELECT i.value FROM pg_catalog.jsonb_array_elements(p_value) WITH ORDINALITY AS i ORDER BY i.ordinality)
        ELSE ARRAY[coalesce(p_value, 'null')] END;
BEGIN
    PERFORM app.fail_all('IV008', pg_catalog.array_agg(f.path ORDER BY f.place, f.path),
        pg_catalog.array_agg(f.expected ORDER BY f.place, f.path), pg_catalog.array_agg(f.got ORDER BY f.place, f.path))
    FROM app.member_faults(ARRAY(
        SELECT p_argument || CASE WHEN v_is_list THEN '[' || (i.place - 1) || ']' ELSE '' END
        FROM pg_catalog.generate_series(1, pg_catalog.cardinality(v_values)) AS i (place) ORDER BY i.place),
        v_values, p_members) AS f;
END
$$;
COMMENT ON FUNCTION app.refuse_members(text, jsonb, app.member[]) IS 'Refuses an object, or a list of objects, whose members are not as told: IV008, every one named.';

SELECT app.pin_entry_points();

COMMIT;
