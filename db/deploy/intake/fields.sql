-- The old program's activity.json: the fields it may have, and what is wrong with an entry.
-- requires: intake/json_gate
-- requires: foundation/values
-- requires: people/names

BEGIN;

CREATE TYPE app.activity_receipt AS (
    rec_id text,
    exp text,
    date text,
    title text,
    amt jsonb,
    purpose text,
    merch_name text,
    merch_addy text,
    code_type text,
    job text,
    phase text,
    cost_type text,
    gl_acct text,
    gl_desc text,
    coded boolean,
    attachment boolean
);
COMMENT ON TYPE app.activity_receipt IS 'The fields of a receipt in activity.json: the only list of them. Each is the text, boolean or amount (jsonb: a string, or a number) that its type says, null, or missing.';

-- A field that is not here is kept as it is for the way back.
CREATE OR REPLACE VIEW app.activity_fields AS
SELECT 'employee' AS holder, f.field, f.kinds FROM (VALUES
    ('name', '{string,"null"}'::text[]), ('employee_id', '{string,"null"}'), ('car_page_range', '{array,"null"}'),
    ('car_total', '{number,"null"}'), ('card_no', '{string,"null"}'), ('files', '{array,"null"}'),
    ('rec_page_range', '{array,"null"}'), ('rec_total', '{number,"null"}'), ('flags', '{object,"null"}'),
    ('receipts', '{object,"null"}')
) AS f (field, kinds)
UNION ALL
SELECT 'receipt', a.attname::text,
    CASE a.atttypid
        WHEN 'text'::regtype THEN '{string,"null"}'
        WHEN 'boolean'::regtype THEN '{boolean,"null"}'
        ELSE '{string,number,"null"}' END::text[]
FROM pg_attribute AS a WHERE a.attrelid = 'app.activity_receipt'::regclass AND NOT a.attisdropped
UNION ALL
SELECT 'flags', f.field, '{boolean,"null"}'
FROM unnest(ARRAY['missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch']) AS f (field);
COMMENT ON VIEW app.activity_fields IS 'Fields of an employee, of its flags and of a receipt in activity.json with the JSON types each may have; any may be missing.';

