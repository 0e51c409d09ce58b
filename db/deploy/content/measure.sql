-- What a revision contains, measured from its rows: totals and the hash that proves them.
-- requires: content/charges

BEGIN;

CREATE TYPE app.revision_draft AS (
    revision_id uuid,
    session_id uuid,
    cardholder_id uuid,
    revision_number integer,
    predecessor_id uuid,
    compared_with uuid,
    employee_name text,
    employee_id text,
    card_number text,
    is_in_report boolean,
    car_total numeric(14, 2),
    receipt_total numeric(14, 2),
    receipt_count integer,
    car_page_range integer[],
    receipt_page_range integer[],
    rows_digest text,
    receipt_total_unique numeric(14, 2)
);
COMMENT ON TYPE app.revision_draft IS 'A revision whose rows are written and whose head is not yet: what the rules look at. Totals, count and digest are filled by app.measure_drafts; receipt_total_unique is the total without pages that repeat a receipt id.';

CREATE OR REPLACE FUNCTION app.first_drafts(p_drafts app.revision_draft[]) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(array_agg(d), '{}')
    FROM unnest(p_drafts) AS d
    WHERE (SELECT true FROM app.session_employees AS e
           WHERE e.session_id = d.session_id AND e.cardholder_id = d.cardholder_id) IS NULL;
END;
COMMENT ON FUNCTION app.first_drafts(app.revision_draft[]) IS 'The drafts of people who are new in their session.';

CREATE OR REPLACE FUNCTION app.measure_bank(p_session_ids uuid[], p_cardholder_ids uuid[])
RETURNS TABLE (session_id uuid, cardholder_id uuid, charge_count integer, charge_total numeric, digest bytea)
LANGUAGE plpgsql STABLE
SET search_path = ''
SET datestyle = 'ISO, YMD'
AS $$
BEGIN
    RETURN QUERY
    SELECT p.session_id, p.cardholder_id, c.charge_count::integer,
        CASE WHEN k.is_known THEN c.known_total END::numeric(14, 2),
        sha256(convert_to(concat_ws(E'\x1d', k.card_rows, c.charge_rows, l.line_rows), 'UTF8'))
    FROM unnest(p_session_ids, p_cardholder_ids) AS p (session_id, cardholder_id)
    CROSS JOIN LATERAL (
        SELECT string_agg(ROW(x.card_id, x.card_number, x.is_printed_masked, x.total_lines, x.printed_gross, x.printed_discount, x.printed_net,
            x.page_range, x.unread_fields)::text, E'\n' ORDER BY x.card_id) AS card_rows,
            -- A card without a charge has spent nothing only when its total line says so.
            bool_and(x.printed_net IS NOT DISTINCT FROM 0 OR EXISTS (
                SELECT FROM app.charges AS y
                WHERE y.session_id = p.session_id AND y.cardholder_id = p.cardholder_id AND y.card_id = x.card_id))
                AS is_known
        FROM app.card_totals AS x WHERE x.session_id = p.session_id AND x.cardholder_id = p.cardholder_id
    ) AS k
    CROSS JOIN LATERAL (
        SELECT count(*) AS charge_count,
            CASE WHEN count(*) = count(x.net_amount) THEN coalesce(sum(x.net_amount), 0) END AS known_total,
            string_agg(ROW(
                x.charge_id, x.card_id, x.natural_key, x.position, x.page_number, x.totals_page_number,
                x.purchase_date, x.posted_date, x.level, x.transaction_number, x.merchant_name, x.city,
                x.state, x.merchant_group, x.gross_amount, x.discount_amount, x.net_amount,
                x.unread_fields)::text, E'\n' ORDER BY x.charge_id) AS charge_rows
        FROM app.charges AS x WHERE x.session_id = p.session_id AND x.cardholder_id = p.cardholder_id
    ) AS c
    CROSS JOIN LATERAL (
        SELECT string_agg(ROW(
            x.charge_id, x.line_number, x.page_number, x.product_description, x.unit_price, x.quantity,
            x.gross_amount, x.discount_amount, x.net_amount)::text, E'\n' ORDER BY x.charge_id, x.line_number)
            AS line_rows
        FROM app.charge_lines AS x WHERE x.session_id = p.session_id AND x.cardholder_id = p.cardholder_id
    ) AS l
    WHERE k.card_rows IS NOT NULL;
END
$$;
COMMENT ON FUNCTION app.measure_bank(uuid[], uuid[]) IS 'For each person of a session (same place in both arrays) who has cards: number and sum of the charges (null when one cannot be read, or a card has none and no total line of 0.00), and a SHA-256 over all rows of the bank with their columns listed, the same under any session settings.';

