-- Rules about what matching left. Whatever leaves a charge without proof blocks until somebody decides.
-- requires: matching/matching
-- requires: validation/rules

BEGIN;

CREATE OR REPLACE FUNCTION app.find_proposals(p_drafts app.revision_draft[], p_proposals text[])
RETURNS TABLE (
    revision_id uuid, proposal text, subject_key text, transaction_id uuid, charge_total numeric, receipt_total numeric,
    days_apart integer, charges text, receipts text, rows jsonb, charge_id uuid
)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, o.proposal, max(CASE WHEN o.item_id = o.proposal_id THEN coalesce(c.natural_key, t.natural_key) END),
        CASE WHEN bool_or(o.side = 'receipt' AND o.item_id = o.proposal_id) THEN o.proposal_id END,
        sum(c.net_amount), sum(t.amount), min(o.days_apart),
        string_agg(CASE WHEN c.charge_id IS NOT NULL THEN app.name_charge(d.revision_id, c) END, ', '
            ORDER BY c.natural_key COLLATE "C"),
        string_agg(CASE WHEN t.transaction_id IS NOT NULL THEN app.name_receipt(t.external_transaction_id, t.amount,
            t.merchant_name, t.transaction_date) END, ', ' ORDER BY t.natural_key COLLATE "C"),
        jsonb_build_object('proposal', o.proposal,
            'charges', coalesce(jsonb_agg(jsonb_build_object('charge', c.natural_key, 'amount', c.net_amount::text)
                ORDER BY c.natural_key COLLATE "C") FILTER (WHERE c.charge_id IS NOT NULL), '[]'),
            'receipts', coalesce(jsonb_agg(jsonb_build_object('receipt', t.natural_key, 'amount', t.amount::text)
                ORDER BY t.natural_key COLLATE "C") FILTER (WHERE t.transaction_id IS NOT NULL), '[]')),
        CASE WHEN count(c.charge_id) = 1 THEN (array_agg(c.charge_id) FILTER (WHERE c.charge_id IS NOT NULL))[1] END
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.proposal = ANY (p_proposals)
    LEFT JOIN app.charges AS c ON o.side = 'charge' AND c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
        AND c.charge_id = o.item_id
    LEFT JOIN app.transactions AS t ON o.side = 'receipt' AND t.employee_revision_id = d.revision_id
        AND t.transaction_id = o.item_id
    GROUP BY d.revision_id, o.proposal, o.proposal_id;
END
$$;
COMMENT ON FUNCTION app.find_proposals(app.revision_draft[], text[]) IS 'What is proposed in these revisions, of these kinds: one row for each proposal with its charges and receipts, their sums and words for them. Its subject is the row that leads it.';