CREATE OR REPLACE FUNCTION app.field_names(p_holder text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(f.field) FROM app.activity_fields AS f WHERE f.holder = p_holder;
END;
COMMENT ON FUNCTION app.field_names(text) IS 'The fields we know of an employee, of its flags or of a receipt.';

CREATE OR REPLACE FUNCTION app.wrong_field(p_holder text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg((
            SELECT '(' || string_agg(format('@.%s.type() != "%s"', f.field, k.kind), ' && ') || ')'
            FROM unnest(f.kinds) AS k (kind)), ' || ')
    FROM app.activity_fields AS f WHERE f.holder = p_holder;
END;
COMMENT ON FUNCTION app.wrong_field(text) IS 'Condition of a JSON path: a field of an employee, of its flags, or of a receipt, has another JSON type than it may have.';

CREATE OR REPLACE FUNCTION app.listed_pages(p_list jsonb) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(p.page::numeric::integer ORDER BY p.ordinality), '{}')
    FROM jsonb_array_elements(CASE jsonb_typeof(p_list) WHEN 'array' THEN p_list END) WITH ORDINALITY AS p (page);
END;
COMMENT ON FUNCTION app.listed_pages(jsonb) IS 'A list of page numbers of an old file, in its order; empty where there is none.';

CREATE OR REPLACE FUNCTION app.suspect_entries(p_doc jsonb, p_has_strange_numbers boolean, p_closely boolean) RETURNS SETOF text
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- One path over all employees: quick where nothing is wrong, and only the hits are looked at closely.
    SELECT e.key
    FROM jsonb_each(p_doc) AS e
    WHERE jsonb_typeof(e.value) <> 'object'
        OR app.name_key(e.key) = '' OR length(app.name_key(e.key)) > 200 OR length(e.key) > 400
        OR (p_closely AND (app.json_may_hold_card_number(e.value::text) OR app.may_hold_card_number(e.key)
            OR e.value::text COLLATE "C" ~ '[^"]{201}' OR e.value::text COLLATE "C" ~ '"amt": "[^"]*[0-9,]{13}'))
        OR (jsonb_typeof(e.value) = 'object'
            AND (e.value - ARRAY['receipts', 'car_page_range', 'rec_page_range'])::text COLLATE "C" ~ '[^"]{255}')
        OR (p_has_strange_numbers AND EXISTS (SELECT FROM app.strange_numbers(e.value)))
        OR jsonb_path_exists(e.value, (SELECT '$ ? (' || app.wrong_field('employee') || '
            || exists (@.receipts.* ? (@.type() != "object" && @.type() != "array"))
            || @.receipts.*[*].type() != "object"
            || @.car_page_range[*].type() != "number"
            || exists (@.car_page_range[*] ? (@ < 1 || @ > 1000000 || @ != @.floor()))
            || @.rec_page_range[*].type() != "number"
            || exists (@.rec_page_range[*] ? (@ < 1 || @ > 1000000 || @ != @.floor()))
            || exists (@.flags ? (' || app.wrong_field('flags') || '))
            || @.employee_id like_regex "^.{13}")')::jsonpath)
        OR app.has_control(e.key) OR app.has_control(e.value ->> 'name')
        OR jsonb_path_exists(e.value, (SELECT '$.receipts.*[*] ? (' || app.wrong_field('receipt') || ')')::jsonpath);
END;
COMMENT ON FUNCTION app.suspect_entries(jsonb, boolean, boolean) IS 'Keys of employees that may have something wrong (numbers are only looked at when the file has strange ones); app.entry_faults says what. Card numbers in ids of receipts, their amounts out of range and texts too long are noticed only when looking closely, which costs more: the tables refuse them first.';

CREATE OR REPLACE FUNCTION app.shown_value(p_value jsonb, p_known text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE jsonb_typeof(p_value)
        WHEN 'string' THEN app.shorten(to_json(app.hide_card_numbers(p_value #>> '{}', p_known))::text, 60)
        WHEN 'boolean' THEN p_value::text
        -- The text of a number may be much longer than the file.
        WHEN 'number' THEN CASE WHEN abs(p_value::numeric) < 1000000000000 AND scale(p_value::numeric) <= 30
            THEN app.hide_card_numbers(p_value::text, p_known) END END;
END;
COMMENT ON FUNCTION app.shown_value(jsonb, text[]) IS 'A value of a file as a message shows it: a text shortened to 60 signs, card numbers and the known numbers cut, a boolean, or a number from 0 to below 10^12, either sign; null for anything else.';

CREATE OR REPLACE FUNCTION app.entry_faults(p_doc jsonb, p_keys text[], p_known text[])
RETURNS TABLE (source_key text, path text, sqlstate text, message text)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH RECURSIVE nodes AS (
        SELECT e.key AS source_key, '$.' || to_json(app.hide_card_numbers(e.key, p_known))::text AS path, ARRAY[]::text[] AS steps,
            NULL::text AS field, e.value, jsonb_typeof(e.value) AS kind
        FROM jsonb_each(p_doc) AS e JOIN unnest(p_keys) AS k (key) ON k.key = e.key
        UNION ALL
        SELECT n.source_key, n.path || c.step, n.steps || c.field, c.field, c.value, jsonb_typeof(c.value)
        FROM nodes AS n
        CROSS JOIN LATERAL (
            SELECT '.' || CASE WHEN o.key ~ '^[a-z_]+$' THEN o.key ELSE to_json(app.hide_card_numbers(o.key, p_known))::text END AS step,
                o.key AS field, o.value
            FROM jsonb_each(CASE n.kind WHEN 'object' THEN n.value END) AS o
            UNION ALL
            SELECT '[' || (a.ordinality - 1)::text || ']', NULL, a.value
            FROM jsonb_array_elements(CASE n.kind WHEN 'array' THEN n.value END) WITH ORDINALITY AS a
        ) AS c
        WHERE n.kind IN ('object', 'array')
    ), judged AS (
        SELECT n.*,
            CASE
                WHEN n.steps = '{}' THEN '{object}'::text[]
                WHEN cardinality(n.steps) = 1 THEN f.kinds
                WHEN n.steps[1] IN ('car_page_range', 'rec_page_range') THEN '{number}'
                WHEN n.steps[1] = 'flags' AND cardinality(n.steps) = 2 THEN f.kinds
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) = 2 THEN '{object,array}'
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) = 3 AND n.field IS NULL THEN '{object}'
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) IN (3, 4) THEN f.kinds
            END AS kinds
        FROM nodes AS n
        LEFT JOIN app.activity_fields AS f
            ON f.field = n.field AND f.holder = CASE WHEN cardinality(n.steps) = 1 THEN 'employee'
                WHEN n.steps[1] = 'flags' THEN 'flags' ELSE 'receipt' END
    )
    SELECT j.source_key, j.path, 'IV010', concat('expected ', array_to_string(array_remove(j.kinds, 'null'), ' or '), ', got ',
        j.kind, ' ' || app.shown_value(j.value, p_known))
    FROM judged AS j WHERE j.kind <> ALL (j.kinds) AND j.field IS DISTINCT FROM 'card_no'
    UNION ALL
    -- What may be a card number without check digit is not shown.
    SELECT j.source_key, j.path, 'IV010', 'expected string, got ' || j.kind
    FROM judged AS j WHERE j.kind <> ALL (j.kinds) AND j.field = 'card_no'
    UNION ALL
    SELECT j.source_key, j.path, 'IV011', 'number is out of range'
    FROM judged AS j
    WHERE j.kind = 'number' AND (abs(j.value::numeric) >= 1000000000000
        OR (j.value::numeric <> 0 AND abs(j.value::numeric) < 1e-20) OR scale(j.value::numeric) > 30)
    UNION ALL
    SELECT j.source_key, j.path, 'IV011', 'amount is out of range'
    FROM judged AS j
    WHERE j.kind = 'string' AND j.field = 'amt' AND j.steps[1] = 'receipts'
        AND abs(app.read_amount(j.value #>> '{}')) >= 1000000000000
    UNION ALL
    SELECT j.source_key, j.path, 'IV010', concat('expected a page number, 1 to 1000000, got ', app.shown_value(j.value, p_known))
    FROM judged AS j
    WHERE j.kind = 'number' AND j.steps[1] IN ('car_page_range', 'rec_page_range') AND cardinality(j.steps) = 2
        AND NOT (j.value::numeric BETWEEN 1 AND 1000000 AND j.value::numeric % 1 = 0)
    UNION ALL
    SELECT j.source_key, j.path, 'IV014', 'text is too long'
    FROM judged AS j
    WHERE length(j.field) > 10000 OR (j.kind = 'string' AND length(j.value #>> '{}') > CASE
        WHEN j.field = 'rec_id' THEN 200
        WHEN j.field = 'employee_id' AND cardinality(j.steps) = 1 THEN 40
        ELSE 10000 END)
    UNION ALL
    -- Ids, codes and keys are never shortened.
    SELECT j.source_key, j.path, 'IV018', 'an id, code or key holds a card number'
    FROM judged AS j
    WHERE app.hide_card_numbers(j.field, p_known) <> j.field
        OR (j.steps = '{}' AND app.hide_card_numbers(j.source_key, p_known) <> j.source_key)
        OR (j.kind = 'string' AND app.hide_card_numbers(j.value #>> '{}', p_known) <> j.value #>> '{}'
            AND ((j.field = 'employee_id' AND cardinality(j.steps) = 1)
                OR (j.field IN ('rec_id', 'job', 'phase', 'cost_type', 'gl_acct') AND j.steps[1] = 'receipts')))
    UNION ALL
    SELECT j.source_key, j.path, 'IV071', 'name holds a control character'
    FROM judged AS j
    WHERE (j.steps = '{}' AND app.has_control(j.source_key))
        OR (j.kind = 'string' AND j.field = 'name' AND cardinality(j.steps) = 1 AND app.has_control(j.value #>> '{}'))
    UNION ALL
    SELECT j.source_key, j.path, 'IV013', 'name holds no letter or too many'
    FROM judged AS j
    WHERE j.steps = '{}' AND (app.name_key(j.source_key) = '' OR length(app.name_key(j.source_key)) > 200
        OR length(j.source_key) > 400);
END;
COMMENT ON FUNCTION app.entry_faults(jsonb, text[], text[]) IS 'Everything wrong with these employees, as key, path, SQLSTATE and reason: another JSON type (IV010), a number or amount out of range (IV011), a name without letters (IV013), a text too long (IV014), a card number, or one of the known numbers, in an id, code or key (IV018), a control character in a name (IV071). Values of another type are shown, see app.shown_value, but for the card field; keys are, in the path.';

COMMIT;
