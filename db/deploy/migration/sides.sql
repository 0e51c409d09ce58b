-- The two sides of a comparison as sets: what the old file says, and the month as it was read, in the words of the old file.
-- requires: migration/old_results
-- requires: intake/activity
-- requires: content/measure

BEGIN;

CREATE TYPE app.compared_receipt AS (
    source_key text,
    receipt_id text,
    turn bigint,
    transaction_id uuid,
    page_number integer,
    path text,
    code_key text,
    is_by_id boolean,
    amount numeric,
    said app.activity_receipt,
    is_repeat boolean,
    is_whole_code boolean,
    receipt_key text,
    facts jsonb,
    content_id uuid,
    own_key text,
    waits text
);
COMMENT ON TYPE app.compared_receipt IS 'A receipt of one side: under whom, its id and which one of that id under the same person, what it says in the words of the old file, its amount in cents (null: unknown); of our side page and name it came under; facts: what else its page, or the old file, says; own_key: under whom it is here, where that is another name than there, and waits: which of the two waits for an alias.';

CREATE TYPE app.compared_person AS (
    source_key text,
    place bigint,
    path text,
    employee_id text,
    card_number text,
    car_pages integer[],
    receipt_pages integer[],
    car_total numeric,
    receipt_total numeric,
    files bigint,
    flags jsonb,
    is_in_report boolean,
    receipts bigint,
    raw jsonb,
    is_finished boolean,
    rules text[]
);
COMMENT ON TYPE app.compared_person IS 'A name of one side, in the words of the old file: several employees of one name are one. is_finished: of the old file, which has no status, whether none of its four flags is set; of our side whether no rule that blocks found anything when the month was read, whatever was decided. rules: those that did, null where nobody was judged as it is compared. raw: the numbers of the old file as they are written there, fields nobody knows, and files of other names.';

CREATE TYPE app.compared_card AS (
    source_key text,
    holder_key text,
    place bigint,
    card_number text,
    is_seen boolean,
    is_masked boolean,
    total_lines integer,
    printed_gross numeric,
    gross numeric,
    net numeric,
    employee_id text,
    pages integer[]
);
COMMENT ON TYPE app.compared_card IS 'A card of the month in the order of the report. is_seen: the employee id is one the old program sees; holder_key: the last name it saw up to this card, which gets its total.';

CREATE TYPE app.compared_side AS (
    people app.compared_person[],
    receipts app.compared_receipt[],
    cards app.compared_card[]
);
COMMENT ON TYPE app.compared_side IS 'One side of a comparison; the old file names no cards but the first of each person.';

