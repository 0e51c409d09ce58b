-- The rules: one finder each, a set of revisions in, findings out. Registered as rows of app.validation_rules.
-- requires: validation/tables
-- requires: validation/words
-- requires: content/measure

BEGIN;

CREATE TYPE app.finding AS (
    revision_id uuid,
    transaction_id uuid,
    subject_key text,
    blocks boolean,
    amount_impact numeric,
    description text,
    evidence jsonb,
    charge_id uuid,
    severity text
);
COMMENT ON TYPE app.finding IS 'What a finder returns: the revision, the receipt or null, the natural key of the subject (empty for the person), whether it blocks (null: as the rule says), dollars at stake, words for people, what the rule looked at, the charge or null, and its severity (null: as the rule says).';

CREATE OR REPLACE FUNCTION app.kept_purchases(p_drafts app.revision_draft[])
RETURNS TABLE (revision_id uuid, charge_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH priced AS (
        SELECT d.revision_id, c.charge_id, upper(btrim(c.merchant_name) COLLATE "C") AS merchant, c.net_amount,
            coalesce(c.posted_date, c.purchase_date) AS day, c.position,
            min(coalesce(c.posted_date, c.purchase_date)) FILTER (WHERE c.net_amount > 0) OVER (
                PARTITION BY d.revision_id, upper(btrim(c.merchant_name) COLLATE "C"), abs(c.net_amount)) AS first_day
        FROM unnest(p_drafts) AS d
        JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    ), numbered AS (
        -- A credit from before the first purchase takes back another one.
        SELECT p.*, row_number() OVER (PARTITION BY p.revision_id, p.merchant, p.net_amount ORDER BY p.day, p.position)
            AS number
        FROM priced AS p WHERE p.net_amount IS NULL OR p.net_amount > 0 OR p.day >= p.first_day
    ), paired AS (
        -- Purchase and credit of one number are in one window: nothing is joined, however many there are.
        SELECT n.*, max(n.day) FILTER (WHERE n.net_amount < 0) OVER (
            PARTITION BY n.revision_id, n.merchant, abs(n.net_amount), n.number) AS credit_day
        FROM numbered AS n
    )
    SELECT p.revision_id, p.charge_id FROM paired AS p
    WHERE p.net_amount IS NULL
        OR (p.net_amount > 0 AND (p.merchant IS NOT NULL AND p.credit_day >= p.day) IS NOT TRUE);
END
$$;
COMMENT ON FUNCTION app.kept_purchases(app.revision_draft[]) IS 'The charges that want a receipt: purchases which no credit of the same merchant and amount took back on the same day or later, and charges of unknown amount. Credits are none, nor is a purchase of 0.00.';

-- Each finder is one query, and in PL/pgSQL so that a session keeps its plan: all of them in one statement took longer
-- to plan than to run for one corrected receipt.
CREATE OR REPLACE FUNCTION app.find_missing_coding_info(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Missing job or GL coding information (' || app.missing_codes(t.coding_type, t.job_number, t.job_phase,
            t.cost_type, t.gl_account) || '): '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        -- A type without codes says nothing; some files have one, some have none.
        jsonb_build_object('amount', t.amount::text, 'coding_type', CASE WHEN t.coding_type = 'job_coding'
                AND num_nonnulls(t.job_number, t.job_phase, t.cost_type) > 0 THEN t.coding_type END, 'job_number', t.job_number,
            'job_phase', t.job_phase, 'cost_type', t.cost_type, 'gl_account', t.gl_account),
        NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE NOT t.is_coded AND coalesce(abs(t.amount) >= (p_parameters ->> 'minimum_amount')::numeric, true);
END
$$;
COMMENT ON FUNCTION app.find_missing_coding_info(app.revision_draft[], jsonb) IS 'Receipts of at least minimum_amount dollars, refunds by their absolute amount, or of unknown amount, that are not coded, one finding each; at stake is the receipt''s amount.';

CREATE OR REPLACE FUNCTION app.find_missing_receipt(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Missing receipt attachments: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount', t.amount::text, 'merchant_name', app.clean_words(t.merchant_name)), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE NOT t.has_attachment AND coalesce(abs(t.amount) >= (p_parameters ->> 'minimum_amount')::numeric, true);
END
$$;
COMMENT ON FUNCTION app.find_missing_receipt(app.revision_draft[], jsonb) IS 'Receipts of at least minimum_amount dollars, refunds by their absolute amount, or of unknown amount, without attachment, one finding each; at stake is the receipt''s amount.';

CREATE OR REPLACE FUNCTION app.find_missing_all_receipts(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(d.car_total),
        'No receipt was handed in for card activity of ' || app.dollars(d.car_total),
        jsonb_build_object('car_total', d.car_total::text), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    WHERE d.is_in_report AND d.receipt_count = 0
        AND coalesce(abs(d.car_total) >= (p_parameters ->> 'minimum_amount')::numeric, true)
        -- Where the bank's rows are there, one of them has to want a receipt.
        AND (NOT EXISTS (SELECT FROM app.bank_sides AS b
                WHERE b.session_id = d.session_id AND b.cardholder_id = d.cardholder_id)
            OR EXISTS (SELECT FROM app.kept_purchases(ARRAY[d]) AS k));
END
$$;
COMMENT ON FUNCTION app.find_missing_all_receipts(app.revision_draft[], jsonb) IS 'People of the card report without any receipt and with a card total of at least minimum_amount dollars, by its absolute amount, or an unknown one; at stake is the card total. Who has credits only, purchases that were all taken back, or no charge needs no receipt.';

CREATE OR REPLACE FUNCTION app.find_total_mismatch(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT d.revision_id, d.is_in_report, d.car_total, d.receipt_total_unique, a.accepted, s.suspected,
            -- Without pages that repeat an id; what may be handed in twice is judged with and without.
            coalesce(nullif(d.car_total - d.receipt_total_unique - a.accepted, 0),
                nullif(d.car_total - d.receipt_total_unique - a.accepted + s.suspected, 0)) AS difference
        FROM unnest(p_drafts) AS d
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.residual), 0.00) AS accepted FROM app.allocations AS x
            WHERE x.employee_revision_id = d.revision_id AND x.residual <> 0
        ) AS a
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(o.open_amount), 0.00) AS suspected FROM app.open_items AS o
            WHERE o.employee_revision_id = d.revision_id AND o.side = 'receipt' AND o.failed_gate = 'suspected_repeat'
        ) AS s
        WHERE d.receipt_count > 0
    )
    SELECT j.revision_id, NULL::uuid, '', NULL::boolean,
        -- Without card activity the receipts are at stake in orphan_receipts already.
        CASE WHEN j.is_in_report THEN abs(j.difference) ELSE 0 END,
        'CAR total does not match receipt total (' || app.dollars(abs(j.difference + j.accepted)) || ' difference)'
            || CASE WHEN j.accepted <> 0 THEN '; accepted of it are ' || app.dollars(j.accepted) ELSE '' END
            || CASE WHEN j.suspected <> 0 THEN '; ' || app.dollars(j.suspected) || ' may be handed in twice' ELSE '' END,
        jsonb_build_object('car_total', j.car_total::text, 'receipt_total', j.receipt_total_unique::text)
            || CASE WHEN j.accepted <> 0 THEN jsonb_build_object('accepted', j.accepted::text) ELSE '{}' END
            || CASE WHEN j.suspected <> 0 THEN jsonb_build_object('suspected_repeats', j.suspected::text) ELSE '{}' END,
        NULL::uuid, NULL::text
    FROM judged AS j
    WHERE abs(j.difference) >= coalesce((p_parameters ->> 'minimum_amount')::numeric, 0);
