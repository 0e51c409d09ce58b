-- What differs between two sessions or two revisions, field by field, to the cent.
-- requires: report/people
-- requires: content/compare

BEGIN;

CREATE TYPE report.difference AS (
    kind text,
    change text,
    cardholder_id uuid,
    employee_name text,
    employee_id text,
    natural_key text,
    field text,
    old_value text,
    new_value text,
    difference numeric(14, 2)
);
COMMENT ON TYPE report.difference IS 'A row of a comparison: kind (summary, person, transaction), change (added, removed, changed), whose, which receipt, field, both values as text, and for amounts new minus old in dollars.';
GRANT USAGE ON TYPE report.difference
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.compare_pairs(p_old_ids uuid[], p_new_ids uuid[]) RETURNS SETOF report.difference
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH pairs AS (
        SELECT p.old_id, p.new_id, coalesce(n.cardholder_id, o.cardholder_id) AS cardholder_id,
            coalesce(n.employee_name, o.employee_name) AS employee_name,
            coalesce(n.employee_id, o.employee_id) AS employee_id, o, n,
            CASE WHEN p.old_id IS NULL THEN 'added' WHEN p.new_id IS NULL THEN 'removed' ELSE 'changed' END AS change,
            CASE WHEN sn.status IS NOT NULL OR p.new_id IS NULL THEN so.status END AS old_status,
            CASE WHEN so.status IS NOT NULL OR p.old_id IS NULL THEN sn.status END AS new_status
        FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
        LEFT JOIN app.employee_revisions AS o ON o.revision_id = p.old_id
        LEFT JOIN app.employee_revisions AS n ON n.revision_id = p.new_id
        LEFT JOIN app.session_employees AS so ON so.current_revision_id = p.old_id
        LEFT JOIN app.session_employees AS sn ON sn.current_revision_id = p.new_id
    ), people AS (
        SELECT 2 AS place, 'person' AS kind, p.change, p.cardholder_id, p.employee_name, p.employee_id,
            NULL::text AS natural_key, f.field, f.old_value, f.new_value, f.difference
        FROM pairs AS p
        CROSS JOIN LATERAL (VALUES
            ('car_total', (p.o).car_total::text, (p.n).car_total::text,
                coalesce((p.n).car_total, 0) - coalesce((p.o).car_total, 0)),
            ('receipt_total', (p.o).receipt_total::text, (p.n).receipt_total::text,
                coalesce((p.n).receipt_total, 0) - coalesce((p.o).receipt_total, 0)),
            ('receipt_count', (p.o).receipt_count::text, (p.n).receipt_count::text, NULL),
            ('status', p.old_status, p.new_status, NULL),
            ('employee_id', (p.o).employee_id, (p.n).employee_id, NULL),
            ('card_number', (p.o).card_number, (p.n).card_number, NULL),
            ('validation_flags', (p.o).validation_flags::text, (p.n).validation_flags::text, NULL)
        ) AS f (field, old_value, new_value, difference)
        WHERE f.old_value IS DISTINCT FROM f.new_value
    ), matched AS (
        SELECT array_agg(p.old_id) AS old_ids, array_agg(p.new_id) AS new_ids
        FROM pairs AS p WHERE p.change = 'changed'
    ), receipts AS (
        SELECT c.new_revision_id, c.natural_key, c.change, c.old_content AS o, c.new_content AS n
        FROM matched AS m, app.compare_transactions(m.old_ids, m.new_ids) AS c
        UNION ALL
        SELECT p.new_id, l.natural_key, 'added', NULL, c
        FROM pairs AS p
        JOIN app.receipt_links AS l ON l.employee_revision_id = p.new_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE p.change = 'added'
        UNION ALL
        SELECT p.old_id, l.natural_key, 'removed', c, NULL
        FROM pairs AS p
        JOIN app.receipt_links AS l ON l.employee_revision_id = p.old_id
        JOIN app.receipt_contents AS c ON c.content_id = l.content_id
        WHERE p.change = 'removed'
    ), fields AS (
        SELECT 3 AS place, 'transaction' AS kind, r.change, p.cardholder_id, p.employee_name, p.employee_id,
            r.natural_key, f.field, f.old_value, f.new_value,
            CASE f.field WHEN 'amount' THEN coalesce((r.n).amount, 0) - coalesce((r.o).amount, 0) END AS difference
        FROM receipts AS r
        JOIN pairs AS p ON coalesce(p.new_id, p.old_id) = r.new_revision_id
        CROSS JOIN LATERAL (
            SELECT coalesce(x.field, y.field) AS field, x.said AS old_value, y.said AS new_value
            FROM app.said_fields(r.o) AS x FULL JOIN app.said_fields(r.n) AS y ON y.field = x.field
        ) AS f
        WHERE f.old_value IS DISTINCT FROM f.new_value
            AND (r.change = 'changed' OR f.field = 'amount')
    ), differences AS (
        SELECT f.* FROM people AS f UNION ALL SELECT f.* FROM fields AS f
    ), summary AS (
        SELECT 1 AS place, 'summary' AS kind, NULL::text AS change, NULL::uuid AS cardholder_id, NULL::text AS employee_name,
            NULL::text AS employee_id, NULL::text AS natural_key, s.field, s.old_value, s.new_value, s.difference
        FROM (
            SELECT count(*) FILTER (WHERE p.old_id IS NOT NULL) AS old_people,
                count(*) FILTER (WHERE p.new_id IS NOT NULL) AS new_people,
                count(*) FILTER (WHERE p.change = 'added') AS added,
                count(*) FILTER (WHERE p.change = 'removed') AS removed,
                sum((p.o).car_total) AS old_car, sum((p.n).car_total) AS new_car,
                sum((p.o).receipt_total) AS old_receipts, sum((p.n).receipt_total) AS new_receipts
            FROM pairs AS p
        ) AS t
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT d.cardholder_id) AS changed FROM differences AS d
        ) AS c
        CROSS JOIN LATERAL (VALUES
            (format('people: %s added, %s removed, %s changed', t.added, t.removed, c.changed - t.added - t.removed),
                t.old_people::text, t.new_people::text, NULL::numeric),
            ('car_total', t.old_car::text, t.new_car::text, coalesce(t.new_car, 0) - coalesce(t.old_car, 0)),
            ('receipt_total', t.old_receipts::text, t.new_receipts::text,
                coalesce(t.new_receipts, 0) - coalesce(t.old_receipts, 0))
        ) AS s (field, old_value, new_value, difference)
    )
    SELECT d.kind, d.change, d.cardholder_id, d.employee_name, d.employee_id, d.natural_key, d.field, d.old_value,
        d.new_value, d.difference
    FROM (SELECT x.* FROM summary AS x UNION ALL SELECT x.* FROM differences AS x) AS d
    ORDER BY d.place, d.employee_name, d.employee_id, d.cardholder_id, d.natural_key, d.field;
