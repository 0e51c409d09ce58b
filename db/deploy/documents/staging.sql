-- From the rows of two read PDFs to staged people, receipts, cards and charges.
-- requires: documents/shape
-- requires: intake/people

BEGIN;

CREATE OR REPLACE FUNCTION app.staged_cards(p_car jsonb)
RETURNS TABLE (
    card_place bigint, source_key text, name_key text, employee_id text, card_number text, is_masked boolean,
    pages integer[], totals jsonb, charges jsonb, problems jsonb
)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cards AS (
        SELECT c.ordinality AS place, c.value ->> 'employee_id' AS employee_id,
            c.value ->> 'cardholder_name' AS printed_name,
            nullif(left(app.name_key(c.value ->> 'cardholder_name'), 200), '') AS own_key,
            c.value ->> 'card_number' AS card_number, (c.value -> 'printed_masked')::boolean AS is_masked,
            ARRAY(SELECT p.page::integer FROM jsonb_array_elements(c.value -> 'pages') AS p (page) ORDER BY 1) AS pages,
            c.value -> 'totals' AS totals, c.value -> 'charges' AS charges, c.value -> 'problems' AS problems
        FROM jsonb_array_elements(p_car -> 'cards') WITH ORDINALITY AS c
    ), named AS (
        -- A header without readable name: another card of this number, else the only person known by it.
        SELECT c.*, coalesce(c.own_key,
            (SELECT o.own_key FROM cards AS o WHERE o.employee_id = c.employee_id AND o.own_key IS NOT NULL
             ORDER BY o.place LIMIT 1),
            (SELECT min(h.name_key) FROM app.cardholders AS h WHERE h.employee_id = c.employee_id HAVING count(*) = 1),
            app.own_key(c.printed_name, c.employee_id)) AS name_key
        FROM cards AS c
    )
    SELECT n.place, concat_ws(' ', 'card of', n.name_key, n.employee_id), n.name_key, n.employee_id, n.card_number,
        n.is_masked, n.pages, n.totals, n.charges, n.problems
    FROM named AS n;
END;
COMMENT ON FUNCTION app.staged_cards(jsonb) IS 'The cards of a read report in order, each with the source key of its person: name key and employee id, so that two people of one name stay apart and the cards of one person come together.';

CREATE OR REPLACE FUNCTION app.staged_receipts(p_receipts jsonb) RETURNS TABLE (source_key text, name_key text, page integer, receipt jsonb)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH receipts AS MATERIALIZED (
        SELECT coalesce(r.value ->> 'employee', '') AS printed_name, r.value AS receipt
        FROM jsonb_array_elements(p_receipts -> 'receipts') AS r
    ), names AS MATERIALIZED (
        -- A name is folded once, however many receipts are under it.
        SELECT d.printed_name, app.own_key(d.printed_name, NULL) AS own_key
        FROM (SELECT DISTINCT r.printed_name FROM receipts AS r) AS d
    ), keys AS MATERIALIZED (
        SELECT n.printed_name, n.own_key, app.report_key(n.own_key) AS name_key FROM names AS n
    )
    SELECT 'receipts of ' || k.own_key, k.name_key, (r.receipt -> 'page')::integer, r.receipt
    FROM receipts AS r JOIN keys AS k ON k.printed_name = r.printed_name;
END;
COMMENT ON FUNCTION app.staged_receipts(jsonb) IS 'The receipts of a read report with the source key of the name they are under, and the name key the bank prints for it, an approved alias included.';

