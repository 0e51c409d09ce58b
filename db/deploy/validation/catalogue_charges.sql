-- More rules: what charges of the card report show. They inform and do not block.
-- requires: validation/rules
-- requires: validation/lists
-- requires: validation/limits
-- requires: validation/calendar

BEGIN;

CREATE OR REPLACE FUNCTION app.find_out_of_period(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, c.natural_key, NULL::boolean, abs(c.net_amount),
        format('Outside the period %s to %s: %s', p.period_start, p.period_end, app.name_charge(d.revision_id, c)),
        jsonb_build_object('net_amount', c.net_amount::text, 'posted_date', c.posted_date,
            'period_start', p.period_start, 'period_end', p.period_end), c.charge_id, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.processing_sessions AS s ON s.session_id = d.session_id
    JOIN app.months AS p ON p.month_id = s.month_id
    JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    WHERE s.period_source = 'printed' AND c.posted_date NOT BETWEEN p.period_start AND p.period_end;
END
$$;
COMMENT ON FUNCTION app.find_out_of_period(app.revision_draft[], jsonb) IS 'Charges posted outside the period that the card report prints; both its ends belong to it.';

CREATE OR REPLACE FUNCTION app.find_stale_posting(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, c.natural_key, NULL::boolean, abs(c.net_amount),
        format('Posted %s days after the purchase: %s', c.posted_date - c.purchase_date,
            app.name_charge(d.revision_id, c)),
        jsonb_build_object('net_amount', c.net_amount::text, 'posted_date', c.posted_date,
            'transaction_date', c.purchase_date), c.charge_id, NULL::text
    FROM unnest(p_drafts) AS d
    JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    WHERE c.posted_date - c.purchase_date > (p_parameters ->> 'days')::integer;
END
$$;
COMMENT ON FUNCTION app.find_stale_posting(app.revision_draft[], jsonb) IS 'Charges posted more than days days after the purchase.';

CREATE OR REPLACE FUNCTION app.find_over_limit(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT d.revision_id, NULL::uuid, c.natural_key, NULL::boolean, c.net_amount - l.limit_amount,
        format('%s above the limit of %s: %s', app.dollars(c.net_amount - l.limit_amount), app.dollars(l.limit_amount),
            app.name_charge(d.revision_id, c)),
        jsonb_build_object('net_amount', c.net_amount::text, 'merchant_name', c.merchant_name,
            'limit', l.limit_amount::text),
        c.charge_id,
        CASE WHEN c.net_amount > l.limit_amount * (p_parameters ->> 'high_from')::numeric / 100 THEN 'high'
            WHEN c.net_amount > l.limit_amount * (p_parameters ->> 'medium_from')::numeric / 100 THEN 'medium'
            ELSE 'low' END
    FROM unnest(p_drafts) AS d
    JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
    -- The nearest limit: of the person in the group, of the person, of the group, of the company.
    CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT x.limit_amount FROM app.spending_limits AS x
            WHERE coalesce(x.cardholder_id = d.cardholder_id, true)
                AND (x.merchant_group = '' OR x.merchant_group = upper(btrim(c.merchant_group) COLLATE "C"))
            ORDER BY x.cardholder_id IS NULL, x.merchant_group = '' LIMIT 1),
            (p_parameters ->> 'limit')::numeric(14, 2)) AS limit_amount
        OFFSET 0
    ) AS l
    WHERE c.net_amount > l.limit_amount
        -- The one-time filter spares reading the charges while no limit is set.
        AND (p_parameters ->> 'limit' IS NOT NULL OR (SELECT EXISTS (SELECT FROM app.spending_limits)));
END
$$;
COMMENT ON FUNCTION app.find_over_limit(app.revision_draft[], jsonb) IS 'Charges above their limit, see app.spending_limits; without one there the limit dollars of the rule hold, and where these are null none. A charge of exactly the limit is none. At stake is the excess. Severity is low, medium above medium_from percent of the limit, high above high_from percent.';

