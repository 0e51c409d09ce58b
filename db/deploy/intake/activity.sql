-- The old program's activity.json: its shape, what is wrong with it, and its entries as staged people and receipts.
-- requires: intake/entries
-- requires: intake/json_gate
-- requires: foundation/values
-- requires: intake/people
-- requires: intake/tables
-- requires: content/revisions

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
FROM pg_attribute AS a WHERE a.attrelid = 'app.activity_receipt'::regclass AND NOT a.attisdropped;
COMMENT ON VIEW app.activity_fields IS 'Fields of an employee and of a receipt in activity.json with the JSON types each may have; any may be missing.';

CREATE OR REPLACE FUNCTION app.field_names(p_holder text) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(f.field) FROM app.activity_fields AS f WHERE f.holder = p_holder;
END;
COMMENT ON FUNCTION app.field_names(text) IS 'The fields we know of an employee or of a receipt.';

CREATE OR REPLACE FUNCTION app.wrong_field(p_holder text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg((
            SELECT '(' || string_agg(format('@.%s.type() != "%s"', f.field, k.kind), ' && ') || ')'
            FROM unnest(f.kinds) AS k (kind)), ' || ')
    FROM app.activity_fields AS f WHERE f.holder = p_holder;
END;
COMMENT ON FUNCTION app.wrong_field(text) IS 'Condition of a JSON path: a field of an employee, or of a receipt, has another JSON type than it may have.';

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
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) = 2 THEN '{object,array}'
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) = 3 AND n.field IS NULL THEN '{object}'
                WHEN n.steps[1] = 'receipts' AND cardinality(n.steps) IN (3, 4) THEN f.kinds
            END AS kinds
        FROM nodes AS n
        LEFT JOIN app.activity_fields AS f
            ON f.field = n.field AND f.holder = CASE WHEN cardinality(n.steps) = 1 THEN 'employee' ELSE 'receipt' END
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

