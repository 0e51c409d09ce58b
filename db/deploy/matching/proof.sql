-- What must hold for every matched revision at commit.
-- requires: matching/matching

BEGIN;

CREATE OR REPLACE FUNCTION app.matching_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    SELECT 'matching', r.revision_id, 'matched', 'not matched'
    FROM app.employee_revisions AS r
    -- A source revision that a carried one follows is not judged.
    WHERE r.created_tx = p_tx AND r.validation_flags IS NOT NULL
        AND EXISTS (SELECT FROM app.charges AS c
            WHERE c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id)
        AND NOT EXISTS (SELECT FROM app.matchings AS m WHERE m.employee_revision_id = r.revision_id)
    UNION ALL
    -- Edges have the sign of both sides and never exceed either; what they leave is listed as open, nothing else.
    SELECT x.rule, x.item_id, x.amount::text || ' covered or open',
        concat_ws(' ', x.covered::text, 'covered,', coalesce(x.open_amount::text, 'none'), 'open')
    FROM app.employee_revisions AS r
    JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
    CROSS JOIN LATERAL (
        SELECT 'charge' AS rule, c.charge_id AS item_id, c.net_amount AS amount, a.covered, a.edges, a.is_signed,
            o.item_id IS NOT NULL AS is_listed, o.open_amount
        FROM app.charges AS c
        CROSS JOIN LATERAL (
            SELECT count(*) AS edges, coalesce(sum(y.amount
                    + CASE WHEN sign(y.residual) = sign(y.amount) THEN y.residual ELSE 0 END), 0) AS covered,
                coalesce(bool_and(sign(y.amount) = sign(c.net_amount)), true) AS is_signed
            FROM app.found_allocations AS y
            WHERE y.matching_id = m.matching_id AND y.charge_id = c.charge_id
        ) AS a
        LEFT JOIN app.found_open_items AS o ON o.matching_id = m.matching_id AND o.side = 'charge'
            AND o.item_id = c.charge_id
        WHERE c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id
        UNION ALL
        SELECT 'receipt', t.transaction_id, t.amount, a.covered, a.edges, a.is_signed AND NOT (
            t.is_out_of_pocket AND a.edges > 0), o.item_id IS NOT NULL, o.open_amount
        FROM (
            -- By key, one by one, whatever the planner believes of the table.
            SELECT l.employee_revision_id, l.transaction_id, k.amount, k.is_out_of_pocket
            FROM app.receipt_links AS l
            CROSS JOIN LATERAL (
                SELECT k.amount, k.is_out_of_pocket FROM app.receipt_contents AS k WHERE k.content_id = l.content_id OFFSET 0
            ) AS k
        ) AS t
        CROSS JOIN LATERAL (
            SELECT count(*) AS edges, coalesce(sum(y.amount
                    - CASE WHEN sign(y.residual) = -sign(y.amount) THEN y.residual ELSE 0 END), 0) AS covered,
                coalesce(bool_and(sign(y.amount) = sign(t.amount)), true) AS is_signed
            FROM app.found_allocations AS y
            WHERE y.matching_id = m.matching_id AND y.transaction_id = t.transaction_id
        ) AS a
        LEFT JOIN app.found_open_items AS o ON o.matching_id = m.matching_id AND o.side = 'receipt'
            AND o.item_id = t.transaction_id
        WHERE t.employee_revision_id = r.revision_id
    ) AS x
    WHERE r.created_tx = p_tx AND (
        NOT x.is_signed OR abs(x.covered) > abs(x.amount) OR (x.amount IS NULL AND x.edges > 0)
        OR x.is_listed = (x.edges > 0 AND x.covered = x.amount)
        OR (x.is_listed AND x.open_amount IS DISTINCT FROM x.amount - x.covered))
    UNION ALL
    -- What is named is there: an edge or open row of a charge or receipt that the revision does not have.
    SELECT 'matched row', r.revision_id, 'charges and receipts of the revision', concat_ws(' ', x.charge_id, x.transaction_id)
    FROM app.employee_revisions AS r
    JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
    CROSS JOIN LATERAL (
        SELECT a.charge_id, a.transaction_id FROM app.found_allocations AS a WHERE a.matching_id = m.matching_id
        UNION ALL
        SELECT o.charge_id, o.transaction_id FROM app.found_open_items AS o WHERE o.matching_id = m.matching_id
    ) AS x
    LEFT JOIN app.charges AS c
        ON c.session_id = r.session_id AND c.cardholder_id = r.cardholder_id AND c.charge_id = x.charge_id
    WHERE r.created_tx = p_tx AND (c.charge_id IS DISTINCT FROM x.charge_id
        OR (SELECT l.transaction_id FROM app.receipt_links AS l
            WHERE l.employee_revision_id = r.revision_id AND l.transaction_id = x.transaction_id)
            IS DISTINCT FROM x.transaction_id)
    UNION ALL
    -- A matching that is referred to was made for the same person and session, and refers to itself.
    SELECT 'matching', r.revision_id, 'a matching of the same person and session', m.matching_id::text
    FROM app.employee_revisions AS r
    JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
    WHERE r.created_tx = p_tx AND m.matching_id <> r.revision_id AND NOT EXISTS (
        SELECT FROM app.employee_revisions AS o
        JOIN app.matchings AS n ON n.employee_revision_id = o.revision_id AND n.matching_id = o.revision_id
        WHERE o.revision_id = m.matching_id AND o.session_id = r.session_id AND o.cardholder_id = r.cardholder_id)
    UNION ALL
    -- The bridge, from the totals of the head.
    SELECT 'bridge', r.revision_id, r.amount_difference::text, b.explained::text
    FROM app.employee_revisions AS r
    JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT sum(CASE o.side WHEN 'charge' THEN o.open_amount ELSE -o.open_amount END)
                         FROM app.found_open_items AS o WHERE o.matching_id = m.matching_id), 0)
            + coalesce((SELECT sum(a.residual)
                        FROM app.found_allocations AS a WHERE a.matching_id = m.matching_id), 0) AS explained
    ) AS b
    WHERE r.created_tx = p_tx AND r.amount_difference <> b.explained;
END
$$;
COMMENT ON FUNCTION app.matching_violations(bigint) IS 'What a transaction would leave wrong in matching: revisions with charges that were not matched, edges of another sign or above the amount of a side, rows neither covered nor listed as open, rows that name a charge or receipt that is not there, a bridge that does not add up. No row means sound.';

COMMIT;
