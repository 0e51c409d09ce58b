-- Our receipts under the names of the old file, where a name waits for an alias, and of one id which is which there.
-- requires: migration/foreseeing

BEGIN;

CREATE OR REPLACE FUNCTION app.waiting_names(p_session_id uuid, p_here app.compared_receipt[], p_there app.compared_side)
RETURNS TABLE (waits text, own_key text, receipt_key text, source_key text)
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH known AS MATERIALIZED (
        SELECT r.employee_name AS source_key, bool_or(r.is_in_report) AS is_in_report
        FROM app.employee_revisions AS r WHERE r.session_id = p_session_id AND r.revision_number = 1
            AND NOT r.is_nobody GROUP BY r.employee_name
    ), pairs AS MATERIALIZED (
        SELECT n.source_key AS here, o.source_key AS there, n.receipt_key
        FROM unnest(p_here) AS n JOIN unnest(p_there.receipts) AS o ON o.receipt_id = n.receipt_id
    )
    -- Somebody else there: no number, in no entry, and what is there of it is all under one name.
    SELECT p.here, p.here, NULL, min(p.there)
    FROM pairs AS p JOIN known AS k ON k.source_key = p.here AND NOT k.is_in_report
    WHERE p.here NOT IN (SELECT x.source_key FROM unnest(p_there.people) AS x)
    GROUP BY p.here HAVING count(DISTINCT p.there) = 1
    UNION ALL
    -- Somebody else here, by an alias: no number there, and what came under that name is all under another one.
    SELECT p.there, min(p.here), p.there, p.there
    FROM pairs AS p JOIN unnest(p_there.people) AS x ON x.source_key = p.there AND NOT x.is_in_report
    WHERE p.there NOT IN (SELECT k.source_key FROM known AS k)
    GROUP BY p.there HAVING count(DISTINCT p.here) = 1 AND bool_and(p.receipt_key = p.there);
END;
COMMENT ON FUNCTION app.waiting_names(uuid, app.compared_receipt[], app.compared_side) IS 'The names that one side has for want of an alias: the name, whose receipts these are here, the name they came under (null: any), and whose they are there.';

CREATE OR REPLACE FUNCTION app.place_receipts(p_session_id uuid, p_here app.compared_receipt[], p_there app.compared_side)
RETURNS app.compared_receipt[]
LANGUAGE sql STABLE
SET search_path = ''
SET enable_nestloop = off
BEGIN ATOMIC
    WITH names AS MATERIALIZED (
        SELECT w.* FROM app.waiting_names(p_session_id, p_here, p_there) AS w
    ), lost AS MATERIALIZED (
        SELECT f.transaction_id FROM app.foresee_reading(ROW(NULL, p_here, NULL)::app.compared_side, p_there) AS f
    ), left_over AS MATERIALIZED (
        SELECT r.source_key, r.receipt_id, bool_and(r.is_by_id) AS is_by_id
        FROM unnest(p_there.receipts) AS r GROUP BY r.source_key, r.receipt_id
    ), named AS (
        SELECT r.*, coalesce(w.source_key, r.source_key) AS name, w.waits AS waiting, w.own_key AS key_here, l.transaction_id IS NOT NULL AS is_lost
        FROM unnest(p_here) WITH ORDINALITY AS r
        LEFT JOIN names AS w ON w.own_key = r.source_key AND (w.receipt_key IS NULL OR w.receipt_key = r.receipt_key)
        LEFT JOIN lost AS l ON l.transaction_id = r.transaction_id
    )
    SELECT coalesce(array_agg(ROW(x.name, x.receipt_id, x.place, x.transaction_id, x.page_number, x.path, x.code_key, x.is_by_id, x.amount,
        x.said, x.is_later, x.is_whole_code, x.receipt_key, x.facts, x.content_id, x.key_here, x.waiting)::app.compared_receipt
        ORDER BY x.ordinality), '{}')
    FROM (
        -- What was not read comes last; by id the last page of an id that was read is the one that is left.
        SELECT n.*, row_number() OVER (PARTITION BY n.name, n.receipt_id ORDER BY n.is_lost,
                CASE WHEN coalesce(o.is_by_id, (SELECT bool_and(f.is_by_id) FROM left_over AS f)) THEN -n.ordinality END, n.code_key COLLATE "C", n.ordinality) AS place,
            1 < row_number() OVER (PARTITION BY n.name, n.receipt_id ORDER BY n.ordinality) AND (n.said).rec_id IS NOT NULL AS is_later
        FROM named AS n
        LEFT JOIN left_over AS o ON o.source_key = n.name AND o.receipt_id = n.receipt_id
    ) AS x;
END;
COMMENT ON FUNCTION app.place_receipts(uuid, app.compared_receipt[], app.compared_side) IS 'Our receipts as the old file has them: what waits for an alias under the name it has there, and numbered among those of one name and id as that program kept them. Beyond that nothing of them is another.';

COMMIT;