CREATE OR REPLACE FUNCTION app.cents(p_number numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN abs(p_number) < 1000000000000 THEN round(p_number, 2) END;
END;
COMMENT ON FUNCTION app.cents(numeric) IS 'A number rounded to cents, halves away from zero; null from 10^12 on.';

CREATE OR REPLACE FUNCTION app.told_number(p_number text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(round(app.whole_cents(p_number::numeric), 2)::text, p_number);
END;
COMMENT ON FUNCTION app.told_number(text) IS 'A number of an old file in cents, where it is one but for the noise of floats; else as it is written there, since a third decimal place is another value.';

CREATE OR REPLACE FUNCTION app.is_flagged(p_flags jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE jsonb_typeof(p_flags) WHEN 'object' THEN jsonb_path_exists(p_flags, '$ ? (@.missing_coding_info == true
        || @.missing_receipt == true || @.missing_all_receipts == true || @.total_mismatch == true)') END;
END;
COMMENT ON FUNCTION app.is_flagged(jsonb) IS 'Whether one of the four flags is set; null without flags.';

CREATE OR REPLACE FUNCTION app.old_receipts(p_entries app.activity_entry[]) RETURNS app.compared_receipt[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH receipts AS (
        SELECT e.source_key, e.entry_place, k.ordinality AS code_place, r.ordinality AS receipt_place, k.key AS code,
            json_typeof(k.value) = 'object' AS is_by_id,
            '$.' || e.source_key || '.receipts.' || to_json(k.key)::text
                || CASE WHEN json_typeof(k.value) = 'array' THEN '[' || (r.ordinality - 1)::text || ']' ELSE '' END AS path,
            json_populate_record(NULL::app.activity_receipt, r.value) AS said,
            CASE json_typeof(r.value) WHEN 'object' THEN r.value::jsonb - (SELECT app.field_names('receipt')) END AS unknown
        FROM unnest(p_entries) AS e
        CROSS JOIN LATERAL json_each(CASE json_typeof(e.entry_text::json -> 'receipts')
            WHEN 'object' THEN e.entry_text::json -> 'receipts' END) WITH ORDINALITY AS k
        CROSS JOIN LATERAL json_array_elements(
            CASE json_typeof(k.value) WHEN 'array' THEN k.value ELSE json_build_array(k.value) END) WITH ORDINALITY AS r
        OFFSET 0
    ), named AS (
        SELECT r.*, coalesce(nullif(btrim((r.said).rec_id), ''), 'no id: '
            || concat_ws(', ', (r.said).date, (r.said).amt #>> '{}', (r.said).merch_name)) AS receipt_id
        FROM receipts AS r
    )
    SELECT coalesce(array_agg(ROW(n.source_key, n.receipt_id, n.turn, NULL, NULL, n.path, n.code, n.is_by_id,
        app.cents(CASE jsonb_typeof((n.said).amt) WHEN 'number' THEN ((n.said).amt #>> '{}')::numeric
            ELSE app.read_amount(btrim((n.said).amt #>> '{}')) END),
        n.said, NULL, NULL, NULL, n.unknown, NULL, NULL, NULL)::app.compared_receipt ORDER BY n.entry_place, n.code_place, n.receipt_place), '{}')
    FROM (
        SELECT x.*, row_number() OVER (PARTITION BY x.source_key, x.receipt_id ORDER BY CASE WHEN x.is_by_id
                THEN coalesce((x.said).job, (x.said).gl_acct, 'null') ELSE x.code END COLLATE "C", x.receipt_place) AS turn
        FROM named AS x
    ) AS n;
END;
COMMENT ON FUNCTION app.old_receipts(app.activity_entry[]) IS 'The receipts of an old file, both shapes, in their order. An amount that is no number is null.';

CREATE OR REPLACE FUNCTION app.old_people(p_entries app.activity_entry[], p_receipts app.compared_receipt[])
RETURNS app.compared_person[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(array_agg(ROW(e.source_key, e.entry_place, '$.' || e.source_key, nullif(btrim(j.entry ->> 'employee_id'), ''),
        nullif(coalesce(app.mask_card_number(btrim(j.entry ->> 'card_no')), btrim(j.entry ->> 'card_no')), 'None'),
        app.listed_pages(j.entry -> 'car_page_range'), app.listed_pages(j.entry -> 'rec_page_range'),
        app.cents((j.entry ->> 'car_total')::numeric), app.cents(coalesce((j.entry ->> 'rec_total')::numeric, 0)),
        f.own_files, j.entry -> 'flags', j.entry ? 'employee_id', coalesce(r.receipts, 0),
        (j.entry - (SELECT app.field_names('employee'))) || jsonb_build_object('name', j.entry ->> 'name',
            'car_total', j.entry -> 'car_total', 'rec_total', j.entry -> 'rec_total')
            || CASE WHEN f.others IS NULL THEN '{}' ELSE jsonb_build_object('files', f.others) END,
        NOT app.is_flagged(j.entry -> 'flags'), NULL)::app.compared_person
        ORDER BY e.entry_place), '{}')
    FROM unnest(p_entries) AS e
    CROSS JOIN LATERAL (SELECT e.entry_text::jsonb AS entry OFFSET 0) AS j
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE n.is_own) AS own_files, jsonb_agg(n.name) FILTER (WHERE NOT n.is_own) AS others
        FROM (
            SELECT x.name, regexp_replace(x.name, '^.*[\\/]', '') = e.source_key || '.pdf' AS is_own
            FROM jsonb_array_elements_text(CASE jsonb_typeof(j.entry -> 'files') WHEN 'array' THEN j.entry -> 'files' END) AS x (name)
        ) AS n
    ) AS f
    LEFT JOIN (
        SELECT x.source_key, count(*) AS receipts FROM unnest(p_receipts) AS x GROUP BY x.source_key
    ) AS r ON r.source_key = e.source_key;
END;
COMMENT ON FUNCTION app.old_people(app.activity_entry[], app.compared_receipt[]) IS 'The names of an old file in their order.';

CREATE OR REPLACE FUNCTION app.is_alike_date(p_old text, p_new text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(p_old <> p_new AND app.read_date(btrim(p_old)) = app.read_date(p_new), p_old IS NULL AND p_new IS NOT NULL AND app.read_date(p_new) IS NULL, false);
END;
COMMENT ON FUNCTION app.is_alike_date(text, text) IS 'Whether an old file says the date that was read here and only writes it otherwise: a day, or none where no day could be read.';

CREATE OR REPLACE FUNCTION app.told_receipt(p_receipt app.compared_receipt) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((p_receipt).amount::text, 'no amount') || ', SHA-256 '
        || left(encode(sha256(convert_to(to_jsonb((p_receipt).said)::text, 'UTF8')), 'hex'), 16)
    WHERE (p_receipt).source_key IS NOT NULL;
END;
COMMENT ON FUNCTION app.told_receipt(app.compared_receipt) IS 'A receipt as a whole: its amount, and what stands for all that it says, so that who accepts it accepts no other; null for none.';

CREATE OR REPLACE FUNCTION app.told_person(p_person app.compared_person, p_receipts app.compared_receipt[]) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(', ', coalesce((p_person).employee_id, 'no number'), coalesce((p_person).car_total::text, 'no card total'),
        (p_person).receipt_total, (p_person).receipts || ' receipts', 'SHA-256 ' || left(encode(sha256(convert_to(concat_ws(' ',
            (to_jsonb(p_person) - ARRAY['place', 'path'])::text, (
                SELECT string_agg(app.told_receipt(r), ' ' ORDER BY r.receipt_id COLLATE "C", r.turn)
                FROM unnest(p_receipts) AS r WHERE r.source_key = (p_person).source_key)), 'UTF8')), 'hex'), 16))
    WHERE (p_person).source_key IS NOT NULL;
END;
COMMENT ON FUNCTION app.told_person(app.compared_person, app.compared_receipt[]) IS 'A name as a whole: its number, both totals, how many receipts, and what stands for all that it and its receipts say; null for none.';

CREATE OR REPLACE FUNCTION app.month_cards(p_session_id uuid) RETURNS app.compared_card[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH cards AS (
        SELECT r.employee_name, r.employee_id, k.*, x.gross, x.net, k.page_range[1] AS first_page,
            coalesce(r.employee_id ~ '^[0-9]{4,6}$', false) AS is_seen
        FROM app.employee_revisions AS r
        CROSS JOIN LATERAL (
            SELECT t.* FROM app.card_totals AS t WHERE t.session_id = r.session_id AND t.cardholder_id = r.cardholder_id OFFSET 0
        ) AS k
        CROSS JOIN LATERAL (
            SELECT CASE WHEN count(*) = count(c.gross_amount) THEN coalesce(sum(c.gross_amount), 0) END AS gross,
                -- Of no row nothing is known but by a total of zero.
                CASE WHEN count(*) = count(c.net_amount) AND (count(*) > 0 OR k.printed_net = 0)
                    THEN coalesce(sum(c.net_amount), 0) END AS net
            FROM app.charges AS c
            WHERE c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id AND c.card_id = k.card_id
        ) AS x
        WHERE r.session_id = p_session_id AND r.revision_number = 1
    ), numbered AS (
        SELECT c.*, row_number() OVER w AS place, count(*) FILTER (WHERE c.is_seen) OVER w AS seen_number
        FROM cards AS c WINDOW w AS (ORDER BY c.first_page, c.card_id)
    )
    SELECT coalesce(array_agg(ROW(n.employee_name, n.holder_key, n.place, n.card_number, n.is_seen, n.is_printed_masked, n.total_lines,
        n.printed_gross, n.gross, n.net, n.employee_id, n.page_range)::app.compared_card ORDER BY n.place), '{}')
    FROM (
        SELECT x.*, CASE WHEN x.seen_number > 0
            THEN first_value(x.employee_name) OVER (PARTITION BY x.seen_number ORDER BY x.place) END AS holder_key
        FROM numbered AS x
    ) AS n;
END;
COMMENT ON FUNCTION app.month_cards(uuid) IS 'The cards of a session in the order of the report, with their sums; net is null where it is unknown.';

CREATE OR REPLACE FUNCTION app.month_receipts(p_session_id uuid, p_is_now boolean) RETURNS app.compared_receipt[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH receipts AS (
        SELECT r.employee_name, l.transaction_id, l.position, l.page_number, l.receipt_key, c.content, w.is_whole
        FROM app.employee_revisions AS r
        JOIN app.session_employees AS e ON e.session_id = r.session_id AND e.cardholder_id = r.cardholder_id
        CROSS JOIN LATERAL (
            SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = r.revision_id OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (
            SELECT x AS content FROM app.receipt_contents AS x WHERE x.content_id = l.content_id OFFSET 0
        ) AS c
        CROSS JOIN LATERAL (SELECT app.has_whole_code(c.content) AS is_whole OFFSET 0) AS w
        WHERE r.session_id = p_session_id
            AND CASE WHEN p_is_now THEN r.revision_id = e.current_revision_id ELSE r.revision_number = 1 END
        OFFSET 0
    ), named AS (
        SELECT r.*, coalesce((r.content).external_transaction_id, 'no id: ' || concat_ws(', ',
                to_char((r.content).transaction_date, 'MM/DD/YYYY'), (r.content).amount, (r.content).merchant_name)) AS receipt_id,
            CASE WHEN r.is_whole THEN CASE (r.content).coding_type WHEN 'job_coding' THEN (r.content).job_number
                ELSE (r.content).gl_account END ELSE 'null' END AS code
        FROM receipts AS r
    )
    SELECT coalesce(array_agg(ROW(n.employee_name, n.receipt_id, NULL, n.transaction_id, n.page_number, NULL, n.code, NULL,
        (n.content).amount,
        ROW((n.content).external_transaction_id, (n.content).expense_type,
            coalesce(to_char((n.content).transaction_date, 'MM/DD/YYYY'), (n.content).date_text), (n.content).description,
            to_jsonb((n.content).amount::text), (n.content).purpose, (n.content).merchant_name, (n.content).merchant_address,
            CASE (n.content).coding_type WHEN 'job_coding' THEN 'Job Coding' WHEN 'gl_coding' THEN 'GL Coding' END,
            (n.content).job_number, (n.content).job_phase, (n.content).cost_type, (n.content).gl_account,
            (n.content).gl_description, n.is_whole, (n.content).has_attachment)::app.activity_receipt,
        NULL, n.is_whole, n.receipt_key, (n.content).source_fields, (n.content).content_id, NULL, NULL)::app.compared_receipt
        ORDER BY n.position), '{}')
    FROM named AS n;
END;
COMMENT ON FUNCTION app.month_receipts(uuid, boolean) IS 'The receipts of a session as they were read, before anybody corrected one, or as they are now, in page order, see app.place_receipts.';

CREATE OR REPLACE FUNCTION app.month_people(p_session_id uuid, p_receipts app.compared_receipt[]) RETURNS app.compared_person[]
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH receipts AS (
        SELECT x.source_key, count(*) AS receipts, coalesce(sum(x.amount), 0) AS total,
            coalesce(sum(x.amount) FILTER (WHERE NOT x.is_repeat), 0) AS total_unique,
            array_agg(x.page_number ORDER BY x.page_number) FILTER (WHERE x.page_number IS NOT NULL) AS pages, bool_or(NOT x.is_whole_code) AS has_no_code,
            bool_or(NOT (x.said).attachment) AS has_no_attachment
        FROM unnest(p_receipts) AS x GROUP BY x.source_key
    ), moved AS (
        -- Whose receipts stand otherwise there, for want of an alias.
        SELECT k.source_key, bool_or(k.source_key = x.waits AND k.source_key = x.own_key) AS is_gone
        FROM unnest(p_receipts) AS x CROSS JOIN LATERAL (VALUES (x.source_key), (x.own_key)) AS k (source_key)
        WHERE x.waits IS NOT NULL GROUP BY k.source_key
    ), people AS (
        SELECT r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total, r.car_page_range, r.receipt_page_range,
            r.validation_flags,
            row_number() OVER (PARTITION BY r.employee_name ORDER BY r.car_page_range[1] NULLS LAST, r.employee_id) AS turn
        FROM app.employee_revisions AS r
        -- A name that an alias taken back made is not of what was read.
        WHERE r.session_id = p_session_id AND r.revision_number = 1 AND NOT r.is_nobody
    ), judged AS MATERIALIZED (
        -- What blocked when the month was read. Where corrections were carried over at once, nobody was judged without them.
        SELECT r.employee_name, coalesce(array_agg(DISTINCT h.rule_code) FILTER (WHERE h.rule_code IS NOT NULL), '{}') AS rules
        FROM app.employee_revisions AS r
        LEFT JOIN audit.validation_issues_history AS h ON h.session_id = p_session_id AND h.audit_operation = 'insert' AND h.blocks
            AND h.employee_revision_id = r.revision_id AND h.audit_tx = r.created_tx
        WHERE r.session_id = p_session_id AND r.revision_number = 1
        GROUP BY r.employee_name HAVING count(r.validation_flags) = count(*)
    ), names AS (
        SELECT p.employee_name, string_agg(p.employee_id, ', ' ORDER BY p.turn) AS employee_id,
            (array_agg(p.card_number ORDER BY p.turn))[1] AS card_number, bool_or(p.is_in_report) AS is_in_report,
            CASE WHEN count(*) = count(p.car_total) THEN sum(p.car_total) END AS car_total,
            bool_or((p.validation_flags ->> 'total_mismatch')::boolean) FILTER (WHERE m.source_key IS NULL) AS is_mismatch,
            min(p.car_page_range[1]) AS first_page, bool_or(m.source_key IS NOT NULL) AS is_moved
        FROM people AS p LEFT JOIN moved AS m ON m.source_key = p.employee_name
        WHERE m.is_gone IS NOT TRUE GROUP BY p.employee_name
        UNION ALL
        SELECT m.source_key, NULL, NULL, false, 0.00, NULL, NULL, true
        FROM moved AS m WHERE m.source_key NOT IN (SELECT p.employee_name FROM people AS p)
    ), pages AS (
        SELECT p.employee_name, array_agg(DISTINCT g.page ORDER BY g.page) FILTER (WHERE g.is_report) AS pages,
            array_agg(DISTINCT g.page ORDER BY g.page) FILTER (WHERE NOT g.is_report) AS receipt_pages
        FROM people AS p
        CROSS JOIN LATERAL (
            SELECT c.page, true AS is_report FROM unnest(p.car_page_range) AS c (page)
            UNION ALL SELECT c.page, false FROM unnest(p.receipt_page_range) AS c (page)
        ) AS g
        GROUP BY p.employee_name
    )
    SELECT coalesce(array_agg(ROW(n.employee_name, row_number, '$.' || n.employee_name, n.employee_id, n.card_number,
        coalesce(g.pages, '{}'), coalesce(r.pages, CASE WHEN NOT n.is_moved THEN g.receipt_pages END, '{}'), n.car_total, round(coalesce(r.total, 0), 2),
        n.is_in_report::integer + coalesce(r.receipts > 0, false)::integer,
        f.flags, n.is_in_report, coalesce(r.receipts, 0), NULL,
        coalesce(j.rules = '{}', NOT app.is_flagged(f.flags) AND n.car_total IS NOT NULL), j.rules)::app.compared_person), '{}')
    FROM (SELECT x.*, row_number() OVER (ORDER BY x.first_page NULLS LAST, x.employee_name COLLATE "C") FROM names AS x) AS n
    LEFT JOIN receipts AS r ON r.source_key = n.employee_name
    LEFT JOIN pages AS g ON g.employee_name = n.employee_name
    LEFT JOIN judged AS j ON j.employee_name = n.employee_name AND NOT n.is_moved
    CROSS JOIN LATERAL (
        SELECT jsonb_build_object('missing_coding_info', coalesce(r.has_no_code, false),
            'missing_receipt', coalesce(r.has_no_attachment, false),
            'missing_all_receipts', n.is_in_report AND r.receipts IS NULL,
            -- The flag of the rule, which leaves repeated pages out; of a source that nobody judged by the sums.
            'total_mismatch', coalesce(n.is_mismatch, r.receipts > 0 AND n.car_total <> r.total_unique, false)) AS flags
    ) AS f;
END;
COMMENT ON FUNCTION app.month_people(uuid, app.compared_receipt[]) IS 'The names of a session as it was read, with totals and flags; a name that waits for an alias as it is in the old file.';

COMMIT;