CREATE OR REPLACE FUNCTION app.stage_people(p_doc jsonb) RETURNS app.staged_person[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH entries AS (
        SELECT e.key, nullif(btrim(e.value ->> 'employee_id'), '') AS employee_id,
            app.mask_card_number(btrim(e.value ->> 'card_no')) AS card_number,
            coalesce(nullif(btrim(e.value ->> 'card_no'), ''), 'None') <> 'None' AS has_card,
            (e.value ->> 'car_total')::numeric AS claimed_total,
            app.whole_cents((e.value ->> 'car_total')::numeric) AS car_total,
            jsonb_path_exists(e.value, '$.receipts.*[*]') AS has_receipts,
            ARRAY(SELECT p.page::integer FROM jsonb_array_elements_text(
                CASE jsonb_typeof(e.value -> 'car_page_range') WHEN 'array' THEN e.value -> 'car_page_range' END)
                AS p (page)) AS car_pages,
            ARRAY(SELECT p.page::integer FROM jsonb_array_elements_text(
                CASE jsonb_typeof(e.value -> 'rec_page_range') WHEN 'array' THEN e.value -> 'rec_page_range' END)
                AS p (page)) AS receipt_pages
        FROM jsonb_each(p_doc) AS e
    ), people AS (
        -- A total that cannot be read is one that the report had. Whom no receipt names, the report does: an entry
        -- that says nothing would otherwise be somebody who owes nothing. Without any total nobody knows: null.
        SELECT e.*, CASE WHEN e.employee_id IS NOT NULL OR e.has_card OR e.car_pages <> '{}'
                OR coalesce(e.car_total, e.claimed_total, 0) <> 0 OR NOT e.has_receipts THEN true
            WHEN e.claimed_total IS NOT NULL THEN false END AS is_in_report
        FROM entries AS e
    )
    SELECT array_agg(ROW(p.key,
        -- A name that the report prints as well is that person, whatever an alias says.
        CASE WHEN p.is_in_report
                OR app.name_key(p.key) IN (SELECT app.name_key(o.key) FROM people AS o WHERE o.is_in_report)
            THEN app.name_key(p.key) ELSE app.report_key(app.name_key(p.key)) END,
        p.employee_id, p.card_number, p.is_in_report,
        CASE WHEN p.is_in_report THEN nullif(p.car_total, 0) ELSE 0 END,
        p.car_pages, p.receipt_pages, NULL, NULL, NULL)::app.staged_person
        ORDER BY p.car_pages[1] NULLS LAST, p.receipt_pages[1], p.key COLLATE "C")
    FROM people AS p;
END;
COMMENT ON FUNCTION app.stage_people(jsonb) IS 'The employees of an activity.json as people, in order of first sight: report pages, then receipt pages, then key. A card total of the report that is 0, missing or cannot be read is unknown: null. An entry without receipts is of the report. Who is not in the report has none: 0; whether somebody is, is null where the entry does not say. People only receipts name are looked up in the aliases, but for names the report prints as well.';

CREATE OR REPLACE FUNCTION app.keep_id(p_id text, p_known text[]) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF app.hide_card_numbers(p_id, p_known) <> p_id THEN
        PERFORM app.fail('IV018', 'file', NULL, app.shorten(p_id, 200));
    END IF;
    RETURN p_id;
END
$$;
COMMENT ON FUNCTION app.keep_id(text, text[]) IS 'An id or code as it is. Raises IV018 for one with a card number, or one of the known numbers, in it: those of card fields the table cannot know.';

CREATE OR REPLACE FUNCTION app.activity_receipts(
    p_doc jsonb, p_people app.staged_person[], p_known text[], p_entries app.activity_entry[]
) RETURNS SETOF app.staged_receipt
LANGUAGE sql VOLATILE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH entries AS (
        SELECT p.revision_id, p.ordinality AS person_place,
            row_number() OVER (PARTITION BY p.revision_id ORDER BY p.ordinality) AS entry,
            nullif(app.name_key(p.source_key), p.name_key) AS receipt_key,
            CASE jsonb_typeof(e.value -> 'receipts') WHEN 'object' THEN e.value -> 'receipts' END AS receipts,
            t.entry_text
        FROM unnest(p_people) WITH ORDINALITY AS p
        JOIN jsonb_each(p_doc) AS e ON e.key = p.source_key
        JOIN unnest(p_entries) AS t ON t.source_key = p.source_key
    ), receipts AS (
        SELECT e.revision_id, e.person_place, e.entry, e.receipt_key, t.*
        FROM entries AS e
        -- One entry at a time: numbering repeated ids sorts a handful of receipts, not the file.
        CROSS JOIN LATERAL (
            SELECT s.*, row_number() OVER (PARTITION BY coalesce(s.rec_id,
                concat_ws(', ', s.date, s.amt #>> '{}', s.merch_name)) ORDER BY s.code_place, s.receipt_place)
                AS repetition
            FROM (
                SELECT k.key AS code, jsonb_typeof(k.value) = 'object' AS is_by_id,
                    c.code_place, r.ordinality AS receipt_place,
                    r.value - (SELECT app.field_names('receipt')) AS unknown, f.*
                FROM jsonb_each(e.receipts) AS k
                -- jsonb sorts keys, the text has them in order.
                JOIN json_object_keys(CASE WHEN e.receipts IS NOT NULL THEN e.entry_text::json -> 'receipts' END)
                    WITH ORDINALITY AS c (code, code_place) ON c.code = k.key
                CROSS JOIN LATERAL jsonb_array_elements(
                    CASE jsonb_typeof(k.value) WHEN 'array' THEN k.value ELSE jsonb_build_array(k.value) END)
                    WITH ORDINALITY AS r
                CROSS JOIN LATERAL jsonb_populate_record(NULL::app.activity_receipt, r.value) AS f
                -- Else the sort would hold, with each receipt, all receipts of its code.
                OFFSET 0
            ) AS s
        ) AS t
    ), judged AS (
        SELECT r.*, app.read_date(btrim(r.date)) AS day, nullif(btrim(r.rec_id), '') AS receipt_id,
            CASE jsonb_typeof(r.amt)
                WHEN 'string' THEN app.read_amount(btrim(r.amt #>> '{}'))
                -- The old program stored the number 0 when it found no amount.
                WHEN 'number' THEN nullif(app.whole_cents(r.amt::numeric), 0) END AS amount,
            CASE
                WHEN r.code_type = 'Job Coding' OR (r.code_type IS NULL AND r.job IS NOT NULL) THEN 'job_coding'
                WHEN r.code_type = 'GL Coding' OR (r.code_type IS NULL AND r.gl_acct IS NOT NULL) THEN 'gl_coding'
            END AS coding,
            CASE WHEN r.purpose LIKE 'Receipts Notes (%'
                THEN regexp_replace(r.purpose, '^Receipts Notes \([0-9]+\):\s*', '') ELSE r.purpose END AS own_purpose,
            app.may_hold_card_number(concat_ws('x', r.title, r.purpose, r.merch_name, r.merch_addy, r.gl_desc, r.exp))
                AS may_hold_card,
            -- Nearly all codes are digits and dots. An x between two of them is one that a code may hold, too.
            CASE WHEN c.codes COLLATE "C" ~ '^([0-9][0-9.]*(x[0-9][0-9.]*)*)?$' AND length(c.codes) <= 80 THEN '{}' ELSE ARRAY(
                SELECT x.field FROM (VALUES ('job', r.job), ('phase', r.phase), ('cost_type', r.cost_type), ('gl_account', r.gl_acct))
                    AS x (field, code) WHERE x.code <> '' AND NOT app.is_code(x.code)) END AS no_codes
        FROM receipts AS r
        CROSS JOIN LATERAL (SELECT concat_ws('x', nullif(r.job, ''), nullif(r.phase, ''), nullif(r.cost_type, ''),
            nullif(r.gl_acct, '')) OFFSET 0) AS c (codes)
        -- Keeps the planner from writing the expressions above into each of their uses below.
        OFFSET 0
    )
    SELECT r.revision_id, app.new_id(),
        coalesce(r.receipt_id, app.shorten(app.hide_card_numbers(
            'no id: ' || concat_ws(', ', r.date, r.amt #>> '{}', r.merch_name), p_known), 300))
            || CASE WHEN r.repetition > 1 THEN '#' || r.repetition ELSE '' END
            || CASE WHEN r.entry > 1 THEN '@' || r.entry ELSE '' END,
        -- Numbering all rows in order would sort the file; a number that sorts the same way does as well.
        r.person_place * 1000000000000 + r.code_place * 1000000 + r.receipt_place, NULL::integer,
        ROW(app.new_id(), app.tx(),
            CASE WHEN length(r.receipt_id) > 12 THEN app.keep_id(r.receipt_id, p_known) ELSE r.receipt_id END,
            r.day, CASE WHEN r.day IS NULL THEN app.shorten(app.hide_card_numbers(nullif(r.date, ''), p_known), 200) END,
            CASE WHEN r.amount < 0 THEN 'refund' ELSE 'expense' END, r.amount,
            CASE WHEN r.amount IS NULL AND r.amt <> '0'
                THEN app.shorten(app.hide_card_numbers(r.amt #>> '{}', p_known), 200) END,
            app.clean_text(r.exp, r.may_hold_card, p_known), app.clean_text(r.title, r.may_hold_card, p_known),
            app.clean_text(r.own_purpose, r.may_hold_card, p_known), app.clean_text(r.merch_name, r.may_hold_card, p_known),
            app.clean_text(r.merch_addy, r.may_hold_card, p_known),
            r.coding, CASE WHEN 'job' <> ALL (r.no_codes)
                THEN nullif(CASE WHEN length(r.job) > 12 THEN app.keep_id(r.job, p_known) ELSE r.job END, '') END,
            CASE WHEN 'phase' <> ALL (r.no_codes)
                THEN nullif(CASE WHEN length(r.phase) > 12 THEN app.keep_id(r.phase, p_known) ELSE r.phase END, '') END,
            CASE WHEN 'cost_type' <> ALL (r.no_codes)
                THEN nullif(CASE WHEN length(r.cost_type) > 12 THEN app.keep_id(r.cost_type, p_known) ELSE r.cost_type END, '') END,
            CASE WHEN 'gl_account' <> ALL (r.no_codes)
                THEN nullif(CASE WHEN length(r.gl_acct) > 12 THEN app.keep_id(r.gl_acct, p_known) ELSE r.gl_acct END, '') END,
            app.clean_text(r.gl_desc, r.may_hold_card, p_known), coalesce(r.attachment, false), NULL, false,
            CASE WHEN r.no_codes <> '{}' OR r.unknown <> '{}' OR r.purpose IS DISTINCT FROM r.own_purpose
                OR r.amt #>> '{}' <> r.amount::text OR (r.amount IS NOT NULL AND jsonb_typeof(r.amt) = 'number')
                OR (r.code_type IS NULL AND r.coding IS NOT NULL) OR r.code_type NOT IN ('Job Coding', 'GL Coding')
                OR r.code IS DISTINCT FROM CASE WHEN r.is_by_id THEN r.rec_id ELSE coalesce(r.job, r.gl_acct, 'null') END
                OR r.coded IS DISTINCT FROM coalesce(
                    (r.coding = 'job_coding' AND r.job <> '' AND r.phase <> '' AND r.cost_type <> '')
                    OR (r.coding = 'gl_coding' AND r.gl_acct <> ''), false)
                THEN app.hide_in_json(jsonb_strip_nulls(jsonb_build_object(
                    'unknown', nullif(r.unknown, '{}'), 'code_type', r.code_type, 'coded', r.coded,
                    'purpose', CASE WHEN r.purpose IS DISTINCT FROM r.own_purpose THEN r.purpose END,
                    'amt', CASE WHEN r.amt #>> '{}' <> r.amount::text OR (r.amount IS NOT NULL AND jsonb_typeof(r.amt) = 'number')
                        THEN r.amt END,
                    'problems', (SELECT jsonb_agg(jsonb_build_object('field', n.field, 'reason', 'no code', 'raw',
                            app.shorten(CASE n.field WHEN 'job' THEN r.job WHEN 'phase' THEN r.phase
                                WHEN 'cost_type' THEN r.cost_type ELSE r.gl_acct END, 200)))
                        FROM unnest(r.no_codes) AS n (field)))), p_known)
                    || jsonb_build_object('key',
                        CASE WHEN length(r.code) > 12 THEN app.keep_id(r.code, p_known) ELSE r.code END) END
        )::app.receipt_contents,
        r.receipt_key
    FROM judged AS r;
END;
COMMENT ON FUNCTION app.activity_receipts(jsonb, app.staged_person[], text[], app.activity_entry[]) IS 'The receipts of these people, for their new revisions; position sorts as the source does. Both shapes, decided per entry. What cannot be read stays as text, what no code may be (app.is_code) as unread value; the stand-in 0 of the old program is a missing amount; card numbers and the known numbers in free text are cut, ids and codes stay as they are.';

CREATE OR REPLACE FUNCTION app.known_card_numbers(p_doc jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT d.digits), '{}')
    FROM jsonb_each(p_doc) AS e
    CROSS JOIN LATERAL (SELECT app.card_digits(e.value ->> 'card_no')) AS d (digits)
    WHERE jsonb_typeof(e.value) = 'object' AND length(e.value ->> 'card_no') BETWEEN 13 AND 80 AND d.digits IS NOT NULL;
END;
COMMENT ON FUNCTION app.known_card_numbers(jsonb) IS 'The numbers that stand unmasked in card fields of the employees; wherever a text repeats one it is cut.';

COMMIT;