CREATE OR REPLACE FUNCTION app.stage_documents(p_car jsonb, p_receipts jsonb) RETURNS app.staged_person[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cards AS MATERIALIZED (
        SELECT c.source_key, c.name_key, c.employee_id, c.card_number, c.card_place, c.pages FROM app.staged_cards(p_car) AS c
    ), pages AS (
        SELECT c.source_key, array_agg(DISTINCT p.page ORDER BY p.page) AS pages
        FROM cards AS c, unnest(c.pages) AS p (page) GROUP BY c.source_key
    ), printed AS (
        SELECT DISTINCT c.name_key FROM cards AS c
    ), people AS (
        SELECT c.source_key, c.name_key, c.employee_id, (array_agg(c.card_number ORDER BY c.card_place))[1] AS card_number,
            true AS is_in_report, NULL::numeric AS car_total, g.pages AS car_pages,
            '{}'::integer[] AS receipt_pages, min(c.card_place) AS place
        FROM cards AS c LEFT JOIN pages AS g ON g.source_key = c.source_key
        GROUP BY c.source_key, c.name_key, c.employee_id, g.pages
        UNION ALL
        -- A name that the report prints as well is that person, whatever an alias says.
        SELECT r.source_key, coalesce(w.name_key, r.name_key), NULL, NULL, false, 0, '{}'::integer[],
            array_agg(r.page ORDER BY r.page), 1000000 + min(r.page)
        FROM app.staged_receipts(p_receipts) AS r
        LEFT JOIN printed AS w ON w.name_key = substr(r.source_key, length('receipts of ') + 1)
        GROUP BY r.source_key, r.name_key, w.name_key
    )
    SELECT array_agg(ROW(p.source_key, p.name_key, p.employee_id, p.card_number, p.is_in_report, p.car_total,
        p.car_pages, p.receipt_pages, NULL, NULL, NULL)::app.staged_person ORDER BY p.place)
    FROM people AS p;
END;
COMMENT ON FUNCTION app.stage_documents(jsonb, jsonb) IS 'The people two read PDFs name, in order of first sight: one entry per person of the report with all cards, one per name of the receipts.';

CREATE OR REPLACE FUNCTION app.document_receipts(p_receipts jsonb, p_people app.staged_person[]) RETURNS SETOF app.staged_receipt
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH read AS (
        SELECT p.revision_id, nullif(substr(r.source_key, length('receipts of ') + 1), p.name_key) AS receipt_key, r.page,
            f.*, app.read_date(f.date) AS day,
            (SELECT x.value ->> 'raw' FROM jsonb_array_elements(f.problems) AS x WHERE x.value ->> 'field' = 'amount' LIMIT 1)
                AS amount_text,
            (SELECT x.value ->> 'raw' FROM jsonb_array_elements(f.problems) AS x WHERE x.value ->> 'field' = 'date' LIMIT 1)
                AS date_text
        FROM app.staged_receipts(p_receipts) AS r
        JOIN unnest(p_people) AS p ON p.source_key = r.source_key
        CROSS JOIN LATERAL jsonb_to_record(r.receipt) AS f (
            request_number text, employee text, expense_type text, title text, transaction_id text, date text,
            amount numeric, printed_address text, printed_merchant_address text, purpose text, notes integer, merchant_name text, merchant_address text,
            coding_type text, job text, job_description text, phase text, phase_description text, cost_type text,
            cost_type_description text, gl_account text, gl_description text, attachments jsonb,
            has_attachment boolean, request_type text, problems jsonb)
        OFFSET 0
    ), keyed AS (
        SELECT r.*, app.shorten(coalesce(r.transaction_id,
            'no id: ' || concat_ws(', ', r.date, coalesce(r.amount::text, r.amount_text), r.merchant_name)), 300) AS base_key
        FROM read AS r
    )
    SELECT k.revision_id, app.new_id(), app.copy_key(k.base_key, row_number() OVER w),
        k.page::bigint, k.page,
        ROW(app.new_id(), app.tx(), nullif(k.transaction_id, ''),
            k.day, CASE WHEN k.day IS NULL THEN app.shorten(coalesce(k.date_text, k.date), 200) END,
            CASE WHEN k.amount < 0 THEN 'refund' ELSE 'expense' END,
            k.amount, CASE WHEN k.amount IS NULL THEN app.shorten(k.amount_text, 200) END,
            nullif(k.expense_type, ''), nullif(k.title, ''),
            nullif(k.purpose, ''), nullif(k.merchant_name, ''),
            nullif(k.merchant_address, ''), k.coding_type, nullif(k.job, ''), nullif(k.phase, ''),
            nullif(k.cost_type, ''), nullif(k.gl_account, ''), nullif(k.gl_description, ''),
            k.has_attachment,
            (SELECT app.hide_card_numbers(nullif(string_agg(a.name, ', ' ORDER BY a.ordinality), ''))
             FROM jsonb_array_elements_text(k.attachments) WITH ORDINALITY AS a (name, ordinality)),
            false,
            jsonb_strip_nulls(jsonb_build_object('printed_name', k.employee,
                'request_number', k.request_number, 'request_type', k.request_type,
                'printed_address', k.printed_address, 'printed_merchant_address', k.printed_merchant_address,
                'notes', k.notes, 'attachments', jsonb_array_length(k.attachments), 'job_description', k.job_description, 'phase_description', k.phase_description,
                'cost_type_description', k.cost_type_description, 'problems', nullif(k.problems, '[]')))
        )::app.receipt_contents,
        k.receipt_key
    FROM keyed AS k
    WINDOW w AS (PARTITION BY k.revision_id, k.base_key ORDER BY k.page);
END;
COMMENT ON FUNCTION app.document_receipts(jsonb, app.staged_person[]) IS 'The receipts of identified people for their new revisions, in page order. What cannot be read stays as text.';

CREATE OR REPLACE FUNCTION app.document_cards(p_session_id uuid, p_car jsonb, p_people app.staged_person[])
RETURNS SETOF app.card_totals
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH cards AS (
        SELECT p.cardholder_id, k.card_id, c.card_number, c.is_masked, c.totals -> 0 AS total,
            jsonb_array_length(c.totals) AS total_lines, c.pages,
            (SELECT jsonb_agg(x.problem ORDER BY x.place, x.problem)
             FROM (
                SELECT 1 AS place, y.value AS problem FROM jsonb_array_elements(c.problems) AS y
                UNION ALL
                SELECT 2, y.value || jsonb_build_object('field', 'total_' || (y.value ->> 'field'))
                FROM jsonb_array_elements(c.totals) AS t CROSS JOIN LATERAL jsonb_array_elements(t.value -> 'problems') AS y
                UNION ALL
                -- Several total lines that differ: which of them is right nobody knows.
                SELECT 3, jsonb_build_object('field', 'total_' || i.item, 'raw', string_agg(t.value ->> i.item, ' / '
                    ORDER BY t.ordinality), 'reason', 'the total lines differ')
                FROM (VALUES ('gross'), ('discount'), ('net')) AS i (item)
                CROSS JOIN LATERAL jsonb_array_elements(c.totals) WITH ORDINALITY AS t
                GROUP BY i.item HAVING count(DISTINCT t.value ->> i.item) > 1
             ) AS x) AS problems
        FROM app.staged_cards(p_car) AS c
        JOIN unnest(p_people) AS p ON p.source_key = c.source_key
        JOIN app.cards AS k ON k.cardholder_id = p.cardholder_id
            AND k.first_six = left(c.card_number, 6) AND k.last_four = right(c.card_number, 4)
    ), pages AS (
        SELECT c.cardholder_id, c.card_id, array_agg(DISTINCT g.page ORDER BY g.page) AS pages
        FROM cards AS c, unnest(c.pages) AS g (page) GROUP BY c.cardholder_id, c.card_id
    ), read AS (
        SELECT c.cardholder_id, c.card_id, min(c.card_number) AS card_number, bool_and(c.is_masked) AS is_masked,
            sum(c.total_lines)::integer AS total_lines, count(*) AS n,
            count(c.total ->> 'gross') AS gross_n, sum((c.total ->> 'gross')::numeric) AS gross,
            count(c.total ->> 'discount') AS discount_n, sum((c.total ->> 'discount')::numeric) AS discount,
            count(c.total ->> 'net') AS net_n, sum((c.total ->> 'net')::numeric) AS net,
            jsonb_path_query_array(jsonb_agg(c.problems) FILTER (WHERE c.problems IS NOT NULL), '$[*][*]') AS problems
        FROM cards AS c GROUP BY c.cardholder_id, c.card_id
    )
    SELECT p_session_id, r.cardholder_id, r.card_id, app.tx(), r.card_number, r.is_masked, r.total_lines,
        CASE WHEN r.gross_n = r.n THEN r.gross END, CASE WHEN r.discount_n = r.n THEN r.discount END,
        CASE WHEN r.net_n = r.n THEN r.net END, p.pages, r.problems
    FROM read AS r JOIN pages AS p ON p.cardholder_id = r.cardholder_id AND p.card_id = r.card_id;
END;
COMMENT ON FUNCTION app.document_cards(uuid, jsonb, app.staged_person[]) IS 'The cards of identified people, whose cards are noted, with their total lines as printed and all that could not be read of them.';

CREATE OR REPLACE FUNCTION app.document_charges(p_session_id uuid, p_car jsonb, p_people app.staged_person[])
RETURNS SETOF app.charges
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH charges AS (
        SELECT p.cardholder_id, k.card_id, right(c.card_number, 4) AS last_four,
            (c.card_place << 20) + x.ordinality AS position, x.value AS charge, f.*,
            app.read_date(f.trans_date) AS trans_day, app.read_date(f.posted_date) AS posted_day, l.*, t.total_problems
        FROM app.staged_cards(p_car) AS c
        JOIN unnest(p_people) AS p ON p.source_key = c.source_key
        JOIN app.cards AS k ON k.cardholder_id = p.cardholder_id
            AND k.first_six = left(c.card_number, 6) AND k.last_four = right(c.card_number, 4)
        CROSS JOIN LATERAL jsonb_array_elements(c.charges) WITH ORDINALITY AS x
        CROSS JOIN LATERAL jsonb_to_record(x.value) AS f (
            page integer, trans_date text, posted_date text, level text, number text, merchant text, city text,
            state text, "group" text, totals jsonb, problems jsonb)
        CROSS JOIN LATERAL (
            SELECT CASE WHEN count(y.gross) = count(*) THEN sum(y.gross) END AS gross,
                CASE WHEN count(y.discount) = count(*) THEN sum(y.discount) END AS discount,
                CASE WHEN count(y.net) = count(*) THEN sum(y.net) END AS net,
                coalesce(jsonb_path_query_array(jsonb_agg(y.problems), '$[*][*]'), '[]')
                    || coalesce(jsonb_agg(jsonb_build_object('field', 'net', 'raw', y.net::text, 'reason',
                        format('gross %s less discount %s is %s', y.gross, y.discount, y.gross - y.discount)))
                        FILTER (WHERE y.gross - y.discount <> y.net), '[]') AS line_problems
            FROM jsonb_to_recordset(x.value -> 'lines') AS y (gross numeric, discount numeric, net numeric, problems jsonb)
        ) AS l
        CROSS JOIN LATERAL (
            SELECT coalesce(jsonb_agg(y.problem), '[]') AS total_problems
            FROM (
                SELECT z.value || jsonb_build_object('field', 'total_' || (z.value ->> 'field')) AS problem
                FROM jsonb_array_elements(CASE jsonb_typeof(f.totals) WHEN 'object' THEN f.totals -> 'problems'
                    ELSE '[]' END) AS z
                UNION ALL
                SELECT jsonb_build_object('field', 'total_' || i.item, 'raw', f.totals ->> i.item, 'reason',
                    format('the lines add up to %s', i.amount))
                FROM (VALUES ('gross', l.gross), ('discount', l.discount), ('net', l.net)) AS i (item, amount)
                WHERE (f.totals ->> i.item)::numeric <> i.amount
            ) AS y
        ) AS t
        OFFSET 0
    ), keyed AS (
        SELECT c.*, concat_ws(' ', c.last_four, c.trans_date, c.posted_date, c.number) AS base_key FROM charges AS c
    )
    SELECT p_session_id, k.cardholder_id, app.new_id(), app.tx(), k.card_id,
        k.base_key || CASE WHEN row_number() OVER w > 1 THEN '#' || row_number() OVER w ELSE '' END,
        k.position, k.page, (k.totals -> 'page')::integer, k.trans_day, k.posted_day, k.level, k.number,
        k.merchant, k.city, k.state,
        k."group", k.gross, k.discount, k.net,
        nullif(k.problems || k.line_problems || k.total_problems
            || CASE WHEN k.trans_date IS NOT NULL AND k.trans_day IS NULL
                THEN jsonb_build_array(jsonb_build_object('field', 'trans_date', 'raw', k.trans_date,
                    'reason', 'before 2000 or more than a year ahead')) ELSE '[]' END
            || CASE WHEN k.posted_date IS NOT NULL AND k.posted_day IS NULL
                THEN jsonb_build_array(jsonb_build_object('field', 'posted_date', 'raw', k.posted_date,
                    'reason', 'before 2000 or more than a year ahead')) ELSE '[]' END,
            '[]')
    FROM keyed AS k
    WINDOW w AS (PARTITION BY k.cardholder_id, k.base_key ORDER BY k.position);
END;
COMMENT ON FUNCTION app.document_charges(uuid, jsonb, app.staged_person[]) IS 'The charges of identified people in report order; amounts are the sums of the product lines, null when one of these cannot be read or there is none: a printed total is never taken. All that was not read, and what does not tie, is in unread_fields.';

CREATE OR REPLACE FUNCTION app.document_lines(p_session_id uuid, p_car jsonb) RETURNS SETOF app.charge_lines
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT h.session_id, h.cardholder_id, h.charge_id, y.ordinality::integer, app.tx(), f.page,
        f.product, f.ppu, f.quantity, f.gross, f.discount, f.net
    FROM app.staged_cards(p_car) AS c
    CROSS JOIN LATERAL jsonb_array_elements(c.charges) WITH ORDINALITY AS x
    JOIN app.charges AS h ON h.session_id = p_session_id AND h.position = (c.card_place << 20) + x.ordinality
    CROSS JOIN LATERAL jsonb_array_elements(x.value -> 'lines') WITH ORDINALITY AS y
    CROSS JOIN LATERAL jsonb_to_record(y.value) AS f (
        page integer, product text, ppu numeric, quantity numeric, gross numeric, discount numeric, net numeric);
END;
COMMENT ON FUNCTION app.document_lines(uuid, jsonb) IS 'The product lines of charges that are written, as printed.';

COMMIT;