END;
COMMENT ON FUNCTION app.compare_pairs(uuid[], uuid[]) IS 'What differs between pairs of revisions (same place in both arrays; null: that side has none): summary rows first, then people, then receipts, field by field. A receipt on one side only shows its amount.';

CREATE OR REPLACE FUNCTION report.compare_sessions(p_old_session_id uuid, p_new_session_id uuid) RETURNS SETOF report.difference
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT d.* FROM (
        SELECT array_agg(o.current_revision_id) AS old_ids, array_agg(n.current_revision_id) AS new_ids
        FROM (SELECT e.* FROM app.session_employees AS e WHERE e.session_id = p_old_session_id) AS o
        FULL JOIN (SELECT e.* FROM app.session_employees AS e WHERE e.session_id = p_new_session_id) AS n
            ON n.cardholder_id = o.cardholder_id
    ) AS p, app.compare_pairs(p.old_ids, p.new_ids) AS d;
END;
COMMENT ON FUNCTION report.compare_sessions(uuid, uuid) IS 'What differs between two sessions: summary rows first, then people and receipts added, removed and changed, field by field with both values and the difference in dollars. People are paired by cardholder, so namesakes stay apart.';

CREATE OR REPLACE FUNCTION report.compare_revisions(p_old_revision_id uuid, p_new_revision_id uuid) RETURNS SETOF report.difference
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT d.* FROM app.compare_pairs(ARRAY[p_old_revision_id], ARRAY[p_new_revision_id]) AS d;
END;
COMMENT ON FUNCTION report.compare_revisions(uuid, uuid) IS 'What differs between two revisions, as report.compare_sessions; the status is compared where both are current.';

GRANT EXECUTE ON FUNCTION report.compare_sessions(uuid, uuid), report.compare_revisions(uuid, uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
