-- Both sides beside each other: one full join per level, and every value of what is paired.
-- requires: migration/placing

BEGIN;

CREATE TYPE app.found_difference AS (
    number bigint,
    level text,
    source_key text,
    also_key text,
    path text,
    receipt_id text,
    transaction_id uuid,
    page_number integer,
    field text,
    part text,
    old_value text,
    new_value text,
    own_value text,
    has_own boolean,
    class text,
    deviation_code text,
    amount numeric,
    ledger text,
    follows integer[],
    is_settled boolean
);
COMMENT ON TYPE app.found_difference IS 'A value of which both sides say something else, on its way to app.parallel_differences. own_value: what the old file itself lets expect there (has_own); class: identical, or representation for what is only written otherwise, and null where it is to be judged; also_key: the name our side has it under.';

CREATE TYPE app.receipt_pair AS (
    there app.compared_receipt,
    here app.compared_receipt
);
COMMENT ON TYPE app.receipt_pair IS 'A receipt of both sides; one is null where it is missing.';

CREATE OR REPLACE FUNCTION app.pair_receipts(p_there app.compared_receipt[], p_here app.compared_receipt[]) RETURNS app.receipt_pair[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH close AS MATERIALIZED (
        SELECT o AS there, n AS here
        FROM unnest(p_there) AS o
        FULL JOIN unnest(p_here) AS n ON n.receipt_id = o.receipt_id AND n.source_key = o.source_key AND n.turn = o.turn
    ), old_rest AS (
        -- Under another name there: an id is looked for among all.
        SELECT c.there, row_number() OVER (PARTITION BY (c.there).receipt_id ORDER BY (c.there).source_key, (c.there).turn) AS turn
        FROM close AS c WHERE (c.here).source_key IS NULL
    ), new_rest AS (
        SELECT c.here, row_number() OVER (PARTITION BY (c.here).receipt_id ORDER BY (c.here).source_key, (c.here).turn) AS turn
        FROM close AS c WHERE (c.there).source_key IS NULL
    )
    SELECT array_agg(ROW(p.there, p.here)::app.receipt_pair)
    FROM (
        SELECT c.there, c.here FROM close AS c WHERE (c.there).source_key IS NOT NULL AND (c.here).source_key IS NOT NULL
        UNION ALL
        SELECT o.there, n.here FROM old_rest AS o
        FULL JOIN new_rest AS n ON (n.here).receipt_id = (o.there).receipt_id AND n.turn = o.turn
            AND (n.here).source_key <> (o.there).source_key
    ) AS p;
END;
COMMENT ON FUNCTION app.pair_receipts(app.compared_receipt[], app.compared_receipt[]) IS 'The receipts of both sides, by id and which one of that id under the same name, then by id alone.';

CREATE OR REPLACE FUNCTION app.receipt_values(p_pairs app.receipt_pair[]) RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH pairs AS (
        SELECT p.there AS o, p.here AS n, (p.there).said AS s, (p.here).said AS t,
            (p.there).source_key IS NOT NULL AND (p.here).source_key IS NOT NULL AS is_pair
        FROM unnest(p_pairs) AS p
        OFFSET 0
    )
    SELECT NULL::bigint, 'receipt', coalesce((p.o).source_key, (p.n).source_key), coalesce((p.n).waits, (p.n).source_key),
        coalesce((p.o).path, '$.' || (p.n).source_key || '.receipts') || coalesce('.' || f.field, ''),
        coalesce((p.n).receipt_id, (p.o).receipt_id)
            || CASE WHEN coalesce((p.n).turn, (p.o).turn) > 1 THEN '#' || coalesce((p.n).turn, (p.o).turn)::text ELSE '' END,
        (p.n).transaction_id, (p.n).page_number, f.field, NULL::text, f.old_value, f.new_value, f.own_value, f.has_own,
        CASE WHEN f.is_alike THEN 'representation' WHEN coalesce(f.old_value = f.new_value, num_nulls(f.old_value, f.new_value) = 2) THEN 'identical'
            WHEN coalesce(f.old_value, '') = coalesce(f.new_value, '') THEN 'representation' END, NULL::text,
        CASE WHEN f.field = 'amt' THEN coalesce((p.o).amount, 0) - coalesce((p.n).amount, 0) END,
        CASE WHEN f.field = 'amt' THEN 'receipts' END, NULL::integer[], false
    FROM pairs AS p
    CROSS JOIN LATERAL (SELECT CASE WHEN jsonb_typeof((p.s).amt) = 'number' THEN app.told_number((p.s).amt #>> '{}')
        ELSE coalesce((p.o).amount::text, (p.s).amt #>> '{}') END AS old_value) AS a
    CROSS JOIN LATERAL (VALUES
        ('person', coalesce((p.o).own_key, (p.o).source_key), coalesce((p.n).own_key, (p.n).source_key), NULL, false, false),
        ('key', (p.o).code_key, CASE WHEN (p.o).is_by_id THEN (p.n).receipt_id ELSE (p.n).code_key END,
            CASE WHEN (p.o).is_by_id THEN (p.s).rec_id ELSE coalesce((p.s).job, (p.s).gl_acct, 'null') END, true, false),
        ('rec_id', (p.s).rec_id, (p.t).rec_id, NULL, false, false),
        ('exp', (p.s).exp, (p.t).exp, NULL, false, false),
        ('date', (p.s).date, (p.t).date, NULL, false,
            app.is_alike_date((p.s).date, (p.t).date)),
        ('title', (p.s).title, (p.t).title, NULL, false, false),
        ('amt', a.old_value, (p.n).amount::text, NULL, false, a.old_value = (p.n).amount::text AND (p.s).amt IS DISTINCT FROM (p.t).amt),
        ('purpose', (p.s).purpose, (p.t).purpose, NULL, false, false),
        ('merch_name', (p.s).merch_name, (p.t).merch_name, NULL, false, false),
        ('merch_addy', (p.s).merch_addy, (p.t).merch_addy, NULL, false, false),
        ('code_type', (p.s).code_type, (p.t).code_type, NULL, false, false),
        ('job', (p.s).job, (p.t).job, NULL, false, false),
        ('phase', (p.s).phase, (p.t).phase, NULL, false, false),
        ('cost_type', (p.s).cost_type, (p.t).cost_type, NULL, false, false),
        ('gl_acct', (p.s).gl_acct, (p.t).gl_acct, NULL, false, false),
        ('gl_desc', (p.s).gl_desc, (p.t).gl_desc, NULL, false, false),
        ('coded', (p.s).coded::text, (p.t).coded::text,
            ((p.s).job IS NOT NULL OR (p.s).gl_acct IS NOT NULL)::text, true, false),
        ('attachment', (p.s).attachment::text, (p.t).attachment::text, NULL, false, false),
        ('repeat', 'counted', CASE WHEN (p.n).is_repeat AND NOT (p.o).is_by_id THEN 'set aside' ELSE 'counted' END, NULL, false, false)
        ) AS f (field, old_value, new_value, own_value, has_own, is_alike)
    WHERE p.is_pair
    UNION ALL
    SELECT NULL, 'receipt', coalesce((p.o).source_key, (p.n).source_key), (p.n).source_key,
        coalesce((p.o).path, '$.' || (p.n).source_key || '.receipts'),
        coalesce((p.n).receipt_id, (p.o).receipt_id)
            || CASE WHEN coalesce((p.n).turn, (p.o).turn) > 1 THEN '#' || coalesce((p.n).turn, (p.o).turn)::text ELSE '' END,
        (p.n).transaction_id, (p.n).page_number, 'entry', NULL,
        app.told_receipt(p.o), app.told_receipt(p.n), NULL, false, NULL, NULL, coalesce((p.o).amount, 0) - coalesce((p.n).amount, 0), 'receipts', NULL, false
    FROM pairs AS p WHERE NOT p.is_pair;
END;
COMMENT ON FUNCTION app.receipt_values(app.receipt_pair[]) IS 'Every field of every receipt on both sides, the same ones too; of one that is missing the receipt as a whole (entry). The dollars are old less new.';

CREATE OR REPLACE FUNCTION app.page_list(p_pages integer[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_to_string(p_pages, ', ');
END;
COMMENT ON FUNCTION app.page_list(integer[]) IS 'Pages as people read them.';

CREATE OR REPLACE FUNCTION app.sorted_pages(p_pages integer[]) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(array_agg(p.page ORDER BY p.page), '{}') FROM unnest(p_pages) AS p (page);
END;
COMMENT ON FUNCTION app.sorted_pages(integer[]) IS 'Pages in order.';

-- What the old file itself lets expect of a person's totals, pages and flags: its own receipts, and those pages that its form
-- cannot hold. They may also be those of what was read, if nothing but the deviations were otherwise: a receipt was lost later.
CREATE OR REPLACE FUNCTION app.own_people(p_pairs app.receipt_pair[], p_foreseen app.foreseen[])
RETURNS TABLE (
    source_key text, total numeric, pages integer[], has_no_code boolean, has_no_attachment boolean, receipts bigint,
    read_total numeric, read_pages integer[], read_no_code boolean, read_no_attachment boolean, receipts_read bigint
)
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH ours AS (
        SELECT p.there, p.here, (p.here).source_key AS source_key, (p.here).page_number AS page_number, (p.here).is_whole_code AS coded,
            coalesce(((p.here).facts ->> 'attachments')::integer, ((p.here).said).attachment::integer) = 1 AS attachment
        FROM unnest(p_pairs) AS p WHERE (p.here).source_key IS NOT NULL
    )
    SELECT x.source_key, sum(x.amount) FILTER (WHERE x.is_there),
        array_agg(x.page_number ORDER BY x.page_number) FILTER (WHERE x.is_there AND x.page_number IS NOT NULL),
        bool_or(NOT x.coded) FILTER (WHERE x.is_there), bool_or(NOT x.attachment) FILTER (WHERE x.is_there),
        count(*) FILTER (WHERE x.is_there),
        sum(x.amount) FILTER (WHERE NOT x.is_there),
        array_agg(x.page_number ORDER BY x.page_number) FILTER (WHERE NOT x.is_there AND x.page_number IS NOT NULL),
        bool_or(NOT x.coded) FILTER (WHERE NOT x.is_there), bool_or(NOT x.attachment) FILTER (WHERE NOT x.is_there),
        count(*) FILTER (WHERE NOT x.is_there)
    FROM (
        SELECT (p.there).source_key AS source_key, coalesce((p.there).amount, 0) AS amount, (p.here).page_number AS page_number,
            coalesce(((p.there).said).coded, false) AS coded, coalesce(((p.there).said).attachment, false) AS attachment,
            true AS is_there
        FROM unnest(p_pairs) AS p WHERE (p.there).source_key IS NOT NULL
        UNION ALL
        SELECT f.source_key, f.amount + coalesce((o.here).amount, 0), o.page_number, o.coded, o.attachment, true
        FROM ours AS o
        JOIN unnest(p_foreseen) AS f ON f.deviation_code = 'duplicate_page' AND f.field = 'entry'
            AND f.transaction_id = (o.here).transaction_id
        WHERE (o.there).source_key IS NULL
        UNION ALL
        SELECT o.source_key, round(app.foreseen_amount(o.here), 2), o.page_number, o.coded, o.attachment, false
        FROM ours AS o
        LEFT JOIN unnest(p_foreseen) AS f ON f.field = 'entry' AND f.deviation_code <> 'duplicate_page'
            AND f.transaction_id = (o.here).transaction_id
        WHERE f.field IS NULL
    ) AS x
    GROUP BY x.source_key;
END;
COMMENT ON FUNCTION app.own_people(app.receipt_pair[], app.foreseen[]) IS 'Per name of the old file what follows from its own receipts, with those that it counts and cannot show by id (pages, has_…); and what would from all that it read, if nothing were otherwise than foreseen (read_…).';

CREATE OR REPLACE FUNCTION app.people_values(
    p_here app.compared_side, p_there app.compared_side, p_pairs app.receipt_pair[], p_foreseen app.foreseen[]
) RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH people AS (
        SELECT o, n, w.total, w.pages, w.has_no_code, w.has_no_attachment, coalesce(w.receipts, 0) AS own_receipts,
            w.read_total, w.read_pages, w.read_no_code, w.read_no_attachment, coalesce(w.receipts_read, 0) AS receipts_read,
            coalesce(o.source_key, n.source_key) AS source_key, coalesce(o.path, n.path) AS path
        FROM unnest(p_there.people) AS o
        FULL JOIN unnest(p_here.people) AS n ON n.source_key = o.source_key
        LEFT JOIN app.own_people(p_pairs, p_foreseen) AS w ON w.source_key = o.source_key
        OFFSET 0
    )
    SELECT NULL::bigint, f.level, p.source_key, p.source_key, p.path || '.' || f.field, NULL::text, NULL::uuid,
        CASE WHEN f.field = 'car_total' THEN (p.n).car_pages[1] END, f.field, NULL::text, f.old_value, f.new_value,
        CASE WHEN f.read_value = f.old_value THEN f.read_value ELSE f.own_value END, f.has_own, CASE WHEN f.is_alike THEN 'representation' WHEN coalesce(f.old_value = f.new_value, num_nulls(f.old_value, f.new_value) = 2) THEN 'identical'
            WHEN coalesce(f.old_value, '') = coalesce(f.new_value, '') THEN 'representation' END, NULL::text,
        CASE f.field WHEN 'car_total' THEN coalesce((p.o).car_total, 0) - coalesce((p.n).car_total, 0)
            -- Beyond what its receipts let expect.
            WHEN 'rec_total' THEN (p.o).receipt_total - coalesce(p.total, 0) END,
        CASE f.field WHEN 'car_total' THEN 'report' WHEN 'rec_total' THEN 'receipts' END, NULL::integer[], false
    FROM people AS p
    CROSS JOIN LATERAL (SELECT app.told_number((p.o).raw ->> 'car_total') AS car_total,
        coalesce(app.told_number((p.o).raw ->> 'rec_total'), (p.o).receipt_total::text) AS receipt_total) AS t
    CROSS JOIN LATERAL (VALUES
        ('person', 'name', (p.o).raw ->> 'name', (p.n).source_key, NULL, NULL, false, false),
        ('person', 'employee_id', (p.o).employee_id, (p.n).employee_id, NULL, NULL, false, false),
        ('person', 'card_no', (p.o).card_number, (p.n).card_number, NULL, NULL, false, false),
        ('person', 'car_page_range', app.page_list((p.o).car_pages), app.page_list((p.n).car_pages), NULL, NULL, false,
            (p.o).car_pages <> (p.n).car_pages AND app.sorted_pages((p.o).car_pages) = app.sorted_pages((p.n).car_pages)),
        ('person', 'car_total', t.car_total, (p.n).car_total::text, NULL, NULL, false,
            t.car_total = (p.n).car_total::text AND (jsonb_typeof((p.o).raw -> 'car_total') = 'string'
                OR ((p.o).raw ->> 'car_total')::numeric <> (p.o).car_total)),
        ('person', 'rec_page_range', app.page_list((p.o).receipt_pages), app.page_list((p.n).receipt_pages),
            app.page_list(coalesce(p.pages, '{}')), app.page_list(coalesce(p.read_pages, '{}')), true,
            (p.o).receipt_pages <> (p.n).receipt_pages
                AND app.sorted_pages((p.o).receipt_pages) = app.sorted_pages((p.n).receipt_pages)),
        ('person', 'rec_total', t.receipt_total, (p.n).receipt_total::text, round(coalesce(p.total, 0), 2)::text,
            round(coalesce(p.read_total, 0), 2)::text, true,
            t.receipt_total = (p.n).receipt_total::text AND (jsonb_typeof((p.o).raw -> 'rec_total') = 'string'
                OR ((p.o).raw ->> 'rec_total')::numeric <> (p.o).receipt_total)),
        ('person', 'files', (p.o).files::text, (p.n).files::text,
            ((p.o).is_in_report::integer + (p.own_receipts > 0)::integer)::text,
            ((p.o).is_in_report::integer + (p.receipts_read > 0)::integer)::text, true, false),
        ('decision', 'flags.missing_coding_info', (p.o).flags ->> 'missing_coding_info', (p.n).flags ->> 'missing_coding_info',
            coalesce(p.has_no_code, false)::text, coalesce(p.read_no_code, false)::text, true, false),
        ('decision', 'flags.missing_receipt', (p.o).flags ->> 'missing_receipt', (p.n).flags ->> 'missing_receipt',
            coalesce(p.has_no_attachment, false)::text, coalesce(p.read_no_attachment, false)::text, true, false),
        ('decision', 'flags.missing_all_receipts', (p.o).flags ->> 'missing_all_receipts', (p.n).flags ->> 'missing_all_receipts',
            (p.own_receipts = 0)::text, (p.receipts_read = 0)::text, true, false),
        ('decision', 'flags.total_mismatch', (p.o).flags ->> 'total_mismatch', (p.n).flags ->> 'total_mismatch',
            -- That program never sets it: true is never what its file lets expect.
            (p.own_receipts > 0 AND (p.o).car_total <> (p.o).receipt_total
                AND (p.o).flags ->> 'total_mismatch' IS DISTINCT FROM 'true')::text, NULL, true, false),
        ('decision', 'finished', (p.o).is_finished::text, (p.n).is_finished::text, (p.o).is_finished::text, NULL, true, false)
        ) AS f (level, field, old_value, new_value, own_value, read_value, has_own, is_alike)
    WHERE (p.o).source_key IS NOT NULL AND (p.n).source_key IS NOT NULL
    UNION ALL
    SELECT NULL, 'person', p.source_key, p.source_key, p.path, NULL, NULL, (p.n).car_pages[1], 'entry', NULL,
        app.told_person(p.o, p_there.receipts), app.told_person(p.n, p_here.receipts), NULL, false, NULL, NULL,
        coalesce((p.o).car_total, 0) - coalesce((p.n).car_total, 0), 'report', NULL, false
    FROM people AS p WHERE (p.o).source_key IS NULL OR (p.n).source_key IS NULL
    UNION ALL
    SELECT DISTINCT NULL::bigint, 'person', r.waits, r.waits, '$.' || r.waits, NULL::text, NULL::uuid, NULL::integer, 'entry', NULL::text,
        CASE WHEN r.waits = r.source_key THEN 'no number' END, CASE WHEN r.waits = r.own_key THEN 'no number' END, NULL::text, false,
        NULL::text, NULL::text, NULL::numeric, NULL::text, NULL::integer[], false
    FROM unnest(p_here.receipts) AS r WHERE r.waits IS NOT NULL
    UNION ALL
    SELECT NULL, 'file', p.source_key, p.source_key, p.path || '.' || string_agg(u.key, ', ' ORDER BY u.key COLLATE "C"), NULL, NULL, NULL,
        app.shorten(string_agg(u.key, ', ' ORDER BY u.key COLLATE "C"), 200), NULL, string_agg(u.value::text, ', ' ORDER BY u.key COLLATE "C"), NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, false
    FROM people AS p
    CROSS JOIN LATERAL (
        SELECT j.key, j.value FROM jsonb_each((p.o).raw - ARRAY['name', 'car_total', 'rec_total']) AS j
        UNION ALL
        SELECT 'flags.' || j.key, j.value
        FROM jsonb_each(CASE jsonb_typeof((p.o).flags) WHEN 'object' THEN (p.o).flags - (SELECT app.field_names('flags')) END) AS j
    ) AS u
    WHERE (p.o).source_key IS NOT NULL
    GROUP BY p.source_key, p.path
    UNION ALL
    SELECT NULL, 'file', r.source_key, NULL, r.path || '.' || string_agg(u.key, ', ' ORDER BY u.key COLLATE "C"), r.receipt_id, NULL, NULL,
        app.shorten(string_agg(u.key, ', ' ORDER BY u.key COLLATE "C"), 200), NULL, string_agg(u.value::text, ', ' ORDER BY u.key COLLATE "C"), NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, false
    FROM unnest(p_there.receipts) AS r CROSS JOIN LATERAL jsonb_each(r.facts) AS u WHERE r.facts <> '{}'
    GROUP BY r.source_key, r.path, r.receipt_id;
END;
COMMENT ON FUNCTION app.people_values(app.compared_side, app.compared_side, app.receipt_pair[], app.foreseen[]) IS 'Every field and decision of every name on both sides, the same ones too; of one that is missing the name as a whole (entry); fields nobody knows. A total of receipts has the dollars that are more than its own receipts add up to.';

CREATE OR REPLACE FUNCTION app.sum_values(p_here app.compared_side, p_there app.compared_side) RETURNS SETOF app.found_difference
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH sums AS (
        SELECT s.side, count(*) AS people, count(*) FILTER (WHERE p.is_in_report) AS in_report, sum(p.receipts) AS receipts,
            count(*) FILTER (WHERE (p.flags ->> 'missing_coding_info')::boolean) AS no_code,
            count(*) FILTER (WHERE (p.flags ->> 'missing_receipt')::boolean) AS no_receipt,
            count(*) FILTER (WHERE (p.flags ->> 'missing_all_receipts')::boolean) AS no_receipts,
            count(*) FILTER (WHERE (p.flags ->> 'total_mismatch')::boolean) AS mismatch,
            count(*) FILTER (WHERE p.is_finished) AS finished,
            sum(p.car_total) AS car_total, sum(p.receipt_total) AS receipt_total
        FROM (VALUES ('there', p_there.people), ('here', p_here.people)) AS s (side, people)
        CROSS JOIN LATERAL unnest(s.people) AS p
        GROUP BY s.side
    )
    SELECT NULL::bigint, f.level, NULL::text, NULL::text, '$', NULL::text, NULL::uuid, NULL::integer, f.field, NULL::text,
        f.old_value, f.new_value, f.old_value, true,
        CASE WHEN coalesce(f.old_value = f.new_value, num_nulls(f.old_value, f.new_value) = 2) THEN 'identical' END, NULL::text, NULL::numeric, NULL::text, NULL::integer[], false
    FROM (SELECT x.* FROM sums AS x WHERE x.side = 'there') AS o
    CROSS JOIN (SELECT x.* FROM sums AS x WHERE x.side = 'here') AS n
    CROSS JOIN LATERAL (VALUES
        ('count', 'people', o.people::text, n.people::text), ('count', 'people_in_report', o.in_report::text, n.in_report::text),
        ('count', 'receipts', o.receipts::text, n.receipts::text),
        ('count', 'missing_coding_info', o.no_code::text, n.no_code::text),
        ('count', 'missing_receipt', o.no_receipt::text, n.no_receipt::text),
        ('count', 'missing_all_receipts', o.no_receipts::text, n.no_receipts::text),
        ('count', 'total_mismatch', o.mismatch::text, n.mismatch::text), ('count', 'finished', o.finished::text, n.finished::text),
        ('total', 'car_total', o.car_total::text, n.car_total::text),
        ('total', 'receipt_total', o.receipt_total::text, n.receipt_total::text)) AS f (level, field, old_value, new_value);
END;
COMMENT ON FUNCTION app.sum_values(app.compared_side, app.compared_side) IS 'Counts and totals of both sides.';

COMMIT;
