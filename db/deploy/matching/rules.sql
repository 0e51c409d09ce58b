-- Rules about what matching left: registered as data, they inform and do not block.
-- requires: matching/matching
-- requires: validation/rules

BEGIN;

CREATE OR REPLACE FUNCTION app.find_unmatched_charge(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, c.natural_key, NULL::boolean, abs(o.open_amount),
        'Without receipt: ' || app.name_charge(d.revision_id, c),
        jsonb_build_object('amount', c.net_amount::text, 'posted_date', c.posted_date,
            'merchant_name', c.merchant_name), c.charge_id, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.side = 'charge'
    JOIN app.charges AS c
        ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id AND c.charge_id = o.charge_id
    WHERE o.failed_gate NOT IN ('ambiguous', 'partly_covered') AND NOT o.is_proposed;
END
$$;
COMMENT ON FUNCTION app.find_unmatched_charge(app.revision_draft[], jsonb) IS 'Charges that no receipt covers, none comes near and none is in doubt about; one finding each, at stake is the charge.';

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
            'merchant_name', t.merchant_name), NULL::uuid, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.side = 'receipt'
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id AND t.transaction_id = o.transaction_id
    WHERE o.failed_gate NOT IN ('ambiguous', 'partly_covered', 'out_of_pocket') AND NOT o.is_proposed;
END
$$;
COMMENT ON FUNCTION app.find_unmatched_receipt(app.revision_draft[], jsonb) IS 'Receipts that belong to no charge, none comes near and none is in doubt about; one finding each, at stake is the receipt. Those paid out of pocket are none.';

CREATE OR REPLACE FUNCTION app.find_amount_residual(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, t.transaction_id, t.natural_key, NULL::boolean, abs(o.amount_difference),
        app.dollars(abs(o.amount_difference)) || ' apart: '
            || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date) || ' and '
            || app.name_charge(d.revision_id, c),
        jsonb_build_object('charge', c.natural_key, 'charge_amount', c.net_amount::text, 'amount', t.amount::text),
        c.charge_id, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.side = 'receipt' AND o.is_proposed
    JOIN app.charges AS c
        ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id AND c.charge_id = o.charge_id
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id AND t.transaction_id = o.transaction_id
    UNION ALL
    SELECT d.revision_id, CASE o.side WHEN 'receipt' THEN t.transaction_id END,
        CASE o.side WHEN 'charge' THEN c.natural_key ELSE t.natural_key END, NULL::boolean, abs(o.open_amount),
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
COMMENT ON FUNCTION app.find_amount_residual(app.revision_draft[], jsonb) IS 'Pairs whose amounts come so near that they are proposed as one, and what a person left over when splitting; at stake is the difference. A residual accepted with its reason is none.';

CREATE OR REPLACE FUNCTION app.find_ambiguous_match(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, CASE o.side WHEN 'receipt' THEN t.transaction_id END,
        CASE o.side WHEN 'charge' THEN c.natural_key ELSE t.natural_key END, NULL::boolean, abs(o.open_amount),
        CASE o.side WHEN 'charge' THEN 'Several receipts could belong to the ' || app.name_charge(d.revision_id, c)
            ELSE 'Several charges could belong to the '
                || app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date) END,
        jsonb_build_object('side', o.side, 'amount', o.open_amount::text, 'charge', c.natural_key,
            'receipt', t.natural_key),
        CASE o.side WHEN 'charge' THEN c.charge_id END, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.open_items AS o ON o.employee_revision_id = d.revision_id AND o.failed_gate = 'ambiguous'
    JOIN app.charges AS c
        ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id AND c.charge_id = o.charge_id
    JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id AND t.transaction_id = o.transaction_id;
END
$$;
COMMENT ON FUNCTION app.find_ambiguous_match(app.revision_draft[], jsonb) IS 'Charges and receipts with candidates of the same amount of which none was far enough ahead; at stake is the amount.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, description, suggested_resolution) VALUES
('unmatched_charge', 1, 'medium', false, 'find_unmatched_charge',
    'A charge has no receipt.', 'Ask for the receipt, or match it by hand.'),
('unmatched_receipt', 1, 'medium', false, 'find_unmatched_receipt',
    'A receipt belongs to no charge.', 'Find its charge or mark it as paid out of pocket.'),
('amount_residual', 1, 'low', false, 'find_amount_residual',
    'A charge and a receipt belong together but their amounts differ.', 'Confirm the match with a reason, or reject it.'),
('ambiguous_match', 1, 'low', false, 'find_ambiguous_match',
    'Several rows fit and none is clearly the best.', 'Confirm the right one.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