END
$$;
COMMENT ON FUNCTION app.find_total_mismatch(app.revision_draft[], jsonb) IS 'People with at least one receipt whose card total differs from the sum of the readable receipts, to the cent: without pages that repeat a receipt id, both with and without what may be handed in twice under two ids, by at least minimum_amount dollars more or less than the differences that people accepted when they confirmed matches. At stake is what was not accepted; nothing for who has no card activity, where orphan_receipts has it. An unknown card total is no mismatch.';

CREATE OR REPLACE FUNCTION app.find_duplicate_transaction(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    -- Whether a run over nearly all of a submission leaves fewer people than it is about.
    v_few_others boolean := (
        SELECT pg_catalog.count(*) FROM (
            SELECT FROM app.session_employees AS s
            WHERE s.session_id IN (SELECT d.session_id FROM pg_catalog.unnest(p_drafts) AS d)
                AND (s.session_id, s.cardholder_id) NOT IN (
                    SELECT d.session_id, d.cardholder_id FROM pg_catalog.unnest(p_drafts) AS d)
            LIMIT pg_catalog.cardinality(p_drafts)) AS o) < pg_catalog.cardinality(p_drafts);
BEGIN
    RETURN QUERY
    WITH own AS MATERIALIZED (
        SELECT d.session_id, d.revision_id, t.transaction_id, t.natural_key, t.external_transaction_id,
            t.position, t.amount, t.merchant_name, t.transaction_date, true AS is_own
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        WHERE t.external_transaction_id IS NOT NULL
    ), others AS (
        -- Each of the receipt ids is looked up, or what the few others show. The drafts are hashed, whatever the planner
        -- believes of their number.
        SELECT e.session_id, e.employee_revision_id, e.transaction_id, e.natural_key, i.external_transaction_id,
            e.source_position, e.amount, e.merchant_name, e.transaction_date, false
        FROM (SELECT DISTINCT o.session_id, o.external_transaction_id FROM own AS o) AS i
        JOIN LATERAL app.shown_receipts(i.external_transaction_id) AS e ON e.session_id = i.session_id
        WHERE NOT v_few_others
            AND (e.session_id, e.cardholder_id) NOT IN (
                SELECT d.session_id, d.cardholder_id FROM unnest(p_drafts) AS d)
        UNION ALL
        SELECT f.*, false
        FROM (
            SELECT e.session_id, e.current_revision_id, l.transaction_id, l.natural_key, c.external_transaction_id,
                l.position, c.amount, c.merchant_name, c.transaction_date
            FROM app.session_employees AS e
            CROSS JOIN LATERAL (
                SELECT x.* FROM app.receipt_links AS x WHERE x.employee_revision_id = e.current_revision_id OFFSET 0
            ) AS l
            CROSS JOIN LATERAL (
                SELECT x.* FROM app.receipt_contents AS x WHERE x.content_id = l.content_id OFFSET 0
            ) AS c
            WHERE v_few_others
                AND e.session_id IN (SELECT d.session_id FROM unnest(p_drafts) AS d)
                AND (e.session_id, e.cardholder_id) NOT IN (
                    SELECT d.session_id, d.cardholder_id FROM unnest(p_drafts) AS d) OFFSET 0
        ) AS f
        WHERE (f.session_id, f.external_transaction_id) IN (
            SELECT o.session_id, o.external_transaction_id FROM own AS o)
    ), receipts AS (
        SELECT o.* FROM own AS o UNION ALL SELECT o.* FROM others AS o
    ), repeated AS (
        SELECT r.session_id, r.external_transaction_id
        FROM receipts AS r GROUP BY r.session_id, r.external_transaction_id HAVING count(*) > 1
    ), ranked AS (
        SELECT r.*, row_number() OVER w AS rank
        FROM receipts AS r
        JOIN repeated AS x ON x.session_id = r.session_id AND x.external_transaction_id = r.external_transaction_id
        WINDOW w AS (PARTITION BY r.session_id, r.external_transaction_id
            ORDER BY app.is_copy_of(r.natural_key, r.external_transaction_id), r.position, r.natural_key)
    )
    SELECT k.revision_id, k.transaction_id, k.natural_key, NULL::boolean, abs(k.amount),
        'Receipt id ' || k.external_transaction_id || ' was handed in before: '
            || app.name_receipt(k.external_transaction_id, k.amount, k.merchant_name, k.transaction_date),
        jsonb_build_object('external_transaction_id', k.external_transaction_id, 'amount', k.amount::text),
        NULL::uuid, NULL::text
    FROM ranked AS k
    WHERE k.rank > 1 AND k.is_own;
END
$$;
COMMENT ON FUNCTION app.find_duplicate_transaction(app.revision_draft[], jsonb) IS 'Receipts whose receipt id comes a second or further time in the session, over all people; the first that the month had of a person is none, of several people the first in source order.';

CREATE OR REPLACE FUNCTION app.find_invalid_amount(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, NULL::numeric,
        CASE WHEN t.amount_text IS NULL THEN 'Receipt amount is missing'
            ELSE 'Receipt amount cannot be read: ' || quote_literal(left(t.amount_text, 80)) END
            || '; ' || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount_text', t.amount_text), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    -- By key: few receipts are so, and the planner would begin with all there are.
    CROSS JOIN LATERAL (
        SELECT l.transaction_id, l.natural_key, l.content_id FROM app.receipt_links AS l
        WHERE l.employee_revision_id = d.revision_id OFFSET 0
    ) AS l
    CROSS JOIN LATERAL (
        SELECT l.transaction_id, l.natural_key, c.* FROM app.receipt_contents AS c WHERE c.content_id = l.content_id OFFSET 0
    ) AS t
    WHERE t.amount IS NULL
    UNION ALL
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, NULL::numeric,
        'Card total is unknown', jsonb_build_object('car_total', NULL), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    WHERE d.is_in_report AND d.car_total IS NULL;
END
$$;
COMMENT ON FUNCTION app.find_invalid_amount(app.revision_draft[], jsonb) IS 'Receipts whose amount is missing or cannot be read, and people of the card report whose card total is unknown. What is at stake is unknown: null.';

CREATE OR REPLACE FUNCTION app.find_invalid_date(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        CASE WHEN t.date_text IS NULL THEN 'Receipt date is missing'
            ELSE 'Receipt date cannot be read: ' || quote_literal(left(t.date_text, 80)) END
            || '; ' || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('date_text', t.date_text), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    -- By key: few receipts are so, and the planner would begin with all there are.
    CROSS JOIN LATERAL (
        SELECT l.transaction_id, l.natural_key, l.content_id FROM app.receipt_links AS l
        WHERE l.employee_revision_id = d.revision_id OFFSET 0
    ) AS l
    CROSS JOIN LATERAL (
        SELECT l.transaction_id, l.natural_key, c.* FROM app.receipt_contents AS c WHERE c.content_id = l.content_id OFFSET 0
    ) AS t
    WHERE t.transaction_date IS NULL;
END
$$;
COMMENT ON FUNCTION app.find_invalid_date(app.revision_draft[], jsonb) IS 'Receipts whose date is missing, not a real date, before 2000 or more than a year ahead.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, parameters, description,
    suggested_resolution) VALUES
('missing_coding_info', 1, 'high', true, 'find_missing_coding_info', '{"minimum_amount": 0.00}',
    'A receipt has neither a whole job coding nor a GL account.', 'Enter job, phase and cost type, or a GL account.'),
('missing_receipt', 1, 'high', true, 'find_missing_receipt', '{"minimum_amount": 0.00}',
    'A receipt has no attachment.', 'Ask the employee for the receipt and attach it.'),
('missing_all_receipts', 1, 'high', true, 'find_missing_all_receipts', '{"minimum_amount": 0.00}',
    'A person with card activity handed in no receipt.', 'Ask the employee for all receipts of the month.'),
('total_mismatch', 1, 'medium', true, 'find_total_mismatch', '{"minimum_amount": 0.00}',
    'Card total and receipt total of a person differ.', 'Find the charge without receipt or the receipt without charge.'),
('duplicate_transaction', 1, 'medium', false, 'find_duplicate_transaction', '{}',
    'A receipt id comes again in the same session.', 'Remove the second receipt, or explain why it stands twice.'),
('invalid_amount', 1, 'high', true, 'find_invalid_amount', '{}',
    'An amount is missing or cannot be read.', 'Look the amount up and correct it.'),
('invalid_date', 1, 'medium', true, 'find_invalid_date', '{}',
    'A receipt''s date is missing or cannot be read.', 'Look the date up and correct it.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