CREATE OR REPLACE FUNCTION app.find_split_purchase(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH spent AS (
        SELECT d.revision_id, c.charge_id, upper(btrim(c.merchant_name) COLLATE "C") AS merchant, c.natural_key,
            c.net_amount, c.purchase_date
        FROM unnest(p_drafts) AS d
        JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
        WHERE c.net_amount > 0 AND c.net_amount <= (p_parameters ->> 'limit')::numeric
            AND c.merchant_name IS NOT NULL AND c.purchase_date IS NOT NULL
    ), large AS MATERIALIZED (
        -- Who spent no more than the limit at a merchant in all did not split.
        SELECT s.revision_id, s.merchant FROM spent AS s
        GROUP BY s.revision_id, s.merchant HAVING sum(s.net_amount) > (p_parameters ->> 'limit')::numeric
    ), parts AS (
        -- What was taken back was not bought.
        SELECT s.* FROM spent AS s
        JOIN large AS l ON l.revision_id = s.revision_id AND l.merchant = s.merchant
        WHERE s.charge_id IN (
            SELECT k.charge_id FROM app.kept_purchases(ARRAY(
                SELECT d FROM unnest(p_drafts) AS d WHERE d.revision_id IN (SELECT x.revision_id FROM large AS x))) AS k)
    ), days AS (
        SELECT x.purchase_date, app.business_day_number(x.purchase_date) AS number
        FROM (SELECT DISTINCT p.purchase_date FROM parts AS p) AS x
    ), daily AS (
        SELECT p.revision_id, p.merchant, n.number, sum(p.net_amount) AS amount, count(*) AS charges,
            min(p.natural_key COLLATE "C") AS first_key, min(p.purchase_date) AS first_day,
            (array_agg(p.charge_id ORDER BY p.natural_key COLLATE "C"))[1] AS first_id, jsonb_agg(jsonb_build_object('charge', p.natural_key,
                'net_amount', p.net_amount::text) ORDER BY p.natural_key COLLATE "C") AS list
        FROM parts AS p JOIN days AS n ON n.purchase_date = p.purchase_date
        GROUP BY p.revision_id, p.merchant, n.number
    ), paired AS (
        -- A window is a day with what the next business days bring.
        SELECT a.revision_id, a.merchant, a.first_key, a.first_id, a.first_day, a.number, a.amount + coalesce(sum(b.amount), 0) AS amount,
            a.charges + coalesce(sum(b.charges), 0) AS charges, count(b.number) AS later_days,
            jsonb_build_array(a.list) || coalesce(jsonb_agg(b.list ORDER BY b.number) FILTER (WHERE b.number IS NOT NULL), '[]')
                AS lists
        FROM daily AS a
        LEFT JOIN daily AS b ON b.revision_id = a.revision_id AND b.merchant = a.merchant
            AND b.number BETWEEN a.number + 1 AND a.number + (p_parameters ->> 'business_days')::integer
        GROUP BY a.revision_id, a.merchant, a.first_key, a.first_id, a.first_day, a.number, a.amount, a.charges, a.list
    )
    SELECT p.revision_id, NULL::uuid, p.merchant || ' ' || p.first_key, NULL::boolean,
        p.amount - (p_parameters ->> 'limit')::numeric,
        format('%s charges at %s from %s on within %s business day(s), together %s, above the limit of %s', p.charges,
            app.full_merchant(p.revision_id, p.merchant), p.first_day, p_parameters ->> 'business_days',
            app.dollars(p.amount), app.dollars((p_parameters ->> 'limit')::numeric)),
        jsonb_build_object('merchant_name', p.merchant, 'amount', p.amount::text,
            'limit', p_parameters ->> 'limit', 'charges', p.lists),
        p.first_id, NULL::text
    FROM paired AS p
    WHERE p.charges > 1 AND p.amount > (p_parameters ->> 'limit')::numeric
        -- What an earlier window holds already is not told again.
        AND NOT EXISTS (
            SELECT FROM daily AS e
            WHERE e.revision_id = p.revision_id AND e.merchant = p.merchant AND e.number < p.number
                AND NOT EXISTS (
                    SELECT FROM daily AS l
                    WHERE l.revision_id = p.revision_id AND l.merchant = p.merchant
                        AND l.number > e.number + (p_parameters ->> 'business_days')::integer
                        AND l.number <= p.number + (p_parameters ->> 'business_days')::integer)
                AND p.number <= e.number + (p_parameters ->> 'business_days')::integer);
END
$$;
COMMENT ON FUNCTION app.find_split_purchase(app.revision_draft[], jsonb) IS 'Charges of one person at one merchant on one business day and the business_days after it, each at most limit dollars and together more: one finding per window that is not part of an earlier one; at stake is what is above the limit. A day that is not worked counts as the business day before it; credits do not count, nor does a purchase that one took back.';

CREATE OR REPLACE FUNCTION app.find_duplicate_across_cards(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    WITH ranked AS (
        SELECT d.revision_id, c, c.natural_key, c.card_id, c.net_amount, c.merchant_name, c.purchase_date,
            first_value(c.card_id) OVER w AS first_card, first_value(c.natural_key) OVER w AS first_key
        FROM unnest(p_drafts) AS d
        JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
        WHERE c.net_amount >= (p_parameters ->> 'minimum_amount')::numeric AND c.merchant_name IS NOT NULL
            AND c.purchase_date IS NOT NULL
        WINDOW w AS (PARTITION BY d.revision_id, app.fold_text(btrim(c.merchant_name)), c.net_amount, c.purchase_date
            ORDER BY c.position, c.natural_key COLLATE "C")
    )
    SELECT r.revision_id, NULL::uuid, r.natural_key, NULL::boolean, r.net_amount,
        'The same purchase stands on another card: ' || app.name_charge(r.revision_id, r.c),
        jsonb_build_object('net_amount', r.net_amount::text, 'merchant_name', r.merchant_name,
            'transaction_date', r.purchase_date, 'first_charge', r.first_key), (r.c).charge_id, NULL::text
    FROM ranked AS r
    WHERE r.card_id <> r.first_card;
END
$$;
COMMENT ON FUNCTION app.find_duplicate_across_cards(app.revision_draft[], jsonb) IS 'Charges of at least minimum_amount dollars that a person has on another card too: same merchant, date and amount; the first in the report is none.';

CREATE OR REPLACE FUNCTION app.find_prohibited_merchant(p_drafts app.revision_draft[], p_parameters jsonb) RETURNS SETOF app.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    -- The one-time filters spare reading anything while the list is empty.
    WITH spent AS (
        SELECT d.revision_id, NULL::uuid AS transaction_id, c.charge_id, 'charge ' || c.natural_key AS subject_key,
            c.net_amount AS amount, app.name_charge(d.revision_id, c) AS words,
            upper(concat_ws(' / ', app.full_merchant(d.revision_id, c.merchant_name), c.merchant_group) COLLATE "C")
                AS merchant
        FROM unnest(p_drafts) AS d
        JOIN app.charges AS c ON c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id
        WHERE (SELECT EXISTS (SELECT FROM app.prohibited_merchants))
        UNION ALL
        SELECT d.revision_id, t.transaction_id, NULL, t.natural_key, t.amount,
            app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date),
            upper(t.merchant_name COLLATE "C")
        FROM unnest(p_drafts) AS d
        JOIN app.transactions AS t ON t.employee_revision_id = d.revision_id
        WHERE (SELECT EXISTS (SELECT FROM app.prohibited_merchants))
            AND NOT EXISTS (SELECT FROM app.charges AS c
                WHERE c.session_id = d.session_id AND c.cardholder_id = d.cardholder_id)
    ), merchants AS (
        SELECT DISTINCT ON (m.merchant) m.merchant, p.pattern, p.reason
        FROM (SELECT DISTINCT s.merchant FROM spent AS s WHERE s.merchant <> '') AS m
        -- Whole words: all that is no letter or digit stands between two.
        JOIN app.prohibited_merchants AS p ON position(' ' || app.plain_words(p.pattern) || ' '
            IN ' ' || app.plain_words(m.merchant) || ' ') > 0
        ORDER BY m.merchant, p.pattern
    )
    SELECT s.revision_id, s.transaction_id, s.subject_key, NULL::boolean, abs(s.amount),
        format('%s, prohibited (%s): %s', m.reason, m.pattern, s.words),
        jsonb_build_object('amount', s.amount::text, 'merchant', s.merchant, 'pattern', m.pattern),
        s.charge_id, NULL::text
    FROM spent AS s JOIN merchants AS m ON m.merchant = s.merchant;
END
$$;
COMMENT ON FUNCTION app.find_prohibited_merchant(app.revision_draft[], jsonb) IS 'Charges, and receipts of people without charges, whose merchant''s name, the whole one where a receipt tells it, or group holds the words of a line of app.prohibited_merchants, capitals or not: BAR is neither in BARNES nor in BARS.';

INSERT INTO app.validation_rules (rule_code, version, severity, blocks, finder, parameters, description,
    suggested_resolution) VALUES
('out_of_period', 1, 'low', false, 'find_out_of_period', '{}',
    'A charge was posted outside the period of the report.', 'Check whether it belongs to another month.'),
('stale_posting', 1, 'low', false, 'find_stale_posting', '{"days": 30}',
    'A charge was posted long after the purchase.', 'Ask the bank; disputes have time limits.'),
-- What one company signs for as a matter of course is a year's spending of another: nothing is found until somebody
-- sets a limit.
('over_limit', 1, 'medium', false, 'find_over_limit', '{"limit": null, "medium_from": 110, "high_from": 200}',
    'A charge is above the limit of a single purchase, that of the person or merchant group where there is one.',
    'Ask for the approval.'),
('split_purchase', 1, 'high', false, 'find_split_purchase', '{"limit": 5000.00, "business_days": 1}',
    'A purchase looks as if it was split to stay within the limit.', 'Ask the employee and the approver.'),
('duplicate_across_cards', 1, 'medium', false, 'find_duplicate_across_cards', '{"minimum_amount": 25.00}',
    'A person has the same purchase on two cards.', 'Ask the merchant for a refund, or explain.'),
('prohibited_merchant', 1, 'high', false, 'find_prohibited_merchant', '{}',
    'A merchant is on the list of those nobody may buy from.', 'Ask the employee; take the money back.')
ON CONFLICT (rule_code, version) DO NOTHING;

COMMIT;
