-- What stands under which entry of an activity.json: heads and receipts, as the file had them or as they are now.
-- requires: intake/entries
-- requires: people/names

BEGIN;

CREATE OR REPLACE FUNCTION app.join_pages(p_lists text[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(DISTINCT g.page ORDER BY g.page), '{}')
    FROM unnest(p_lists) AS x (list) CROSS JOIN LATERAL unnest(x.list::integer[]) AS g (page);
END;
COMMENT ON FUNCTION app.join_pages(text[]) IS 'The pages of several lists, in order, each once.';

CREATE TYPE app.entry_receipt AS (
    source_key text,
    transaction_id uuid,
    content_id uuid,
    source_position bigint,
    is_own boolean
);
COMMENT ON TYPE app.entry_receipt IS 'A receipt under its entry of an old file: what it says and where it stands there; is_own: it says what the file said. Without content: the file had it there, and it is there no more.';

CREATE OR REPLACE FUNCTION app.entry_receipts(p_session_id uuid, p_is_source boolean) RETURNS SETOF app.entry_receipt
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH claims AS MATERIALIZED (
        SELECT c.source_key, c.cardholder_id, c.person_place, r.revision_id,
            CASE WHEN NOT p_is_source THEN app.name_key(c.source_key) END AS name_key,
            row_number() OVER (PARTITION BY c.cardholder_id ORDER BY c.is_in_report DESC NULLS LAST, c.entry_place) = 1 AS is_main
        FROM app.old_claims AS c
        CROSS JOIN LATERAL (
            SELECT x.revision_id FROM app.employee_revisions AS x WHERE x.session_id = c.session_id
                AND x.cardholder_id = c.cardholder_id AND x.revision_number = 1 OFFSET 0
        ) AS r
        WHERE c.session_id = p_session_id
    ), origins AS MATERIALIZED (
        SELECT c.source_key, c.cardholder_id, c.name_key, l.transaction_id, l.content_id, l.position
        FROM claims AS c
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = c.revision_id
                AND x.position >= app.source_position(c.person_place, 0, 0)
                AND x.position < app.source_position(c.person_place + 1, 0, 0) OFFSET 0
        ) AS l
    ), shown AS MATERIALIZED (
        -- What moved by an alias stands under its entry as before; what somebody gave away does not.
        SELECT coalesce(CASE WHEN o.cardholder_id = e.cardholder_id OR (l.receipt_key = o.name_key AND EXISTS (
                    SELECT FROM app.name_aliases AS a WHERE a.receipt_key = o.name_key AND a.name_key = r.employee_name
                    UNION ALL
                    -- Withdrawn since: what is closed or replaced stays as it was.
                    SELECT FROM audit.name_aliases_history AS a WHERE a.receipt_key = o.name_key AND a.name_key = r.employee_name))
                THEN o.source_key END, c.source_key, r.employee_name) AS source_key,
            l.transaction_id, l.content_id, l.position, o.content_id AS old_content_id
        FROM app.session_employees AS e
        CROSS JOIN LATERAL (
            SELECT x.employee_name FROM app.employee_revisions AS x WHERE x.revision_id = e.current_revision_id OFFSET 0
        ) AS r
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = e.current_revision_id OFFSET 0
        ) AS l
        LEFT JOIN origins AS o ON o.transaction_id = l.transaction_id
        LEFT JOIN claims AS c ON c.cardholder_id = e.cardholder_id AND c.is_main
        WHERE e.session_id = p_session_id AND NOT p_is_source
    )
    SELECT o.source_key, o.transaction_id, o.content_id, o.position, true
    FROM origins AS o WHERE p_is_source
    UNION ALL
    SELECT coalesce(s.source_key, o.source_key), coalesce(s.transaction_id, o.transaction_id), s.content_id, s.position,
        s.content_id IS NOT NULL AND o.source_key IS NOT NULL AND (s.content_id = s.old_content_id OR coalesce((
            SELECT app.is_same_content(x, y) FROM app.receipt_contents AS x, app.receipt_contents AS y
            WHERE x.content_id = s.content_id AND y.content_id = s.old_content_id), false))
    FROM (SELECT x.* FROM origins AS x WHERE NOT p_is_source) AS o
    FULL JOIN shown AS s ON s.source_key = o.source_key AND s.transaction_id = o.transaction_id
    WHERE NOT p_is_source;
END;
COMMENT ON FUNCTION app.entry_receipts(uuid, boolean) IS 'The receipts of a session under the entries of its old file, as the file had them (p_is_source) or as they are now; of people without entry under their name.';

