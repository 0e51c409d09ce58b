-- What differs between two sessions or two revisions, field by field, to the cent.
-- requires: report/charges
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
    old_amount numeric(20, 2),
    new_amount numeric(20, 2),
    difference numeric(20, 2)
);
COMMENT ON TYPE report.difference IS 'A row of a comparison: kind (summary, person, charge, charge_line, transaction), change (added, removed, changed), whose, which charge or receipt, field, both values as text, and for amounts both in dollars (null: unknown, or not there) and new minus old (null where one that is there is unknown).';
COMMENT ON COLUMN report.difference.kind IS 'summary, person, charge, charge_line or transaction. The amounts of a charge''s lines are parts of its own.';
COMMENT ON COLUMN report.difference.change IS 'added, removed or changed; null in the summary.';
COMMENT ON COLUMN report.difference.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.difference.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.difference.employee_id IS 'Employee number of the person.';
COMMENT ON COLUMN report.difference.natural_key IS 'What the charge or receipt is known by inside a person''s month.';
COMMENT ON COLUMN report.difference.field IS 'What differs.';
COMMENT ON COLUMN report.difference.old_value IS 'Value of the first, as text.';
COMMENT ON COLUMN report.difference.new_value IS 'Value of the second, as text.';
COMMENT ON COLUMN report.difference.old_amount IS 'Value of the first in dollars, for amounts; null: unknown, or not there.';
COMMENT ON COLUMN report.difference.new_amount IS 'Value of the second in dollars, for amounts; null: unknown, or not there.';
COMMENT ON COLUMN report.difference.difference IS 'New minus old in dollars, for amounts; null where one that is there is unknown.';
GRANT USAGE ON TYPE report.difference
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION app.compare_pairs(p_old_ids uuid[], p_new_ids uuid[]) RETURNS SETOF report.difference
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH pairs AS (
        SELECT p.pair, p.old_id, p.new_id, coalesce(n.cardholder_id, o.cardholder_id) AS cardholder_id,
            coalesce(n.employee_name, o.employee_name) AS employee_name,
            coalesce(n.employee_id, o.employee_id) AS employee_id, o, n,
            CASE WHEN p.old_id IS NULL THEN 'added' WHEN p.new_id IS NULL THEN 'removed' ELSE 'changed' END AS change,
            CASE WHEN sn.status IS NOT NULL OR p.new_id IS NULL THEN so.status END AS old_status,
            CASE WHEN so.status IS NOT NULL OR p.old_id IS NULL THEN sn.status END AS new_status
        FROM unnest(p_old_ids, p_new_ids) WITH ORDINALITY AS p (old_id, new_id, pair)
        LEFT JOIN app.employee_revisions AS o ON o.revision_id = p.old_id
        LEFT JOIN app.employee_revisions AS n ON n.revision_id = p.new_id
        LEFT JOIN app.session_employees AS so ON so.current_revision_id = p.old_id
        LEFT JOIN app.session_employees AS sn ON sn.current_revision_id = p.new_id
    ), people AS (
        SELECT 2 AS place, 'person' AS kind, p.change, p.cardholder_id, p.employee_name, p.employee_id,
            NULL::text AS natural_key, f.field, f.old_value, f.new_value, f.old_amount, f.new_amount
        FROM pairs AS p
        CROSS JOIN LATERAL (VALUES
            ('car_total', (p.o).car_total::text, (p.n).car_total::text, (p.o).car_total, (p.n).car_total),
            ('receipt_total', (p.o).receipt_total::text, (p.n).receipt_total::text, (p.o).receipt_total,
                (p.n).receipt_total),
            ('receipt_count', (p.o).receipt_count::text, (p.n).receipt_count::text, NULL, NULL),
            ('status', p.old_status, p.new_status, NULL, NULL),
            ('employee_id', (p.o).employee_id, (p.n).employee_id, NULL, NULL),
            ('card_number', (p.o).card_number, (p.n).card_number, NULL, NULL),
            ('validation_flags', (p.o).validation_flags::text, (p.n).validation_flags::text, NULL, NULL)
        ) AS f (field, old_value, new_value, old_amount, new_amount)
        WHERE f.old_value IS DISTINCT FROM f.new_value
    ), charges AS (
        SELECT 3 AS place, 'charge' AS kind, c.change, p.cardholder_id, p.employee_name, p.employee_id,
            c.natural_key, f.field, f.old_value, f.new_value, f.old_amount, f.new_amount
        FROM app.compare_charges(p_old_ids, p_new_ids) AS c
        JOIN pairs AS p ON p.pair = c.place
        CROSS JOIN LATERAL (VALUES
            ('net_amount', (c.old_row).net_amount::text, (c.new_row).net_amount::text, (c.old_row).net_amount,
                (c.new_row).net_amount),
            ('gross_amount', (c.old_row).gross_amount::text, (c.new_row).gross_amount::text, (c.old_row).gross_amount,
                (c.new_row).gross_amount),
            ('discount_amount', (c.old_row).discount_amount::text, (c.new_row).discount_amount::text,
                (c.old_row).discount_amount, (c.new_row).discount_amount),
            ('purchase_date', to_char((c.old_row).purchase_date, 'YYYY-MM-DD'),
                to_char((c.new_row).purchase_date, 'YYYY-MM-DD'), NULL, NULL),
            ('posted_date', to_char((c.old_row).posted_date, 'YYYY-MM-DD'),
                to_char((c.new_row).posted_date, 'YYYY-MM-DD'), NULL, NULL),
            ('level', (c.old_row).level, (c.new_row).level, NULL, NULL),
            ('merchant_name', (c.old_row).merchant_name, (c.new_row).merchant_name, NULL, NULL),
            ('city', (c.old_row).city, (c.new_row).city, NULL, NULL),
            ('state', (c.old_row).state, (c.new_row).state, NULL, NULL),
            ('merchant_group', (c.old_row).merchant_group, (c.new_row).merchant_group, NULL, NULL),
            ('unread_fields', (c.old_row).unread_fields::text, (c.new_row).unread_fields::text, NULL, NULL)
        ) AS f (field, old_value, new_value, old_amount, new_amount)
        WHERE CASE c.change WHEN 'changed' THEN f.old_value IS DISTINCT FROM f.new_value ELSE f.field = 'net_amount' END
    ), lines AS (
        SELECT 3 AS place, 'charge_line' AS kind, c.change, p.cardholder_id, p.employee_name, p.employee_id,
            c.natural_key, format('line %s %s', c.line_number, f.field) AS field, f.old_value, f.new_value,
            f.old_amount, f.new_amount
        FROM app.compare_charge_lines(p_old_ids, p_new_ids) AS c
        JOIN pairs AS p ON p.pair = c.place
        CROSS JOIN LATERAL (VALUES
            ('product_description', (c.old_row).product_description, (c.new_row).product_description, NULL::numeric,
                NULL::numeric),
            ('unit_price', (c.old_row).unit_price::text, (c.new_row).unit_price::text, NULL, NULL),
            ('quantity', (c.old_row).quantity::text, (c.new_row).quantity::text, NULL, NULL),
            ('gross_amount', (c.old_row).gross_amount::text, (c.new_row).gross_amount::text, (c.old_row).gross_amount,
                (c.new_row).gross_amount),
            ('discount_amount', (c.old_row).discount_amount::text, (c.new_row).discount_amount::text,
                (c.old_row).discount_amount, (c.new_row).discount_amount),
            ('net_amount', (c.old_row).net_amount::text, (c.new_row).net_amount::text, (c.old_row).net_amount,
                (c.new_row).net_amount)
        ) AS f (field, old_value, new_value, old_amount, new_amount)
        WHERE f.old_value IS DISTINCT FROM f.new_value
            AND (c.change = 'changed' OR f.field = 'net_amount' OR f.field = 'product_description')
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
        SELECT 4 AS place, 'transaction' AS kind, r.change, p.cardholder_id, p.employee_name, p.employee_id,
            r.natural_key, f.field, f.old_value, f.new_value,
            CASE f.field WHEN 'amount' THEN (r.o).amount END AS old_amount,
            CASE f.field WHEN 'amount' THEN (r.n).amount END AS new_amount
        FROM receipts AS r
        JOIN pairs AS p ON coalesce(p.new_id, p.old_id) = r.new_revision_id
        CROSS JOIN LATERAL (
            SELECT coalesce(x.field, y.field) AS field, x.said AS old_value, y.said AS new_value
            FROM app.said_fields(r.o) AS x FULL JOIN app.said_fields(r.n) AS y ON y.field = x.field
        ) AS f
        WHERE CASE r.change WHEN 'changed' THEN f.old_value IS DISTINCT FROM f.new_value ELSE f.field = 'amount' END
    ), differences AS (
        SELECT f.*, CASE f.change WHEN 'added' THEN f.new_amount WHEN 'removed' THEN -f.old_amount
            ELSE f.new_amount - f.old_amount END AS difference
        FROM (
            SELECT x.* FROM people AS x UNION ALL SELECT x.* FROM charges AS x UNION ALL SELECT x.* FROM lines AS x
            UNION ALL SELECT x.* FROM fields AS x
        ) AS f
    ), summary AS (
        SELECT 1 AS place, 'summary' AS kind, NULL::text AS change, NULL::uuid AS cardholder_id, NULL::text AS employee_name,
            NULL::text AS employee_id, NULL::text AS natural_key, s.field, s.old_value, s.new_value,
            s.old_amount, s.new_amount, s.new_amount - s.old_amount AS difference
        FROM (
            SELECT count(*) FILTER (WHERE p.old_id IS NOT NULL) AS old_people,
                count(*) FILTER (WHERE p.new_id IS NOT NULL) AS new_people,
                count(*) FILTER (WHERE p.change = 'added') AS added,
                count(*) FILTER (WHERE p.change = 'removed') AS removed,
                -- One unknown card total makes the sum unknown; without people it is 0.
                CASE WHEN bool_and((p.o).car_total IS NOT NULL OR p.old_id IS NULL) THEN coalesce(sum((p.o).car_total), 0) END AS old_car,
                CASE WHEN bool_and((p.n).car_total IS NOT NULL OR p.new_id IS NULL) THEN coalesce(sum((p.n).car_total), 0) END AS new_car,
                sum((p.o).receipt_total) AS old_receipts, sum((p.n).receipt_total) AS new_receipts
            FROM pairs AS p
        ) AS t
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT d.cardholder_id) AS changed FROM differences AS d
        ) AS c
        CROSS JOIN LATERAL (VALUES
            (format('people: %s added, %s removed, %s changed', t.added, t.removed, c.changed - t.added - t.removed),
                t.old_people::text, t.new_people::text, NULL::numeric, NULL::numeric),
            ('car_total', t.old_car::text, t.new_car::text, t.old_car, t.new_car),
            ('receipt_total', t.old_receipts::text, t.new_receipts::text, coalesce(t.old_receipts, 0),
                coalesce(t.new_receipts, 0))
        ) AS s (field, old_value, new_value, old_amount, new_amount)
    )
    SELECT d.kind, d.change, d.cardholder_id, d.employee_name, d.employee_id, d.natural_key, d.field, d.old_value,
        d.new_value, d.old_amount, d.new_amount, d.difference
    FROM (SELECT x.* FROM summary AS x UNION ALL SELECT x.* FROM differences AS x) AS d
    ORDER BY d.place, d.employee_name, d.employee_id, d.cardholder_id, d.natural_key, d.kind, d.field;
