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

CREATE TYPE app.member AS (member_name text, kind text, may_miss boolean, may_be_null boolean, allowed text[]);
COMMENT ON TYPE app.member IS 'A member of an object in an argument: uuid, version, whole, share, chance, money, date, day, text, code, texts, boolean or object; whether it may be left out or null; for text its closed list, else null.';

CREATE OR REPLACE FUNCTION app.wanted(p_kind text, p_allowed text[], p_value jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
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
        WHEN p_kind = 'texts' THEN CASE
            WHEN (jsonb_typeof(p_value) = 'array' AND NOT jsonb_path_exists(p_value, '$[*].type() ? (@ != "string")'))
                IS NOT TRUE THEN 'a list of texts' END
        WHEN jsonb_typeof(p_value) <> p_kind THEN concat_ws(' ', CASE p_kind WHEN 'object' THEN 'an' ELSE 'a' END, p_kind) END;
END;
COMMENT ON FUNCTION app.wanted(text, text[], jsonb) IS 'What a value of this kind has to be, in words, when it is not; null when it is. Money is a number or a text of at most 12 digits and 2 decimals, so that a third decimal is refused and never rounded; NaN and infinity are none. A day is a date from 2000-01-01 on, a code has 1 to 200 characters.';

CREATE OR REPLACE FUNCTION app.member_faults(p_argument text, p_value jsonb, p_members app.member[])
RETURNS TABLE (place bigint, path text, expected text, got text)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH objects AS (
        SELECT i.ordinality AS place, i.value, jsonb_typeof(i.value) = 'object' AS is_object,
            p_argument || CASE jsonb_typeof(p_value) WHEN 'array' THEN '[' || (i.ordinality - 1) || ']' ELSE '' END AS path
        FROM jsonb_array_elements(CASE jsonb_typeof(p_value) WHEN 'array' THEN p_value ELSE jsonb_build_array(p_value) END)
            WITH ORDINALITY AS i
    )
    SELECT o.place, o.path, 'an object', jsonb_typeof(o.value) FROM objects AS o WHERE NOT o.is_object
    UNION ALL
    SELECT o.place, concat_ws('.', nullif(o.path, ''), left(app.hide_card_numbers(k.key), 80)),
        'only ' || (SELECT string_agg(m.member_name, ', ') FROM unnest(p_members) AS m), 'another member'
    FROM objects AS o
    CROSS JOIN LATERAL jsonb_object_keys(CASE WHEN o.is_object THEN o.value END) AS k (key)
    WHERE k.key <> ALL (ARRAY(SELECT m.member_name FROM unnest(p_members) AS m))
    UNION ALL
    SELECT o.place, concat_ws('.', nullif(o.path, ''), m.member_name), coalesce(app.wanted(m.kind, m.allowed, coalesce(v.value, 'null')), 'a value'),
        CASE WHEN v.value IS NULL THEN 'nothing' ELSE left(app.hide_card_numbers(v.value::text), 100) END
    FROM objects AS o
    CROSS JOIN unnest(p_members) AS m
    CROSS JOIN LATERAL (SELECT o.value -> m.member_name AS value) AS v
    WHERE o.is_object AND CASE
        WHEN v.value IS NULL THEN NOT m.may_miss
        WHEN v.value = 'null' THEN NOT m.may_be_null
        ELSE app.wanted(m.kind, m.allowed, v.value) IS NOT NULL END;
END;
COMMENT ON FUNCTION app.member_faults(text, jsonb, app.member[]) IS 'Everything wrong with an object, or with the objects of a list: where (argument[place from 0].member), what is expected and what came.';

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
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT app.fail_all('IV008', array_agg(f.path ORDER BY f.place, f.path), array_agg(f.expected ORDER BY f.place, f.path),
        array_agg(f.got ORDER BY f.place, f.path))
    FROM app.member_faults(p_argument, p_value, p_members) AS f;
END;
COMMENT ON FUNCTION app.refuse_members(text, jsonb, app.member[]) IS 'Refuses an object, or a list of objects, whose members are not as told: IV008, every one named.';

SELECT app.pin_entry_points();

COMMIT;
