-- Differences judged: explained by what was foreseen, following from others, or roots that nothing explains.
-- requires: migration/pairing

BEGIN;

CREATE OR REPLACE VIEW app.following_fields AS
SELECT v.step, v.level, v.field, v.choice, v.from_level, v.from_field, v.is_same_receipt
FROM (VALUES
    (1, 'receipt', 'coded', 1, 'receipt', 'job', true), (1, 'receipt', 'coded', 1, 'receipt', 'phase', true),
    (1, 'receipt', 'coded', 1, 'receipt', 'cost_type', true), (1, 'receipt', 'coded', 1, 'receipt', 'gl_acct', true),
    (1, 'receipt', 'key', 1, 'receipt', 'job', true), (1, 'receipt', 'key', 1, 'receipt', 'gl_acct', true),
    (1, 'receipt', 'key', 1, 'receipt', 'rec_id', true),
    (2, 'person', 'rec_total', 1, 'receipt', 'amt', false), (2, 'person', 'rec_total', 1, 'receipt', 'entry', false),
    (2, 'person', 'rec_total', 1, 'receipt', 'person', false),
    (2, 'person', 'rec_page_range', 1, 'receipt', 'entry', false), (2, 'person', 'rec_page_range', 1, 'receipt', 'person', false),
    (2, 'person', 'files', 1, 'receipt', 'entry', false), (2, 'person', 'files', 1, 'receipt', 'person', false),
    (2, 'person', 'files', 1, 'person', 'employee_id', false),
    (3, 'decision', 'flags.missing_coding_info', 1, 'receipt', 'coded', false),
    (3, 'decision', 'flags.missing_coding_info', 2, 'receipt', 'entry', false),
    (3, 'decision', 'flags.missing_coding_info', 2, 'receipt', 'person', false),
    (3, 'decision', 'flags.missing_receipt', 1, 'receipt', 'attachment', false),
    (3, 'decision', 'flags.missing_receipt', 2, 'receipt', 'entry', false),
    (3, 'decision', 'flags.missing_receipt', 2, 'receipt', 'person', false),
    (3, 'decision', 'flags.missing_all_receipts', 1, 'receipt', 'entry', false),
    (3, 'decision', 'flags.missing_all_receipts', 1, 'receipt', 'person', false),
    (3, 'decision', 'flags.missing_all_receipts', 1, 'person', 'employee_id', false),
    (3, 'decision', 'flags.total_mismatch', 1, 'person', 'car_total', false),
    (3, 'decision', 'flags.total_mismatch', 1, 'person', 'rec_total', false),
    (3, 'decision', 'flags.total_mismatch', 2, 'receipt', 'repeat', false),
    (3, 'decision', 'flags.total_mismatch', 2, 'receipt', 'entry', false),
    (4, 'decision', 'finished', 1, 'decision', 'flags.missing_coding_info', false),
    (4, 'decision', 'finished', 1, 'decision', 'flags.missing_receipt', false),
    (4, 'decision', 'finished', 1, 'decision', 'flags.missing_all_receipts', false),
    (4, 'decision', 'finished', 1, 'decision', 'flags.total_mismatch', false),
    (4, 'decision', 'finished', 2, 'person', 'car_total', false),
    (5, 'count', 'people', 1, 'person', 'entry', false),
    (5, 'count', 'people_in_report', 1, 'person', 'entry', false), (5, 'count', 'people_in_report', 1, 'person', 'employee_id', false),
    (5, 'count', 'receipts', 1, 'receipt', 'entry', false),
    (5, 'count', 'missing_coding_info', 1, 'decision', 'flags.missing_coding_info', false),
    (5, 'count', 'missing_coding_info', 1, 'person', 'entry', false),
    (5, 'count', 'missing_receipt', 1, 'decision', 'flags.missing_receipt', false),
    (5, 'count', 'missing_receipt', 1, 'person', 'entry', false),
    (5, 'count', 'missing_all_receipts', 1, 'decision', 'flags.missing_all_receipts', false),
    (5, 'count', 'missing_all_receipts', 1, 'person', 'entry', false),
    (5, 'count', 'total_mismatch', 1, 'decision', 'flags.total_mismatch', false),
    (5, 'count', 'total_mismatch', 1, 'person', 'entry', false),
    (5, 'count', 'finished', 1, 'decision', 'finished', false), (5, 'count', 'finished', 1, 'person', 'entry', false),
    (5, 'total', 'car_total', 1, 'person', 'car_total', false), (5, 'total', 'car_total', 1, 'person', 'entry', false),
    (5, 'total', 'receipt_total', 1, 'person', 'rec_total', false), (5, 'total', 'receipt_total', 1, 'person', 'entry', false),
    (6, 'csv', 'Transaction Date', 1, 'receipt', 'date', true),
    (6, 'csv', 'Transaction Amount', 1, 'receipt', 'amt', true),
    (6, 'csv', 'Transaction Name', 1, 'receipt', 'purpose', true),
    (6, 'csv', 'Item Description', 1, 'receipt', 'purpose', true),
    (6, 'csv', 'Job', 1, 'receipt', 'job', true),
    (6, 'csv', 'Phase', 1, 'receipt', 'phase', true),
    (6, 'csv', 'Cost Type', 1, 'receipt', 'cost_type', true),
    (6, 'csv', 'GL Account', 1, 'receipt', 'gl_acct', true),
    (6, 'csv', 'Credit Card Vendor', 1, 'receipt', 'merch_name', true),
    (6, 'csv', 'Header Description', 1, 'receipt', 'person', true),
    (6, 'csv', 'Card Holder', 1, 'receipt', 'person', true),
    (6, 'csv', 'Credit Card Number', 1, 'person', 'card_no', false), (7, 'csv', 'Invoice #', 2, 'person', 'card_no', false),
    (7, 'csv', 'Invoice #', 1, 'csv', 'Credit Card Number', true)
) AS v (step, level, field, choice, from_level, from_field, is_same_receipt);
COMMENT ON VIEW app.following_fields IS 'What follows from what: a value of the field at the left may follow from differences of the field at the right, of the same receipt, of the same person, or, of counts and totals, of all.';
COMMENT ON COLUMN app.following_fields.step IS 'In which order it is asked: what others follow from is judged before.';
COMMENT ON COLUMN app.following_fields.level IS 'Level of the value that follows.';
COMMENT ON COLUMN app.following_fields.field IS 'Its field.';
COMMENT ON COLUMN app.following_fields.choice IS '2 counts only where nothing with 1 differs.';
COMMENT ON COLUMN app.following_fields.from_level IS 'Level of what it follows from.';
COMMENT ON COLUMN app.following_fields.from_field IS 'Field of what it follows from.';
COMMENT ON COLUMN app.following_fields.is_same_receipt IS 'True when both must be of the same receipt.';

