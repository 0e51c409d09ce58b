-- Entries of an activity.json as texts: sessions as the old program wrote them, and what is kept of a file for that.
-- requires: intake/placing

BEGIN;

CREATE TYPE app.written_receipts AS (
    source_key text,
    receipts text,
    amount numeric,
    no_coding_type bigint,
    half_code bigint,
    no_purpose bigint,
    no_receipt_id bigint,
    amount_unknown bigint,
    page_left_out bigint
);
COMMENT ON TYPE app.written_receipts IS 'The receipts of an employee as the old program wrote them, their sum, and how many were written otherwise for its sake: Job Coding where nothing says which coding, no code instead of half a one, a label as purpose, a number as id, 0 as amount; left out because a later page has the id.';

CREATE OR REPLACE FUNCTION app.write_receipts(p_receipts app.entry_receipt[], p_heads app.entry_head[])
RETURNS SETOF app.written_receipts
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
-- The texts of a month are sorted.
SET work_mem = '64MB'
BEGIN ATOMIC
    WITH own_texts AS MATERIALIZED (
        -- What stands in a kept text stays as it stands there.
        SELECT h.source_key, app.source_position(h.person_place, k.ordinality, r.ordinality) AS position,
            k.key AS code, json_typeof(k.value) = 'object' AS is_by_id, r.value::text AS own_text
        FROM unnest(p_heads) AS h
        CROSS JOIN LATERAL json_each(CASE json_typeof(h.kept::json -> 'receipts') WHEN 'object' THEN h.kept::json -> 'receipts' END)
            WITH ORDINALITY AS k
        CROSS JOIN LATERAL json_array_elements(CASE json_typeof(k.value) WHEN 'array' THEN k.value ELSE json_build_array(k.value) END)
            WITH ORDINALITY AS r
        WHERE h.kept IS NOT NULL AND NOT h.is_as_imported
    ), numbers AS MATERIALIZED (
        -- A number of its own, of those that no expense system gives, see app.is_made_up_id, after those that came in with a file.
        -- What all is as the file had it needs none.
        SELECT r.transaction_id, r.highest + row_number() OVER (ORDER BY r.transaction_id) AS number
        FROM (
            SELECT s.transaction_id, c.receipt_id,
                max(CASE WHEN app.is_made_up_id(c.receipt_id) THEN c.receipt_id::bigint ELSE 900000000000 END) OVER () AS highest
            FROM unnest(p_receipts) AS s
            CROSS JOIN LATERAL (
                SELECT x.external_transaction_id AS receipt_id FROM app.receipt_contents AS x WHERE x.content_id = s.content_id OFFSET 0
            ) AS c
            WHERE (SELECT EXISTS (SELECT FROM unnest(p_receipts) AS x WHERE NOT x.is_own))
                OR (SELECT EXISTS (SELECT FROM unnest(p_heads) AS x WHERE x.shape <> x.receipts_shape))
        ) AS r
        WHERE r.receipt_id IS NULL
    ), texts AS (
        SELECT s.source_key, s.source_position AS position, c.amount, c.external_transaction_id AS receipt_id, c.coding_type,
            c.purpose, s.is_own,
            NOT app.has_whole_code(ROW(c.*)::app.receipt_contents)
                AND (coalesce(c.job_number, c.job_phase, c.cost_type, c.gl_account) IS NOT NULL
                    OR c.source_fields @? '$.problems[*] ? (@.reason == "no code")') AS is_half_code,
            coalesce(CASE
                WHEN h.is_own_shape AND o.code IS NOT NULL THEN o.code
                WHEN h.is_own_shape AND s.is_own AND c.source_fields ? 'key' THEN c.source_fields ->> 'key'
                WHEN h.shape = 'by_id' THEN i.rec_id
                WHEN s.is_own THEN coalesce(c.job_number, c.gl_account)
                WHEN app.has_whole_code(ROW(c.*)::app.receipt_contents) THEN CASE c.coding_type
                    WHEN 'job_coding' THEN c.job_number ELSE c.gl_account END END, 'null') AS code,
            CASE WHEN h.shape = 'mixed' THEN coalesce(o.is_by_id, false) ELSE h.shape = 'by_id' END AS is_by_id,
            CASE WHEN o.own_text IS NOT NULL THEN o.own_text
                WHEN s.is_own THEN app.same_receipt(ROW(c.*)::app.receipt_contents, i.rec_id)
                ELSE app.fitted_receipt(ROW(c.*)::app.receipt_contents, i.rec_id) END AS receipt_text
        FROM unnest(p_receipts) AS s
        -- By key: there is one order to go in. As columns: each field of a row as one value is looked for from its start.
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_contents AS x WHERE x.content_id = s.content_id OFFSET 0
        ) AS c
        JOIN (
            SELECT x.source_key, x.shape, x.shape = x.receipts_shape AS is_own_shape FROM unnest(p_heads) AS x
            WHERE x.kept IS NULL OR NOT x.is_as_imported
        ) AS h ON h.source_key = s.source_key
        LEFT JOIN numbers AS n ON n.transaction_id = s.transaction_id
        LEFT JOIN own_texts AS o ON s.is_own AND o.source_key = s.source_key AND o.position = s.source_position
        CROSS JOIN LATERAL (
            SELECT coalesce(c.external_transaction_id,
                CASE WHEN NOT s.is_own OR h.is_own_shape IS NOT TRUE THEN n.number::text END) AS rec_id
        ) AS i
        -- Keeps the planner from writing the text into each of its uses below.
        OFFSET 0
    ), codes AS (
        SELECT t.source_key, min(t.position) AS position, sum(t.amount) AS amount,
            t.code, t.is_by_id, array_agg(CASE WHEN octet_length(t.receipt_text) = length(t.receipt_text)
                THEN t.receipt_text ELSE app.ascii_json(t.receipt_text) END ORDER BY t.position) AS texts,
            count(*) FILTER (WHERE NOT t.is_own AND t.coding_type IS NULL) AS no_coding_type,
            count(*) FILTER (WHERE NOT t.is_own AND t.is_half_code) AS half_code,
            count(*) FILTER (WHERE NOT t.is_own AND t.purpose IS NULL) AS no_purpose,
            count(*) FILTER (WHERE NOT t.is_own AND t.receipt_id IS NULL) AS no_receipt_id,
            count(*) FILTER (WHERE NOT t.is_own AND t.amount IS NULL) AS amount_unknown,
            CASE WHEN t.is_by_id THEN count(*) - 1 ELSE 0 END AS page_left_out
        FROM texts AS t GROUP BY t.source_key, t.code, t.is_by_id
    )
    SELECT c.source_key,
        E'{\n      ' || string_agg(app.old_text(c.code) || ': ' || CASE WHEN c.is_by_id
            -- Of two pages with one id the old program showed the last.
            THEN replace(c.texts[cardinality(c.texts)], E'\n  ', E'\n')
            ELSE E'[\n        ' || array_to_string(c.texts, E',\n        ') || E'\n      ]' END, E',\n      ' ORDER BY c.position)
            || E'\n    }',
        sum(c.amount),
        sum(c.no_coding_type)::bigint, sum(c.half_code)::bigint, sum(c.no_purpose)::bigint, sum(c.no_receipt_id)::bigint,
        sum(c.amount_unknown)::bigint, sum(c.page_left_out)::bigint
    FROM codes AS c GROUP BY c.source_key;
