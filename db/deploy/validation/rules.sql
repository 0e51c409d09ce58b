-- The rules: one finder each, a set of revisions in, findings out. Registered as rows of app.validation_rules.
-- requires: validation/tables
-- requires: content/measure

BEGIN;

CREATE TYPE app.finding AS (
    revision_id uuid,
    transaction_id uuid,
    subject_key text,
    blocks boolean,
    amount_impact numeric,
    description text,
    evidence jsonb
);
COMMENT ON TYPE app.finding IS 'What a finder returns: the revision, the receipt or null, the natural key of the subject (empty for the person), whether it blocks (null: as the rule says), dollars at stake, words for people, and what the rule looked at.';

-- Each finder is one query, and in PL/pgSQL so that a session keeps its plan: all of them in one statement took longer
-- to plan than to run for one corrected receipt.
CREATE OR REPLACE FUNCTION app.find_missing_coding_info(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Missing job or GL coding information',
        jsonb_build_object('amount', t.amount::text, 'coding_type', t.coding_type, 'job_number', t.job_number,
            'job_phase', t.job_phase, 'cost_type', t.cost_type, 'gl_account', t.gl_account)
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE NOT t.is_coded;
END
$$;
COMMENT ON FUNCTION app.find_missing_coding_info(app.revision_draft[], jsonb) IS 'Receipts that are not coded, one finding each; at stake is the receipt''s amount.';

CREATE OR REPLACE FUNCTION app.find_missing_receipt(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        'Missing receipt attachments',
        jsonb_build_object('amount', t.amount::text, 'merchant_name', t.merchant_name)
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE NOT t.has_attachment;
END
$$;
COMMENT ON FUNCTION app.find_missing_receipt(app.revision_draft[], jsonb) IS 'Receipts without attachment, one finding each; at stake is the receipt''s amount.';

CREATE OR REPLACE FUNCTION app.find_missing_all_receipts(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(d.car_total),
        'No receipt was handed in',
        jsonb_build_object('car_total', d.car_total::text)
    FROM unnest(p_drafts) AS d
    WHERE d.is_in_report AND d.receipt_count = 0;
END
$$;
COMMENT ON FUNCTION app.find_missing_all_receipts(app.revision_draft[], jsonb) IS 'People of the card report without any receipt; at stake is the card total.';

CREATE OR REPLACE FUNCTION app.find_total_mismatch(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, '', NULL::boolean, abs(x.difference),
        'CAR total does not match receipt total ($' || abs(x.difference)::text || ' difference)',
        jsonb_build_object('car_total', d.car_total::text, 'receipt_total', d.receipt_total_unique::text)
            || CASE WHEN s.suspected <> 0 THEN jsonb_build_object('suspected_repeats', s.suspected::text) ELSE '{}' END
    FROM unnest(p_drafts) AS d
    -- What may be handed in twice is judged with and without it.
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(o.open_amount), 0) AS suspected FROM app.open_items AS o
        WHERE o.employee_revision_id = d.revision_id AND o.side = 'receipt' AND o.failed_gate = 'suspected_repeat'
    ) AS s
    CROSS JOIN LATERAL (
        SELECT coalesce(nullif(d.car_total - d.receipt_total_unique, 0),
            nullif(d.car_total - d.receipt_total_unique + s.suspected, 0)) AS difference
    ) AS x
    WHERE d.receipt_count > 0 AND x.difference IS NOT NULL;
END
$$;
COMMENT ON FUNCTION app.find_total_mismatch(app.revision_draft[], jsonb) IS 'People with at least one receipt whose card total differs from the sum of the readable receipts, to the cent: without pages that repeat a receipt id, and both with and without what may be handed in twice under two ids. An unknown card total is no mismatch.';

CREATE OR REPLACE FUNCTION app.find_duplicate_transaction(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH own AS (
        SELECT d.session_id, d.revision_id, t.transaction_id, t.natural_key, t.external_transaction_id,
            t.position, t.amount, true AS is_own
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        WHERE t.external_transaction_id IS NOT NULL
    ), others AS (
        -- The one-time filter keeps a run over whole sessions, which has nobody else, from looking up every receipt id.
        -- The drafts are hashed, whatever the planner believes of their number.
        SELECT e.session_id, e.employee_revision_id, e.transaction_id, e.natural_key, e.external_transaction_id,
            e.position, e.amount, false
        FROM (SELECT DISTINCT o.session_id, o.external_transaction_id FROM own AS o) AS i
        -- From the receipt id to who shows it: never over all people of the session.
        CROSS JOIN LATERAL (
            SELECT x.session_id, x.cardholder_id, t.*
            FROM app.transactions AS t
            JOIN app.session_employees AS x ON x.current_revision_id = t.employee_revision_id
            WHERE t.external_transaction_id = i.external_transaction_id AND x.session_id = i.session_id OFFSET 0
        ) AS e
        WHERE (SELECT EXISTS (SELECT FROM app.session_employees AS s
                WHERE s.session_id IN (SELECT d.session_id FROM unnest(p_drafts) AS d)
                    AND (s.session_id, s.cardholder_id) NOT IN (
                        SELECT d.session_id, d.cardholder_id FROM unnest(p_drafts) AS d)))
            AND (e.session_id, e.cardholder_id) NOT IN (
                SELECT d.session_id, d.cardholder_id FROM unnest(p_drafts) AS d)
    ), receipts AS (
        SELECT o.* FROM own AS o UNION ALL SELECT o.* FROM others AS o
    ), repeated AS (
        SELECT r.session_id, r.external_transaction_id
        FROM receipts AS r GROUP BY r.session_id, r.external_transaction_id HAVING count(*) > 1
    ), ranked AS (
        SELECT r.*, row_number() OVER w AS rank, first_value(r.position) OVER w AS first_position
        FROM receipts AS r
        JOIN repeated AS x ON x.session_id = r.session_id AND x.external_transaction_id = r.external_transaction_id
        WINDOW w AS (PARTITION BY r.session_id, r.external_transaction_id ORDER BY r.position, r.natural_key)
    )
    SELECT k.revision_id, k.transaction_id, k.natural_key, NULL::boolean, abs(k.amount),
        'Receipt id ' || k.external_transaction_id || ' was handed in before',
        jsonb_build_object('external_transaction_id', k.external_transaction_id, 'amount', k.amount::text)
    FROM ranked AS k
    WHERE k.rank > 1 AND k.is_own;
END
$$;
COMMENT ON FUNCTION app.find_duplicate_transaction(app.revision_draft[], jsonb) IS 'Receipts whose receipt id comes a second or further time in the session, over all people; the first in source order is none.';

CREATE OR REPLACE FUNCTION app.find_invalid_amount(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, false, NULL::numeric,
        CASE WHEN t.amount_text IS NULL THEN 'Receipt amount is missing'
            ELSE 'Receipt amount cannot be read: ' || quote_literal(left(t.amount_text, 80)) END,
        jsonb_build_object('amount_text', t.amount_text)
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.amount IS NULL
    UNION ALL
    SELECT d.revision_id, NULL::uuid, '', true, NULL::numeric,
        'Card total is unknown', jsonb_build_object('car_total', NULL)
    FROM unnest(p_drafts) AS d
    WHERE d.is_in_report AND d.car_total IS NULL;
END
$$;
COMMENT ON FUNCTION app.find_invalid_amount(app.revision_draft[], jsonb) IS 'Receipts whose amount is missing or cannot be read (do not block), and people of the card report whose card total is unknown (block). What is at stake is unknown: null.';

CREATE OR REPLACE FUNCTION app.find_invalid_date(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(t.amount),
        CASE WHEN t.date_text IS NULL THEN 'Receipt date is missing'
            ELSE 'Receipt date cannot be read: ' || quote_literal(left(t.date_text, 80)) END,
        jsonb_build_object('date_text', t.date_text)
    FROM unnest(p_drafts) AS d
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
    WHERE t.transaction_date IS NULL;
END
$$;
COMMENT ON FUNCTION app.find_invalid_date(app.revision_draft[], jsonb) IS 'Receipts whose date is missing, not a real date, before 2000 or more than a year ahead.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, description, suggested_resolution) VALUES
('missing_coding_info', 1, 'high', true, 'find_missing_coding_info',
    'A receipt has neither a whole job coding nor a GL account.', 'Enter job, phase and cost type, or a GL account.'),
('missing_receipt', 1, 'high', true, 'find_missing_receipt',
    'A receipt has no attachment.', 'Ask the employee for the receipt and attach it.'),
('missing_all_receipts', 1, 'high', true, 'find_missing_all_receipts',
    'A person with card activity handed in no receipt.', 'Ask the employee for all receipts of the month.'),
('total_mismatch', 1, 'medium', true, 'find_total_mismatch',
    'Card total and receipt total of a person differ.', 'Find the charge without receipt or the receipt without charge.'),
('duplicate_transaction', 1, 'medium', false, 'find_duplicate_transaction',
    'A receipt id comes again in the same session.', 'Remove the second receipt, or explain why it stands twice.'),
('invalid_amount', 1, 'high', false, 'find_invalid_amount',
    'An amount is missing or cannot be read.', 'Look the amount up and correct it.'),
('invalid_date', 1, 'medium', false, 'find_invalid_date',
    'A receipt''s date is missing or cannot be read.', 'Look the date up and correct it.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