CREATE OR REPLACE FUNCTION app.explain_values(p_values app.found_difference[], p_foreseen app.foreseen[]) RETURNS app.found_difference[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH open AS MATERIALIZED (
        -- A total, pages, files or a flag that is the same and is not what its own receipts let expect is judged as well.
        SELECT v.*, row_number() OVER () AS id FROM unnest(p_values) AS v
        WHERE v.class IS NULL OR (v.field = 'rec_total' AND v.own_value IS DISTINCT FROM v.old_value)
            OR (v.class = 'identical' AND v.has_own AND v.level IN ('person', 'decision')
                AND v.field <> 'rec_total' AND (v.field <> 'flags.total_mismatch' OR v.old_value = 'true')
                AND v.own_value IS DISTINCT FROM v.old_value)
    ), told AS (
        SELECT DISTINCT ON (o.id, f.part) o.id, f.deviation_code, f.amount, f.part
        FROM open AS o
        JOIN unnest(p_foreseen) AS f ON f.field = o.field AND f.transaction_id = o.transaction_id
            AND f.value IS NOT DISTINCT FROM o.old_value
        -- That a receipt is missing is said of receipts, and of no line.
        WHERE o.class IS NULL AND (f.field <> 'entry' OR o.level = 'receipt')
        ORDER BY o.id, f.part, f.deviation_code
    ), said AS (
        SELECT DISTINCT ON (o.id, f.part) o.id, f.deviation_code, f.amount, f.part
        FROM open AS o
        JOIN unnest(p_foreseen) AS f ON f.field = o.field AND f.source_key = o.source_key
            AND f.value IS NOT DISTINCT FROM o.old_value
        WHERE o.class IS NULL AND o.level NOT IN ('receipt', 'csv', 'workbook') AND f.transaction_id IS NULL
        ORDER BY o.id, f.part, f.deviation_code
    )
    SELECT coalesce(array_agg(ROW(x.number, x.level, x.source_key, x.also_key, x.path, x.receipt_id, x.transaction_id,
        x.page_number, x.field, x.part, x.old_value, x.new_value, x.own_value, x.has_own, x.class, x.deviation_code,
        x.amount, x.ledger, NULL, x.is_settled)::app.found_difference ORDER BY x.number), '{}')
    FROM (
        SELECT row_number() OVER (ORDER BY array_position(ARRAY['total', 'count', 'file', 'person', 'decision', 'receipt', 'csv', 'workbook'], o.level),
                o.source_key COLLATE "C", o.page_number, o.path COLLATE "C", e.part) AS number,
            o.level, o.source_key, o.also_key, o.path, o.receipt_id, o.transaction_id, o.page_number, o.field, e.part, o.old_value,
            o.new_value, coalesce(a.value, o.own_value) AS own_value, o.has_own,
            CASE WHEN e.deviation_code IS NOT NULL THEN 'known_deviation' ELSE o.class END AS class, e.deviation_code,
            coalesce(e.amount, o.amount) AS amount, o.ledger, e.deviation_code IS NOT NULL AS is_settled
        FROM open AS o
        LEFT JOIN (SELECT t.* FROM told AS t UNION ALL SELECT s.* FROM said AS s) AS e ON e.id = o.id
        -- The amount that should be there: for totals that have it.
        LEFT JOIN (
            SELECT f.transaction_id, min(f.value) AS value FROM unnest(p_foreseen) AS f WHERE f.field = 'amt' GROUP BY f.transaction_id
        ) AS a ON a.transaction_id = o.transaction_id AND o.field IN ('amt', 'entry')
    ) AS x;
END;
COMMENT ON FUNCTION app.explain_values(app.found_difference[], app.foreseen[]) IS 'What differs, numbered, with the known deviation that foresaw just the value that is there; a wrong card total in parts.';

CREATE OR REPLACE FUNCTION app.settle_entries(
    p_found app.found_difference[], p_pairs app.receipt_pair[], p_now app.compared_receipt[], p_rejected text[]
) RETURNS app.found_difference[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH halves AS MATERIALIZED (
        -- Decided since, when each receipt stands now under the name that it is compared under.
        SELECT (p.here).waits AS source_key, CASE WHEN bool_and(n.source_key IS NOT DISTINCT FROM (p.here).source_key) THEN 'corrected_here'
            ELSE 'alias_pending' END AS class
        FROM unnest(p_pairs) AS p
        LEFT JOIN unnest(p_now) AS n ON n.transaction_id = (p.here).transaction_id
        WHERE (p.here).waits IS NOT NULL GROUP BY (p.here).waits
    ), receipts AS MATERIALIZED (
        SELECT f.source_key, array_agg(f.number::integer ORDER BY f.number) AS numbers, min(f.deviation_code) AS code,
            bool_and(f.class IS NOT DISTINCT FROM 'known_deviation') AS is_known
        FROM unnest(p_found) AS f WHERE f.level = 'receipt' AND f.field = 'entry' GROUP BY f.source_key
    ), people AS MATERIALIZED (
        SELECT f.number, f.source_key, f.old_value IS NULL AS is_missing_there,
            CASE WHEN f.is_settled THEN f.class
                WHEN h.source_key IS NOT NULL THEN h.class
                WHEN r.is_known AND starts_with(f.new_value, 'no number') THEN 'known_deviation'
                WHEN f.old_value IS NULL THEN 'missing_there' ELSE 'missing_here' END AS class,
            CASE WHEN NOT f.is_settled AND h.source_key IS NULL AND r.is_known AND starts_with(f.new_value, 'no number') THEN r.numbers END AS follows,
            CASE WHEN r.is_known AND starts_with(f.new_value, 'no number') THEN r.code END AS code,
            NOT f.is_settled AND h.source_key IS NOT NULL AS waits
        FROM unnest(p_found) AS f
        LEFT JOIN halves AS h ON h.source_key = f.source_key
        LEFT JOIN receipts AS r ON r.source_key = f.source_key
        WHERE f.level = 'person' AND f.field = 'entry' AND f.source_key <> ALL (p_rejected)
    ), codes AS MATERIALIZED (
        -- A code is one thing: what else of it is another follows from its number.
        SELECT f.number, first_value(f.number) OVER (PARTITION BY f.transaction_id
            ORDER BY array_position(ARRAY['job', 'gl_acct', 'code_type', 'phase', 'cost_type', 'gl_desc'], f.field)) AS first_number
        FROM unnest(p_found) AS f
        WHERE f.level = 'receipt' AND NOT f.is_settled
            AND f.field IN ('job', 'gl_acct', 'code_type', 'phase', 'cost_type', 'gl_desc')
    ), pages AS MATERIALIZED (
        -- By id an entry is lost once, of however many pages it was made.
        SELECT f.number, first_value(f.number) OVER (PARTITION BY f.source_key, (p.here).receipt_id ORDER BY (p.here).turn) AS first_number
        FROM unnest(p_found) AS f JOIN unnest(p_pairs) AS p ON (p.here).transaction_id = f.transaction_id
        WHERE f.level = 'receipt' AND f.field = 'entry' AND NOT f.is_settled
            AND (SELECT bool_and((x.there).is_by_id) FROM unnest(p_pairs) AS x WHERE (x.there).source_key IS NOT NULL)
    ), rejected AS (
        SELECT f.source_key, min(f.number) AS number FROM unnest(p_found) AS f
        WHERE f.level = 'file' AND f.field = 'entry' GROUP BY f.source_key
    )
    SELECT coalesce(array_agg(ROW(f.number, f.level, f.source_key, f.also_key, f.path, f.receipt_id, f.transaction_id, f.page_number,
        f.field, f.part, f.old_value, f.new_value, f.own_value, f.has_own, s.class,
        CASE WHEN s.class = 'known_deviation' THEN coalesce(f.deviation_code, s.code) END,
        f.amount, f.ledger,
        s.follows, s.class IS NOT NULL AND s.class <> 'identical' AND s.class <> 'representation')::app.found_difference
        ORDER BY f.number), '{}')
    FROM unnest(p_found) AS f
    LEFT JOIN people AS p ON p.number = f.number
    LEFT JOIN people AS o ON o.source_key = f.source_key AND f.level = 'receipt'
    LEFT JOIN people AS a ON a.source_key = f.also_key AND f.level = 'receipt' AND f.field = 'person'
    LEFT JOIN rejected AS j ON j.source_key = f.source_key
    LEFT JOIN (SELECT c.number, c.first_number FROM codes AS c UNION ALL SELECT g.number, g.first_number FROM pages AS g) AS c
        ON c.number = f.number AND c.first_number <> f.number
    CROSS JOIN LATERAL (SELECT
        CASE
            WHEN f.is_settled THEN f.class
            WHEN p.number IS NOT NULL THEN p.class
            WHEN j.number IS NOT NULL AND f.field = 'entry' THEN 'not_comparable'
            WHEN f.level = 'receipt' AND f.field = 'entry' THEN
                CASE WHEN f.old_value IS NULL THEN 'missing_there' ELSE 'missing_here' END
            WHEN f.level = 'receipt' AND f.field = 'person' AND (o.waits OR a.waits) THEN CASE WHEN o.waits THEN o.class ELSE a.class END
            WHEN f.level = 'file' THEN CASE f.field WHEN 'entry' THEN 'not_comparable' ELSE 'missing_here' END
            -- Never set: true is right by chance.
            WHEN f.field = 'flags.total_mismatch' AND f.old_value = 'true' THEN 'value_difference'
            -- What may follow from nothing is judged by itself, such as a cell that is always the same.
            WHEN NOT f.has_own OR (f.level, f.field) NOT IN (SELECT r.level, r.field FROM app.following_fields AS r) THEN 'value_difference'
            ELSE f.class END AS class,
        p.code,
        CASE WHEN p.number IS NOT NULL THEN p.follows
            WHEN f.is_settled THEN NULL
            WHEN f.level = 'receipt' AND f.field = 'entry' AND o.class IN ('missing_there', 'missing_here')
                THEN ARRAY[o.number::integer]
            WHEN c.number IS NOT NULL THEN ARRAY[c.first_number::integer]
            WHEN j.number <> f.number AND f.field = 'entry' THEN ARRAY[j.number::integer]
            WHEN f.level = 'receipt' AND f.field = 'person' AND (o.waits OR a.waits)
                THEN ARRAY[CASE WHEN o.waits THEN o.number ELSE a.number END::integer] END AS follows
    ) AS s;
END;
COMMENT ON FUNCTION app.settle_entries(app.found_difference[], app.receipt_pair[], app.compared_receipt[], text[]) IS 'Judges names and receipts that one side has alone, and single values. A name whose receipts stand under another one there waits for an alias, or was corrected here, when they stand under it now; one without receipts, since these are explained, follows from them; receipts of a name that is missing otherwise follow from that, and by id further pages of an entry that is missing from its first.';

CREATE OR REPLACE FUNCTION app.follow_values(p_found app.found_difference[], p_step integer) RETURNS app.found_difference[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH asked AS MATERIALIZED (
        SELECT f.number, f.source_key, f.transaction_id, f.level, r.choice, r.from_level, r.from_field, r.is_same_receipt,
            coalesce(f.own_value = f.old_value, num_nulls(f.own_value, f.old_value) = 2) AS is_own,
            CASE WHEN f.field = 'rec_total' THEN f.amount END AS beyond,
            f.field <> 'rec_total' AND coalesce(f.class, '') = 'identical' AS is_same
        FROM unnest(p_found) AS f
        JOIN app.following_fields AS r ON r.step = p_step AND r.level = f.level AND r.field = f.field
        WHERE NOT f.is_settled
    ), causes AS MATERIALIZED (
        SELECT f.number, f.level, f.field, f.transaction_id, k.source_key, f.class, f.deviation_code,
            CASE WHEN f.own_value IS NULL OR f.level <> 'receipt' THEN f.amount
                WHEN f.field = 'entry' THEN -f.own_value::numeric
                WHEN f.field = 'amt' THEN f.amount - f.own_value::numeric + coalesce(f.new_value::numeric, 0) END AS amount
        FROM unnest(p_found) AS f
        CROSS JOIN LATERAL (SELECT f.source_key UNION SELECT f.also_key) AS k (source_key)
        -- A name that waits for an alias is compared under the one it has there: nothing follows from that.
        WHERE f.is_settled AND k.source_key IS NOT NULL AND f.class NOT IN ('alias_pending', 'corrected_here')
    ), all_found AS (
        SELECT a.number, a.is_own, a.is_same, a.beyond, a.choice, c.number AS cause, c.class, c.deviation_code, c.amount
        FROM asked AS a JOIN causes AS c ON c.level = a.from_level AND c.field = a.from_field AND c.source_key = a.source_key
            AND (NOT a.is_same_receipt OR c.transaction_id = a.transaction_id)
        UNION ALL
        SELECT a.number, a.is_own, a.is_same, a.beyond, a.choice, c.number, c.class, c.deviation_code, c.amount
        FROM asked AS a JOIN causes AS c ON c.level = a.from_level AND c.field = a.from_field
        WHERE a.source_key IS NULL
    ), found AS (
        SELECT f.* FROM (SELECT x.*, min(x.choice) OVER (PARTITION BY x.number) AS best FROM all_found AS x) AS f
        WHERE f.choice = f.best
    ), parents AS MATERIALIZED (
        SELECT f.number,
            -- A total may be as if what nothing explains were not so: the file contradicts itself there, once.
            f.is_own OR (f.is_same AND NOT bool_and(f.class = 'known_deviation')) OR f.beyond = -sum(f.amount) FILTER (WHERE f.class <> 'known_deviation') AS is_own,
            array_agg(DISTINCT f.cause::integer) AS causes,
            CASE WHEN bool_and(f.class = 'known_deviation') THEN 'known_deviation' ELSE 'value_difference' END AS class,
            CASE WHEN count(DISTINCT f.deviation_code) = 1 THEN min(f.deviation_code) END AS code
        FROM found AS f GROUP BY f.number, f.is_own, f.is_same, f.beyond
    )
    SELECT coalesce(array_agg(ROW(f.number, f.level, f.source_key, f.also_key, f.path, f.receipt_id, f.transaction_id, f.page_number,
        f.field, f.part, f.old_value, f.new_value, f.own_value, f.has_own,
        CASE WHEN NOT s.is_due THEN f.class WHEN s.follows THEN p.class ELSE 'value_difference' END,
        CASE WHEN NOT s.is_due THEN f.deviation_code WHEN s.follows AND p.class = 'known_deviation' THEN p.code END,
        CASE WHEN NOT s.is_due OR NOT s.follows THEN f.amount END, CASE WHEN NOT s.is_due OR NOT s.follows THEN f.ledger END,
        CASE WHEN NOT s.is_due THEN f.follows WHEN s.follows THEN p.causes END,
        f.is_settled OR s.is_due)::app.found_difference ORDER BY f.number), '{}')
    FROM unnest(p_found) AS f
    LEFT JOIN (SELECT DISTINCT a.number, a.is_same FROM asked AS a) AS d ON d.number = f.number
    LEFT JOIN parents AS p ON p.number = f.number
    CROSS JOIN LATERAL (SELECT d.number IS NOT NULL AS is_due, coalesce(p.is_own, p.number IS NULL AND d.is_same, false) AS follows) AS s
    -- What is the same all the same is no difference, unless all that it may follow from is explained and foretells another value.
    WHERE NOT (s.is_due AND s.follows AND coalesce(f.class, '') IN ('identical', 'representation'));
END;
COMMENT ON FUNCTION app.follow_values(app.found_difference[], integer) IS 'Judges what may follow from others, see app.following_fields: it follows when it is what the old file itself lets expect and something it may follow from differs; else it is a root.';

CREATE OR REPLACE FUNCTION app.judge_values(
    p_values app.found_difference[], p_foreseen app.foreseen[], p_pairs app.receipt_pair[], p_now app.compared_receipt[],
    p_rejected text[]
) RETURNS app.found_difference[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_found app.found_difference[] := app.settle_entries(app.explain_values(p_values, p_foreseen), p_pairs, p_now, p_rejected);
BEGIN
    FOR v_step IN 1..7 LOOP
        v_found := app.follow_values(v_found, v_step);
    END LOOP;
    RETURN v_found;
END
$$;
COMMENT ON FUNCTION app.judge_values(app.found_difference[], app.foreseen[], app.receipt_pair[], app.compared_receipt[], text[]) IS 'All differences with class, deviation, dollars and what they follow from.';

COMMIT;