END;
COMMENT ON FUNCTION app.write_receipts(app.entry_receipt[], app.entry_head[]) IS 'The receipts of these employees as the old program wrote them, grouped in the shape of the head, in the order of their source; what is as the file had it is written so, else as the old program can use it. Nothing for an entry that is wholly as imported and kept as a text.';

CREATE OR REPLACE FUNCTION app.write_entry(p_head app.entry_head, p_receipts text, p_amount numeric) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_flags jsonb := CASE WHEN p_head.is_touched OR p_head.claimed_flags IS NULL THEN p_head.validation_flags
        ELSE p_head.claimed_flags END;
    v_flags_text text := E'{\n      "missing_coding_info": ' || coalesce(v_flags ->> 'missing_coding_info', 'false')
        || E',\n      "missing_receipt": ' || coalesce(v_flags ->> 'missing_receipt', 'false')
        || E',\n      "missing_all_receipts": ' || coalesce(v_flags ->> 'missing_all_receipts', 'false')
        || E',\n      "total_mismatch": ' || coalesce(v_flags ->> 'total_mismatch', 'false') || coalesce((
            -- What nobody knows is kept as it is.
            SELECT pg_catalog.string_agg(E',\n      ' || pg_catalog.to_json(f.key)::text || ': ' || f.value::text, '' ORDER BY f.ordinality)
            FROM pg_catalog.json_each(CASE pg_catalog.json_typeof(p_head.kept::json -> 'flags') WHEN 'object'
                THEN p_head.kept::json -> 'flags' END) WITH ORDINALITY AS f
            WHERE f.key NOT IN ('missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch')), '') || E'\n    }';
    v_has_receipts boolean := p_head.receipt_page_range <> '{}' OR p_receipts IS NOT NULL;
    v_rec_total text := CASE WHEN p_head.is_touched OR p_head.claimed_receipt_total IS NULL
        THEN app.old_number(coalesce(p_amount, 0)) ELSE p_head.claimed_receipt_total::text END;
    v_rec_pages text := app.old_list(p_head.receipt_page_range::text[]);
    v_kept_pages integer[];