END;
COMMENT ON FUNCTION app.compare_pairs(uuid[], uuid[]) IS 'What differs between pairs of revisions (same place in both arrays; null: that side has none): summary rows first, then people, charges and receipts, field by field. A charge or receipt on one side only shows its amount. Product lines are compared in charges on both sides, with `line N` before the field.';

CREATE OR REPLACE FUNCTION report.compare_sessions(p_old_session_id uuid, p_new_session_id uuid) RETURNS SETOF report.difference
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (x.difference).* FROM (
        SELECT array_agg(o.current_revision_id) AS old_ids, array_agg(n.current_revision_id) AS new_ids
        FROM (SELECT e.* FROM app.session_employees AS e WHERE e.session_id = p_old_session_id) AS o
        FULL JOIN (SELECT e.* FROM app.session_employees AS e WHERE e.session_id = p_new_session_id) AS n
            ON n.cardholder_id = o.cardholder_id
    ) AS p, app.compare_pairs(p.old_ids, p.new_ids) AS d, LATERAL (
        SELECT CASE WHEN (SELECT h.names FROM app.hidden_names AS h) IS NULL THEN d ELSE jsonb_populate_record(d,
            report.hide_names_of_value(to_jsonb(d), (SELECT h.names FROM app.hidden_names AS h))) END AS difference OFFSET 0) AS x;
END;
COMMENT ON FUNCTION report.compare_sessions(uuid, uuid) IS 'What differs between two sessions: summary rows first, then people, charges and receipts added, removed and changed, field by field with both values and the difference in dollars. People are paired by cardholder, so namesakes stay apart.';

CREATE OR REPLACE FUNCTION report.compare_revisions(p_old_revision_id uuid, p_new_revision_id uuid) RETURNS SETOF report.difference
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (x.difference).*
    FROM app.compare_pairs(ARRAY[p_old_revision_id], ARRAY[p_new_revision_id]) AS d, LATERAL (
        
        SELECT CASE WHEN (SELECT h.names FROM app.hidden_names AS h) IS NULL THEN d ELSE jsonb_populate_record(d,
            report.hide_names_of_value(to_jsonb(d), (SELECT h.names FROM app.hidden_names AS h))) END AS difference OFFSET 0) AS x;
END;
COMMENT ON FUNCTION report.compare_revisions(uuid, uuid) IS 'What differs between two revisions, as report.compare_sessions; the status is compared where both are current.';

GRANT EXECUTE ON FUNCTION report.compare_sessions(uuid, uuid), report.compare_revisions(uuid, uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