CREATE OR REPLACE FUNCTION app.write_bank_sides(p_drafts app.revision_draft[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_session_ids uuid[];
    v_cardholder_ids uuid[];
BEGIN
    SELECT pg_catalog.array_agg(d.session_id), pg_catalog.array_agg(d.cardholder_id)
        INTO v_session_ids, v_cardholder_ids
        FROM pg_catalog.unnest(p_drafts) AS d WHERE d.revision_number = 1;
    IF v_session_ids IS NOT NULL THEN
        INSERT INTO app.bank_sides (session_id, cardholder_id, charge_count, charge_total, digest)
        SELECT m.session_id, m.cardholder_id, m.charge_count, m.charge_total, m.digest
        FROM app.measure_bank(v_session_ids, v_cardholder_ids) AS m;
    END IF;
END
$$;
COMMENT ON FUNCTION app.write_bank_sides(app.revision_draft[]) IS 'Writes what the bank side of first revisions measures; its rows must be written. Later revisions have it already.';

CREATE OR REPLACE FUNCTION app.receipt_turns(p_revision_id uuid)
RETURNS TABLE (
    transaction_id uuid, content_id uuid, natural_key text, source_position bigint, page_number integer,
    external_transaction_id text, transaction_date date, amount numeric, merchant_name text, expense_type text,
    is_out_of_pocket boolean, is_repeat boolean
)
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Written into the queries that ask it, with what they use of it; each part hangs on the one before, so that no plan
    -- depends on statistics of rows written a moment ago.
    SELECT l.transaction_id, l.content_id, l.natural_key, l.position, l.page_number, c.external_transaction_id,
        c.transaction_date, c.amount, c.merchant_name, c.expense_type, c.is_out_of_pocket,
        c.external_transaction_id IS NOT NULL AND 1 < row_number() OVER (
            PARTITION BY c.external_transaction_id COLLATE "C"
            ORDER BY app.is_copy_of(l.natural_key, c.external_transaction_id), l.position, l.natural_key COLLATE "C")
    FROM (SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = p_revision_id OFFSET 0) AS l
    LEFT JOIN LATERAL (
        SELECT x.* FROM app.receipt_contents AS x WHERE x.content_id = l.content_id OFFSET 0
    ) AS c ON true;
END;
COMMENT ON FUNCTION app.receipt_turns(uuid) IS 'The receipts of a revision, and which of them is a repeat: the first page of a receipt id that the month had is the receipt, in whatever order a later source has them, else the first in the order of the source; every other one repeats it. Without receipt id nothing is a repeat.';

CREATE OR REPLACE FUNCTION app.measure_revisions(p_revision_ids uuid[])
RETURNS TABLE (
    revision_id uuid, receipt_count integer, receipt_total numeric, links_digest text, receipt_total_unique numeric
)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT r.id, t.receipt_count::integer, coalesce(t.receipt_total, 0)::numeric(14, 2),
        encode(sha256(convert_to(t.link_rows, 'UTF8')), 'hex'), coalesce(t.unique_total, 0)::numeric(14, 2)
    FROM unnest(p_revision_ids) AS r (id)
    CROSS JOIN LATERAL (
        SELECT count(*) AS receipt_count, sum(x.amount) AS receipt_total,
            sum(x.amount) FILTER (WHERE NOT x.is_repeat) AS unique_total,
            coalesce(string_agg(ROW(x.transaction_id, x.content_id, x.natural_key, x.source_position, x.page_number)::text,
                E'\n' ORDER BY x.transaction_id), '') AS link_rows
        FROM app.receipt_turns(r.id) AS x
    ) AS t;
END
$$;
COMMENT ON FUNCTION app.measure_revisions(uuid[]) IS 'For each revision: number and sum of its receipts, the sum without repeated pages (app.receipt_turns), and a SHA-256 in hex over its links: which receipts, which contents, under which natural key, at which place.';

CREATE OR REPLACE FUNCTION app.digest_rows(p_links_digest text, p_bank_digest bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT concat_ws(' ', p_links_digest, encode(p_bank_digest, 'hex'));
END;
COMMENT ON FUNCTION app.digest_rows(text, bytea) IS 'What a revision''s hash holds of its rows: the digest of its links and, where the person has cards, that of the bank side.';

CREATE OR REPLACE FUNCTION app.measure_drafts(p_drafts app.revision_draft[]) RETURNS app.revision_draft[]
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN (
        SELECT pg_catalog.array_agg(ROW(d.revision_id, d.session_id, d.cardholder_id, d.revision_number, d.predecessor_id,
            d.compared_with, d.employee_name, d.employee_id, d.card_number, d.is_in_report,
            CASE WHEN b.digest IS NOT NULL THEN b.charge_total ELSE d.car_total END,
            m.receipt_total, m.receipt_count, d.car_page_range, d.receipt_page_range,
            app.digest_rows(m.links_digest, b.digest), m.receipt_total_unique)::app.revision_draft)
        FROM pg_catalog.unnest(p_drafts) AS d
        JOIN app.measure_revisions(ARRAY(SELECT x.revision_id FROM pg_catalog.unnest(p_drafts) AS x)) AS m
            ON m.revision_id = d.revision_id
        LEFT JOIN app.bank_sides AS b ON b.session_id = d.session_id AND b.cardholder_id = d.cardholder_id);
END
$$;
COMMENT ON FUNCTION app.measure_drafts(app.revision_draft[]) IS 'The drafts with totals, count and digest of their rows. Where the person has cards the bank side decides the card total, else the total the source claims stays.';

CREATE OR REPLACE FUNCTION app.hash_content(
    p_session_id uuid, p_cardholder_id uuid, p_revision_number integer, p_employee_name text, p_employee_id text,
    p_card_number text, p_is_in_report boolean, p_car_total numeric, p_receipt_total numeric,
    p_receipt_count integer, p_validation_flags jsonb, p_car_page_range integer[], p_receipt_page_range integer[],
    p_rows_digest text
) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT sha256(convert_to(ROW(2, p_session_id, p_cardholder_id, p_revision_number, p_employee_name, p_employee_id,
        p_card_number, p_is_in_report, p_car_total, p_receipt_total, p_receipt_count, p_validation_flags,
        p_car_page_range, p_receipt_page_range, p_rows_digest)::text, 'UTF8'));
END;
COMMENT ON FUNCTION app.hash_content(uuid, uuid, integer, text, text, text, boolean, numeric, numeric, integer, jsonb, integer[], integer[], text) IS 'Content hash of a revision, version 2: SHA-256 over its head and the digest of its rows, see app.digest_rows. It names the contents of receipts by their keys; for their words stand the rows themselves and the seal. Amounts must come with two decimals, as the columns hold them.';

COMMIT;
