-- Entries of an activity.json as staged people and receipts.
-- requires: intake/fields
-- requires: intake/entries
-- requires: intake/people
-- requires: intake/tables
-- requires: content/revisions

BEGIN;

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
            app.listed_pages(e.value -> 'car_page_range') AS car_pages, app.listed_pages(e.value -> 'rec_page_range') AS receipt_pages
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

CREATE OR REPLACE FUNCTION app.write_activity(
    p_doc jsonb, p_people app.staged_person[], p_known text[], p_entries app.activity_entry[]
) RETURNS SETOF app.receipt_links
LANGUAGE sql VOLATILE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH people AS (
        -- Numbered before entries are joined: sorting them would write the whole file to disk.
        SELECT p.revision_id, p.source_key, p.ordinality AS person_place,
            count(*) OVER (PARTITION BY p.revision_id) > 1 AS has_more_entries,
            nullif(app.name_key(p.source_key), p.name_key) AS receipt_key
        FROM unnest(p_people) WITH ORDINALITY AS p
    ), entries AS (
        SELECT p.*, CASE jsonb_typeof(e.value -> 'receipts') WHEN 'object' THEN e.value -> 'receipts' END AS receipts,
            t.entry_text
        FROM people AS p
        JOIN jsonb_each(p_doc) AS e ON e.key = p.source_key
        JOIN unnest(p_entries) AS t ON t.source_key = p.source_key
    ), receipts AS (
        SELECT e.revision_id, e.person_place, e.has_more_entries, e.receipt_key, t.*
        FROM entries AS e
        -- One entry at a time: numbering repeated ids sorts a handful of receipts, not the file.
        CROSS JOIN LATERAL (
            SELECT s.*, row_number() OVER (PARTITION BY s.base_key ORDER BY s.code_place, s.receipt_place) AS repetition
            FROM (
                SELECT k.key AS code, jsonb_typeof(k.value) = 'object' AS is_by_id,
                    c.code_place, r.ordinality AS receipt_place,
                    r.value - (SELECT app.field_names('receipt')) AS unknown, f.*, i.receipt_id,
                    coalesce(i.receipt_id, app.shorten(app.hide_card_numbers(
                        'no id: ' || concat_ws(', ', f.date, f.amt #>> '{}', f.merch_name), p_known), 300)) AS base_key
                FROM jsonb_each(e.receipts) AS k
                -- jsonb sorts keys, the text has them in order.
                JOIN json_object_keys(CASE WHEN e.receipts IS NOT NULL THEN e.entry_text::json -> 'receipts' END)
                    WITH ORDINALITY AS c (code, code_place) ON c.code = k.key
                CROSS JOIN LATERAL jsonb_array_elements(
                    CASE jsonb_typeof(k.value) WHEN 'array' THEN k.value ELSE jsonb_build_array(k.value) END)
                    WITH ORDINALITY AS r
                CROSS JOIN LATERAL jsonb_populate_record(NULL::app.activity_receipt, r.value) AS f
                CROSS JOIN LATERAL (SELECT nullif(btrim(f.rec_id), '') AS receipt_id) AS i
                -- Else the sort would hold, with each receipt, all receipts of its code.
                OFFSET 0
            ) AS s
        ) AS t
    ), judged AS MATERIALIZED (
        -- A receipt and what it says first have one key: making one takes 2 µs.
        SELECT r.*, app.new_id() AS id, app.read_date(btrim(r.date)) AS day,
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
    ), written AS (
        -- Written here, not handed on: a receipt as one value is put together, and taken apart for each of its fields.
        INSERT INTO app.receipt_contents
        SELECT r.id, app.tx(),
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
            -- The purpose is among the texts that were looked at, and the key is one that may be kept.
            CASE WHEN r.may_hold_card OR o.said ?| '{unknown,amt,problems}' OR r.code_type NOT IN ('Job Coding', 'GL Coding')
                THEN app.hide_in_json(o.said, p_known) ELSE o.said END
        FROM judged AS r
        CROSS JOIN LATERAL (
            SELECT CASE WHEN r.no_codes <> '{}' OR r.unknown <> '{}' OR r.purpose IS DISTINCT FROM r.own_purpose
                OR r.amt #>> '{}' <> r.amount::text OR (r.amount IS NOT NULL AND jsonb_typeof(r.amt) = 'number')
                OR (r.code_type IS NULL AND r.coding IS NOT NULL) OR r.code_type NOT IN ('Job Coding', 'GL Coding')
                OR r.code IS DISTINCT FROM CASE WHEN r.is_by_id THEN r.rec_id ELSE coalesce(r.job, r.gl_acct, 'null') END
                OR r.coded IS DISTINCT FROM coalesce(
                    (r.coding = 'job_coding' AND r.job <> '' AND r.phase <> '' AND r.cost_type <> '')
                    OR (r.coding = 'gl_coding' AND r.gl_acct <> ''), false)
                THEN jsonb_strip_nulls(jsonb_build_object(
                    'unknown', nullif(r.unknown, '{}'), 'code_type', r.code_type, 'coded', r.coded,
                    'purpose', CASE WHEN r.purpose IS DISTINCT FROM r.own_purpose THEN r.purpose END,
                    'amt', CASE WHEN r.amt #>> '{}' <> r.amount::text OR (r.amount IS NOT NULL AND jsonb_typeof(r.amt) = 'number')
                        THEN r.amt END,
                    'problems', (SELECT jsonb_agg(jsonb_build_object('field', n.field, 'reason', 'no code', 'raw',
                            app.shorten(CASE n.field WHEN 'job' THEN r.job WHEN 'phase' THEN r.phase
                                WHEN 'cost_type' THEN r.cost_type ELSE r.gl_acct END, 200)))
                        FROM unnest(r.no_codes) AS n (field)),
                    'key', CASE WHEN length(r.code) > 12 THEN app.keep_id(r.code, p_known) ELSE r.code END)) END AS said
            OFFSET 0
        ) AS o
    ), numbered AS (
        -- All that a person has by aliases, too, is numbered together.
        SELECT r.id, row_number() OVER (PARTITION BY r.revision_id, r.base_key
            ORDER BY r.person_place, r.code_place, r.receipt_place) AS repetition
        FROM judged AS r WHERE r.has_more_entries
    )
    SELECT r.revision_id, r.id, r.id, NULL::bigint,
        app.copy_key(r.base_key, coalesce(n.repetition, r.repetition)),
        app.source_position(r.person_place, r.code_place, r.receipt_place), NULL::integer, r.receipt_key
    FROM judged AS r
    LEFT JOIN numbered AS n ON n.id = r.id;
END;
COMMENT ON FUNCTION app.write_activity(jsonb, app.staged_person[], text[], app.activity_entry[]) IS 'Writes what the receipts of these people say and gives their links, for new revisions; position sorts as the source does. Both shapes, decided per entry. What cannot be read stays as text, what no code may be (app.is_code) as unread value; the stand-in 0 of the old program is a missing amount; card numbers and the known numbers in free text are cut, ids and codes stay as they are.';

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