BEGIN
    IF p_head.kept IS NOT NULL AND p_head.is_as_imported THEN
        RETURN p_head.kept;
    ELSIF p_head.kept IS NOT NULL THEN
        v_kept_pages := ARRAY(SELECT (x.value #>> '{}')::numeric::integer FROM pg_catalog.json_array_elements(
            CASE pg_catalog.json_typeof(p_head.kept::json -> 'rec_page_range')
                WHEN 'array' THEN p_head.kept::json -> 'rec_page_range' END) AS x);
        -- All but what is another by now stays as it stood.
        RETURN (
            SELECT E'{\n    ' || pg_catalog.string_agg(pg_catalog.to_json(coalesce(k.key, n.key))::text || ': '
                || coalesce(n.text, k.value::text), E',\n    ' ORDER BY k.ordinality, n.ordinality) || E'\n  }'
            FROM pg_catalog.json_each(p_head.kept::json) WITH ORDINALITY AS k
            FULL JOIN (
                SELECT x.key, x.text, x.ordinality
                FROM (VALUES ('rec_page_range', v_rec_pages, 1), ('rec_total', v_rec_total, 2), ('flags', v_flags_text, 3),
                    ('receipts', coalesce(p_receipts, '{}'), 4)) AS x (key, text, ordinality)
                WHERE (p_head.is_touched OR x.key = 'receipts')
                    -- Who has none any more has none in what is there already, either.
                    AND (v_has_receipts OR x.key = 'flags' OR (p_head.is_touched AND p_head.kept::json -> x.key IS NOT NULL))
                    AND (x.key <> 'rec_page_range' OR p_head.kept::json -> 'rec_page_range' IS NULL
                        OR NOT (v_kept_pages <@ p_head.receipt_page_range AND p_head.receipt_page_range <@ v_kept_pages))
            ) AS n ON n.key = k.key);
    END IF;
    RETURN E'{\n    "name": ' || app.old_text(coalesce(p_head.source_fields ->> 'name', p_head.source_key))
        || CASE WHEN p_head.is_in_report THEN E',\n    "employee_id": ' || app.old_text(coalesce(p_head.employee_id, ''))
            || E',\n    "car_page_range": ' || app.old_list(p_head.car_page_range::text[]) ELSE '' END
        || E',\n    "car_total": ' || p_head.car_total || E',\n    "card_no": ' || app.old_text(
            coalesce(p_head.source_fields ->> 'card_no', CASE WHEN p_head.is_in_report THEN p_head.card_number END, 'None'))
        || CASE WHEN p_head.is_in_report THEN E',\n    "files": ' || p_head.files ELSE '' END
        || CASE WHEN v_has_receipts THEN E',\n    "rec_page_range": ' || v_rec_pages || E',\n    "rec_total": ' || v_rec_total ELSE '' END
        || E',\n    "flags": ' || v_flags_text
        || CASE WHEN v_has_receipts THEN E',\n    "receipts": ' || coalesce(p_receipts, '{}') ELSE '' END
        || CASE WHEN p_head.is_in_report THEN '' ELSE E',\n    "files": ' || p_head.files END
        || coalesce(p_head.unknown_fields, '')
        || E'\n  }';
END
$$;
COMMENT ON FUNCTION app.write_entry(app.entry_head, text, numeric) IS 'An employee as the old program wrote one, with these receipts and their sum; a kept text as it is, but for what is another by now.';

CREATE TYPE app.written_entry AS (
    source_key text,
    entry_order bigint,
    entry_text text,
    is_as_imported boolean,
    people bigint,
    receipts app.written_receipts
);
COMMENT ON TYPE app.written_entry IS 'An employee as the old program wrote one: key, what it stands in the file by (then the key), text of the value, whether all of it is as it was imported, how many people it is of, and what was written otherwise in its receipts, whose text is left out.';

