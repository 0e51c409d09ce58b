-- The strict gate: a text is judged once, as a whole, before anything of it is believed.
-- requires: foundation/settings
-- requires: foundation/card_numbers

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('json_max_employees', 20000, 1, 1000000, 'employees', 'Most employees an activity.json may name.'),
('json_max_rejects', 500, 1, 10000, 'faults', 'Most faults of a file that are told one by one; of the others, how many.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE FUNCTION app.count_text(p_text text, p_part text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (octet_length(p_text) - octet_length(replace(p_text, p_part, ''))) / octet_length(p_part);
END;
COMMENT ON FUNCTION app.count_text(text, text) IS 'How often a part stands in a text, without overlaps.';

CREATE OR REPLACE FUNCTION app.has_unique_keys(p_text text, p_json jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = ''
AS $$
DECLARE
    v_text text := p_text;
    v_printed text;
BEGIN
    -- A quote inside a string is always escaped, so quote and colon together end a key or follow a backslash.
    -- jsonb keeps one of equal keys: when it prints as many keys as the text has, none came twice.
    IF v_text COLLATE "C" ~ '"\s+:' THEN
        v_text := pg_catalog.regexp_replace(v_text, '"\s+:', '":', 'g');
    END IF;
    -- A key that ends with a backslash would be taken for an escaped quote: not provable this way.
    IF pg_catalog.strpos(v_text, '\\":') > 0 THEN
        RETURN false;
    END IF;
    v_printed := p_json::text;
    -- Counting takes longer than seeing that there is nothing to count.
    RETURN app.count_text(v_text, '":')
            - CASE WHEN pg_catalog.strpos(v_text, '\":') > 0 THEN app.count_text(v_text, '\":') ELSE 0 END
        = app.count_text(v_printed, '": ')
            - CASE WHEN pg_catalog.strpos(v_printed, '\": ') > 0 THEN app.count_text(v_printed, '\": ') ELSE 0 END;
END
$$;
COMMENT ON FUNCTION app.has_unique_keys(text, jsonb) IS 'True proves that no object of the text names a key twice; false proves nothing. The numbers of the jsonb must have been checked, so that its text is not longer than the file.';

CREATE OR REPLACE FUNCTION app.find_repeated_key(p_text text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    WITH RECURSIVE nodes AS (
        SELECT '$' AS path, p_text::json AS value, json_typeof(p_text::json) AS kind
        UNION ALL
        SELECT n.path || c.step, c.value, json_typeof(c.value)
        FROM nodes AS n
        CROSS JOIN LATERAL (
            SELECT '.' || to_json(app.hide_card_numbers(e.key))::text AS step, e.value
            FROM json_each(CASE n.kind WHEN 'object' THEN n.value END) AS e
            UNION ALL
            SELECT '[' || (a.ordinality - 1)::text || ']', a.value
            FROM json_array_elements(CASE n.kind WHEN 'array' THEN n.value END) WITH ORDINALITY AS a
        ) AS c
        WHERE json_typeof(c.value) IN ('object', 'array')
    )
    SELECT n.path || '.' || to_json(app.hide_card_numbers(min(k.key)))::text
    FROM nodes AS n
    CROSS JOIN LATERAL json_object_keys(CASE n.kind WHEN 'object' THEN n.value END) AS k (key)
    WHERE n.kind = 'object'
    GROUP BY n.path, k.key
    HAVING count(*) > 1
    ORDER BY 1
    LIMIT 1;
END;
COMMENT ON FUNCTION app.find_repeated_key(text) IS 'Path of the first key that an object names twice, null when there is none. Exact and slow: walks the whole file.';

CREATE OR REPLACE FUNCTION app.strange_numbers(p_json jsonb) RETURNS SETOF numeric
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT n.value::numeric
    -- As one array: handed out one by one, each takes a move of all that follow.
    FROM jsonb_array_elements(jsonb_path_query_array(p_json,
        'strict $.** ? (@.type() == "number"
            && (@ >= 1000000000000 || @ <= -1000000000000 || (@ < 1e-20 && @ > -1e-20)))')) AS n (value)
    WHERE n.value::numeric <> 0 OR scale(n.value::numeric) > 20;
END;
COMMENT ON FUNCTION app.strange_numbers(jsonb) IS 'Numbers of a document from 10^12 on, or nearer to 0 than 10^-20, also a 0 with more than 20 places: those whose text could be much longer than the file. Read without printing them.';

-- Generic plans, here and in what hands the file on: one made for the file holds the file, several times over.
CREATE OR REPLACE FUNCTION app.judge_json(p_text text, OUT content jsonb, OUT has_strange_numbers boolean)
LANGUAGE plpgsql STABLE
SET search_path = '' SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_detail text;
    v_context text;
    v_state text;
    v_max_depth integer := app.setting('json_max_depth')::integer;
    v_repeated text;
    v_employees bigint;
BEGIN
    IF pg_catalog.octet_length(p_text) > app.setting('json_max_bytes') THEN
        PERFORM app.fail('IV005', 'file',
            pg_catalog.format('at most %s bytes', app.setting('json_max_bytes')),
            pg_catalog.octet_length(p_text)::text);
    END IF;
    -- A trim takes a text apart into characters: of a large file only what begins blank is looked at as a whole.
    IF pg_catalog.btrim(pg_catalog.left(p_text, 1000), E' \t\r\n') = ''
        AND pg_catalog.btrim(p_text, E' \t\r\n') = ''
    THEN
        PERFORM app.fail('IV009', 'file', 'a JSON object of employees', 'nothing');
    END IF;
    BEGIN
        content := p_text::jsonb;
    EXCEPTION
        WHEN invalid_text_representation OR untranslatable_character OR statement_too_complex
            OR numeric_value_out_of_range OR program_limit_exceeded
        THEN
            GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_detail = PG_EXCEPTION_DETAIL,
                v_context = PG_EXCEPTION_CONTEXT;
            v_context := (pg_catalog.regexp_match(v_context, 'JSON data, (line [0-9]+: [^\n]*)'))[1];
            PERFORM app.fail(
                CASE
                    WHEN v_state = '22P05' OR v_detail LIKE 'Unicode%' THEN 'IV002'
                    WHEN v_state = '54001' THEN 'IV004'
                    WHEN v_state = '54000' THEN 'IV005'
                    WHEN v_state = '22003' THEN 'IV011'
                    ELSE 'IV001' END,
                coalesce(
                    (SELECT m.key[1] FROM pg_catalog.regexp_matches(v_context, '"([A-Za-z_ ]+)"\s*:', 'g')
                        WITH ORDINALITY AS m (key, place) ORDER BY m.place DESC LIMIT 1),
                    pg_catalog.split_part(v_context, ':', 1), 'file'),
                CASE WHEN v_state = '54001' THEN pg_catalog.format('at most %s levels', v_max_depth) ELSE 'JSON' END,
                app.shorten(coalesce(nullif(pg_catalog.concat_ws(' At ', v_detail, v_context), ''), 'more'), 500));
    END;
    IF pg_catalog.jsonb_typeof(content) = 'object' THEN
        v_employees := (SELECT pg_catalog.count(*) FROM pg_catalog.jsonb_object_keys(content));
        IF v_employees > app.setting('json_max_employees') THEN
            PERFORM app.fail('IV023', '$', pg_catalog.format('at most %s', app.setting('json_max_employees')),
                v_employees::text);
        END IF;
    END IF;
    IF pg_catalog.jsonb_path_exists(content,
        pg_catalog.format('strict $.**{%s}', v_max_depth)::jsonpath)
    THEN
        PERFORM app.fail('IV004', 'file', pg_catalog.format('at most %s levels', v_max_depth), 'more');
    END IF;
    -- Counting keys prints the document, which is only safe without strange numbers; with one, walk the text.
    has_strange_numbers := EXISTS (SELECT FROM app.strange_numbers(content));
    IF has_strange_numbers OR NOT app.has_unique_keys(p_text, content) THEN
        v_repeated := pg_catalog.left(app.find_repeated_key(p_text), 1000);
        IF v_repeated IS NOT NULL THEN
            PERFORM app.fail('IV003', v_repeated, 'each key once', pg_catalog.format('%s again', v_repeated));
        END IF;
    END IF;
END
$$;
COMMENT ON FUNCTION app.judge_json(text) IS 'The text as jsonb, or IV001 (not JSON), IV002 (NUL or half a surrogate pair), IV003 (a key twice), IV004 (too deep), IV005 (too large), IV009 (empty), IV011 (a number nothing can hold), IV023 (too many employees), naming the place; and whether it has numbers that must not be printed, see app.strange_numbers.';

COMMIT;