CREATE TYPE app.entry_head AS (
    source_key text,
    entry_order bigint,
    person_place bigint,
    is_in_report boolean,
    car_total text,
    claimed_receipt_total numeric,
    claimed_flags jsonb,
    validation_flags jsonb,
    files text,
    source_fields jsonb,
    unknown_fields text,
    receipts_shape text,
    employee_id text,
    card_number text,
    car_page_range integer[],
    receipt_page_range integer[],
    kept text,
    shape text,
    people bigint,
    is_touched boolean,
    is_as_imported boolean
);
COMMENT ON TYPE app.entry_head IS 'An employee of an activity.json but for the receipts. shape is the one that is written, receipts_shape that of the file; is_touched: a receipt is another; is_as_imported: all of it is written as it was.';

CREATE OR REPLACE FUNCTION app.entry_heads(p_session_id uuid, p_shape text, p_is_source boolean, p_touched text[])
RETURNS SETOF app.entry_head
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH shape AS MATERIALIZED (
        SELECT coalesce((SELECT c.receipts_shape FROM app.old_claims AS c
            WHERE c.session_id = p_session_id AND c.receipts_shape <> 'mixed'
            GROUP BY c.receipts_shape ORDER BY count(*) DESC, c.receipts_shape LIMIT 1), 'by_id') AS shape
    ), people AS MATERIALIZED (
        SELECT r.* FROM app.session_employees AS e
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.employee_revisions AS x
            WHERE x.revision_id = CASE WHEN p_is_source THEN (
                SELECT o.revision_id FROM app.employee_revisions AS o WHERE o.session_id = e.session_id
                    AND o.cardholder_id = e.cardholder_id AND o.revision_number = 1) ELSE e.current_revision_id END OFFSET 0
        ) AS r
        WHERE e.session_id = p_session_id
    )
    SELECT c.source_key, c.entry_place, c.person_place, coalesce(c.is_in_report, false),
        coalesce(c.claimed_car_total::text, app.old_number(coalesce(r.car_total, 0))), c.claimed_receipt_total,
        c.claimed_flags, r.validation_flags,
        app.old_list(ARRAY(SELECT x.value::text FROM jsonb_array_elements(c.file_paths) AS x)), c.source_fields,
        (SELECT string_agg(E',\n    ' || to_json(u.key)::text || ': ' || u.value::text, '')
         FROM jsonb_each(c.source_fields - ARRAY['name', 'card_no']) AS u), c.receipts_shape, r.employee_id, r.card_number,
        r.car_page_range, r.receipt_page_range, k.entry_text,
        CASE WHEN p_shape = 'as_imported' THEN coalesce(c.receipts_shape, h.shape) ELSE p_shape END, 1,
        t.source_key IS NOT NULL,
        t.source_key IS NULL AND (p_shape = 'as_imported' OR coalesce(c.receipts_shape, p_shape) = p_shape)
    FROM app.old_claims AS c
    CROSS JOIN shape AS h
    JOIN people AS r ON r.cardholder_id = c.cardholder_id
    LEFT JOIN app.kept_entries AS k ON NOT p_is_source AND k.session_id = c.session_id AND k.source_key = c.source_key
    LEFT JOIN unnest(p_touched) AS t (source_key) ON t.source_key = c.source_key
    WHERE c.session_id = p_session_id
    UNION ALL
    -- Who is in no old file, under the name; of several people with one name one entry.
    SELECT p.employee_name, 1000000000 + min(CASE WHEN p.is_in_report THEN coalesce(p.car_page_range[1], 0)
            ELSE 10000000 + coalesce(p.receipt_page_range[1], 0) END),
        NULL, bool_or(p.is_in_report), app.old_number(coalesce(sum(p.car_total), 0)), NULL, NULL,
        (SELECT jsonb_object_agg(f.flag, f.is_set) FROM (
            SELECT j.flag, bool_or(j.is_set::boolean) AS is_set
            FROM jsonb_array_elements(jsonb_agg(p.validation_flags)) AS x
            CROSS JOIN LATERAL jsonb_each_text(x.value) AS j (flag, is_set) GROUP BY j.flag) AS f),
        '[]', NULL, NULL, NULL, min(p.employee_id), (array_agg(p.card_number ORDER BY p.car_page_range[1]))[1],
        app.join_pages(array_agg(p.car_page_range::text)), app.join_pages(array_agg(p.receipt_page_range::text)), NULL,
        CASE WHEN p_shape = 'as_imported' THEN min(h.shape) ELSE p_shape END, count(*), true, false
    FROM people AS p CROSS JOIN shape AS h
    WHERE NOT p_is_source AND NOT p.is_nobody AND NOT EXISTS (
        SELECT FROM app.old_claims AS c WHERE c.session_id = p_session_id
            AND (c.cardholder_id = p.cardholder_id OR c.source_key = p.employee_name))
    GROUP BY p.employee_name;
END;
COMMENT ON FUNCTION app.entry_heads(uuid, text, boolean, text[]) IS 'The employees of a session, those of its old file as the file had them (p_is_source, without what is kept of its text) or as they are now, in a shape, or as_imported; those with the keys given are touched.';

COMMIT;