CREATE OR REPLACE FUNCTION app.write_entries(p_session_id uuid, p_shape text, p_is_source boolean)
RETURNS SETOF app.written_entry
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH receipts AS MATERIALIZED (
        SELECT r AS receipt, r.source_key, r.is_own FROM app.entry_receipts(p_session_id, p_is_source) AS r
    ), heads AS MATERIALIZED (
        SELECT h AS head, h.source_key, h.entry_order, h.is_as_imported, h.is_in_report, h.people
        FROM app.entry_heads(p_session_id, p_shape, p_is_source,
            ARRAY(SELECT DISTINCT r.source_key FROM receipts AS r WHERE NOT r.is_own)) AS h
    )
    SELECT h.source_key, h.entry_order,
        CASE WHEN octet_length(e.entry_text) = length(e.entry_text) THEN e.entry_text ELSE app.ascii_json(e.entry_text) END,
        h.is_as_imported, h.people, ROW(w.source_key, NULL, w.amount, w.no_coding_type, w.half_code, w.no_purpose,
            w.no_receipt_id, w.amount_unknown, w.page_left_out)::app.written_receipts
    FROM heads AS h
    -- Neither sorted nor handed on: it is nearly all of the file.
    LEFT JOIN app.write_receipts(ARRAY(SELECT r.receipt FROM receipts AS r), ARRAY(SELECT x.head FROM heads AS x)) AS w
        ON w.source_key = h.source_key
    CROSS JOIN LATERAL (
        SELECT app.write_entry(h.head, w.receipts, w.amount) AS entry_text OFFSET 0
    ) AS e
    -- Whose only receipts went to somebody else is nobody any more.
    WHERE p_is_source OR h.is_as_imported OR h.is_in_report OR w.receipts IS NOT NULL;
END;
COMMENT ON FUNCTION app.write_entries(uuid, text, boolean) IS 'The employees of a session as the old program wrote them, by_code, by_id or as_imported: as the file had them and without what is kept of its text (p_is_source), or as they are now. Entries and receipts of an old file that say what they said are as imported; two entries of one person stay two.';

CREATE OR REPLACE FUNCTION app.keep_entries(p_session_id uuid, p_entries app.activity_entry[], p_known text[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH compared AS MATERIALIZED (
        -- Most are the same letter by letter; of the others, those that differ in more than blanks, escapes and card numbers.
        SELECT e.source_key, e.entry_place, w.entry_text, CASE
            WHEN w.entry_text = e.entry_text THEN NULL
            -- Blanks outside of strings only: the signs are the same, and so are the values. Asked first, as taking a
            -- text apart costs a hundred times as much.
            WHEN translate(w.entry_text, E' \t\r\n', '') = translate(e.entry_text, E' \t\r\n', '')
                AND w.entry_text::jsonb = e.entry_text::jsonb THEN NULL
            -- Spelled as it is written anew, and not the same: the order is another, or a value, unless that was cut.
            WHEN e.entry_text COLLATE "C" !~ '[^\x01-\x7e]|\\(/|u([0-9a-f]{0,3}[A-F]|00[2-7]))'
                AND (w.entry_text::jsonb = e.entry_text::jsonb OR NOT app.text_may_hold_card_number(e.entry_text)) THEN e
            WHEN app.cut_in_text(w.entry_text, NULL) <> app.cut_in_text(e.entry_text, p_known) THEN e END AS other
        FROM unnest(p_entries) AS e
        JOIN app.write_entries(p_session_id, 'as_imported', true) AS w ON w.source_key = e.source_key
    ), others AS MATERIALIZED (
        SELECT k.source_key, k.entry_text
        FROM unnest(app.storable_entries(ARRAY(SELECT c.other FROM compared AS c WHERE (c.other).source_key IS NOT NULL), p_known)) AS k
    ), kept AS (
        INSERT INTO app.kept_entries (session_id, source_key, entry_text)
        SELECT p_session_id, o.source_key, o.entry_text FROM others AS o
    )
    INSERT INTO app.kept_digests (session_id, entries, digest)
    SELECT p_session_id, count(*), sha256(string_agg(
        app.digest_entry(c.source_key, coalesce(app.ascii_json(o.entry_text), c.entry_text)), '' ORDER BY c.entry_place))
    FROM compared AS c
    LEFT JOIN others AS o ON o.source_key = c.source_key
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION app.keep_entries(uuid, app.activity_entry[], text[]) IS 'Keeps the texts of those entries of a file that are not what is written anew from the rows of the session, card numbers and the known numbers cut, and the digest of what is written back of all of them.';

COMMIT;