CREATE OR REPLACE FUNCTION app.find_unmatched_charge(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, c.natural_key,
        CASE WHEN k.charge_id IS NULL OR abs(c.net_amount) < (p_parameters ->> 'minimum_amount')::numeric THEN false END,
        abs(o.open_amount),
        'Without receipt: ' || app.name_charge(d.revision_id, c),
        jsonb_build_object('amount', c.net_amount::text, 'posted_date', c.posted_date,
            'merchant_name', c.merchant_name), c.charge_id, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.side = 'charge'
    JOIN app.charges AS c
        ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id AND c.charge_id = o.charge_id
    LEFT JOIN app.kept_purchases(p_drafts) AS k ON k.revision_id = d.revision_id AND k.charge_id = c.charge_id
    WHERE o.failed_gate <> 'partly_covered' AND NOT o.is_proposed;
END
$$;
COMMENT ON FUNCTION app.find_unmatched_charge(app.revision_draft[], jsonb) IS 'Charges that no receipt covers and for which nothing is proposed; one finding each, at stake is the charge. Credits, purchases that were taken back and charges below minimum_amount dollars need no receipt and do not block.';

CREATE OR REPLACE FUNCTION app.find_unmatched_receipt(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(o.open_amount),
        'Without charge: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
        jsonb_build_object('amount', t.amount::text, 'date', t.transaction_date,
            'merchant_name', app.clean_words(t.merchant_name)), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.side = 'receipt'
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id AND t.transaction_id = o.transaction_id
    WHERE o.failed_gate NOT IN ('partly_covered', 'out_of_pocket', 'repeat') AND NOT o.is_proposed;
END
$$;
COMMENT ON FUNCTION app.find_unmatched_receipt(app.revision_draft[], jsonb) IS 'Receipts that belong to no charge and for which nothing is proposed; one finding each, at stake is the receipt. Those paid out of pocket are none, nor are pages that repeat a receipt id.';

CREATE OR REPLACE FUNCTION app.find_amount_residual(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.revision_id, p.transaction_id, p.subject_key, NULL::boolean, abs(p.charge_total - p.receipt_total),
        CASE p.proposal WHEN 'digits' THEN 'Two digits seem to be swapped' WHEN 'tip' THEN 'A tip may be in the charge'
            WHEN 'conversion' THEN 'A currency may be converted' WHEN 'net' THEN 'A purchase less its partial refund'
            ELSE 'The amounts are near' END
            || CASE WHEN p.charge_total = p.receipt_total THEN ''
                ELSE ', ' || app.dollars(abs(p.charge_total - p.receipt_total)) || ' apart' END
            || ': ' || p.charges || '; ' || p.receipts,
        p.rows, p.charge_id, NULL::text
    FROM app.find_proposals(p_drafts, '{near,digits,tip,conversion,net}') AS p
    UNION ALL
    SELECT d.revision_id, CASE o.side WHEN 'receipt' THEN t.transaction_id END,
        CASE o.side WHEN 'charge' THEN c.natural_key ELSE t.natural_key END, CASE o.side WHEN 'receipt' THEN false END,
        abs(o.open_amount),
        app.dollars(o.open_amount) || ' stay open of the partly covered ' || CASE o.side
            WHEN 'charge' THEN app.name_charge(d.revision_id, c)
            ELSE app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date) END,
        jsonb_build_object('side', o.side, 'amount', CASE o.side WHEN 'charge' THEN c.net_amount ELSE t.amount END::text,
            'open_amount', o.open_amount::text),
        CASE o.side WHEN 'charge' THEN c.charge_id END, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.failed_gate = 'partly_covered'
    LEFT JOIN app.charges AS c
        ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id AND c.charge_id = o.charge_id
    LEFT JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id AND t.transaction_id = o.transaction_id;
END
$$;
COMMENT ON FUNCTION app.find_amount_residual(app.revision_draft[], jsonb) IS 'Rows that are proposed to belong together although their amounts differ: near, digits swapped, a tip, a conversion, a purchase less its refund; and what a person left over when splitting, which does not block on a receipt. At stake is the difference. A residual accepted with its reason is none.';

CREATE OR REPLACE FUNCTION app.find_ambiguous_match(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.revision_id, p.transaction_id, p.subject_key, NULL::boolean,
        greatest(abs(p.charge_total), abs(p.receipt_total)),
        'Several assignments fit about as well: ' || p.charges || '; ' || p.receipts, p.rows, p.charge_id, NULL::text
    FROM app.find_proposals(p_drafts, '{knot}') AS p;
END
$$;
COMMENT ON FUNCTION app.find_ambiguous_match(app.revision_draft[], jsonb) IS 'Charges and receipts of the same amount and merchant that could be assigned in several ways: one finding for the knot. At stake is the larger of its two sums.';

CREATE OR REPLACE FUNCTION app.find_weak_match(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.revision_id, p.transaction_id, p.subject_key, NULL::boolean, abs(p.receipt_total),
        CASE p.proposal WHEN 'weak' THEN 'The same amount and date, but the merchants have nothing in common'
            ELSE 'The same amount and merchant, but ' || p.days_apart::text || ' days apart' END
            || ': ' || p.charges || '; ' || p.receipts, p.rows, p.charge_id, NULL::text
    FROM app.find_proposals(p_drafts, '{weak,window}') AS p;
END
$$;
COMMENT ON FUNCTION app.find_weak_match(app.revision_draft[], jsonb) IS 'Pairs of the same amount that are no match by themselves: of one date with nothing in common in the merchants, or of one merchant outside of the window. At stake is the amount.';

CREATE OR REPLACE FUNCTION app.find_proposed_sum(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.revision_id, p.transaction_id, p.subject_key, NULL::boolean, abs(p.receipt_total),
        'They add up exactly, but it may be chance: ' || p.charges || '; ' || p.receipts, p.rows, p.charge_id, NULL::text
    FROM app.find_proposals(p_drafts, '{sum}') AS p;
END
$$;
COMMENT ON FUNCTION app.find_proposed_sum(app.revision_draft[], jsonb) IS 'Rows that add up exactly to one of the other side where chance is not excluded, or that are more than are taken: one finding for the sum that names its parts. At stake is the sum.';

CREATE OR REPLACE FUNCTION app.find_suspected_repeat(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT p.revision_id, p.transaction_id, p.subject_key, NULL::boolean, abs(p.receipt_total),
        'Handed in twice? Another receipt is alike, and the bank has fewer such charges on that date: ' || p.receipts
            || coalesce('; open is ' || p.charges, ''), p.rows, p.charge_id, NULL::text
    FROM app.find_proposals(p_drafts, '{repeat}') AS p;
END
$$;
COMMENT ON FUNCTION app.find_suspected_repeat(app.revision_draft[], jsonb) IS 'Receipts alike to another one in amount, date and merchant under another id, with fewer such charges posted or purchased on that date: they cover nothing. At stake is the receipt.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, parameters, description,
    suggested_resolution) VALUES
('unmatched_charge', 1, 'medium', true, 'find_unmatched_charge', '{"minimum_amount": 0.00}',
    'A charge has no receipt.', 'Ask for the receipt, or match it by hand.')
ON CONFLICT (rule_code, version) DO NOTHING;
INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, description, suggested_resolution) VALUES
('unmatched_receipt', 1, 'medium', false, 'find_unmatched_receipt',
    'A receipt belongs to no charge.', 'Find its charge or mark it as paid out of pocket.'),
('amount_residual', 1, 'low', true, 'find_amount_residual',
    'A charge and a receipt belong together but their amounts differ.', 'Confirm the match with a reason, or reject it.'),
('ambiguous_match', 1, 'medium', true, 'find_ambiguous_match',
    'Several rows fit and none is clearly the best.', 'Confirm the right ones.'),
('weak_match', 1, 'medium', true, 'find_weak_match',
    'The same amount, but another merchant or too many days apart.',
    'Confirm the match, which is learned for these merchants, or reject it.'),
('proposed_sum', 1, 'medium', true, 'find_proposed_sum',
    'Rows add up, but perhaps by chance.', 'Confirm its pairs, or reject one of them.'),
('suspected_repeat', 1, 'medium', true, 'find_suspected_repeat',
    'A receipt may be handed in twice under two ids.',
    'Remove the second receipt, or confirm the charge it belongs to.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
