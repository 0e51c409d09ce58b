-- What must hold for every matched revision at commit.
-- requires: matching/matching

BEGIN;

CREATE OR REPLACE FUNCTION app.matching_violations(p_tx bigint)
RETURNS TABLE (rule text, object_id uuid, expected text, got text)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT 'matching', r.revision_id, 'matched', 'not matched'
    FROM app.employee_revisions AS r
    WHERE r.created_tx = p_tx
        AND EXISTS (SELECT FROM app.charges AS c WHERE c.employee_revision_id = r.revision_id)
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
            FROM app.allocations AS y
            WHERE y.employee_revision_id = c.employee_revision_id AND y.charge_id = c.charge_id
        ) AS a
        LEFT JOIN app.open_items AS o ON o.employee_revision_id = c.employee_revision_id AND o.side = 'charge'
            AND o.item_id = c.charge_id
        WHERE c.employee_revision_id = r.revision_id
        UNION ALL
        SELECT 'receipt', t.transaction_id, t.amount, a.covered, a.edges, a.is_signed AND NOT (
            t.is_out_of_pocket AND a.edges > 0), o.item_id IS NOT NULL, o.open_amount
        FROM app.transactions AS t
        CROSS JOIN LATERAL (
            SELECT count(*) AS edges, coalesce(sum(y.amount
                    - CASE WHEN sign(y.residual) = -sign(y.amount) THEN y.residual ELSE 0 END), 0) AS covered,
                coalesce(bool_and(sign(y.amount) = sign(t.amount)), true) AS is_signed
            FROM app.allocations AS y
            WHERE y.employee_revision_id = t.employee_revision_id AND y.transaction_id = t.transaction_id
        ) AS a
        LEFT JOIN app.open_items AS o ON o.employee_revision_id = t.employee_revision_id AND o.side = 'receipt'
            AND o.item_id = t.transaction_id
        WHERE t.employee_revision_id = r.revision_id
    ) AS x
    WHERE r.created_tx = p_tx AND (
        NOT x.is_signed OR abs(x.covered) > abs(x.amount) OR (x.amount IS NULL AND x.edges > 0)
        OR x.is_listed = (x.edges > 0 AND x.covered = x.amount)
        OR (x.is_listed AND x.open_amount IS DISTINCT FROM x.amount - x.covered))
    UNION ALL
    -- The bridge, from the totals of the head.
    SELECT 'bridge', r.revision_id, r.amount_difference::text, b.explained::text
    FROM app.employee_revisions AS r
    JOIN app.matchings AS m ON m.employee_revision_id = r.revision_id
    CROSS JOIN LATERAL (
        SELECT coalesce((SELECT sum(CASE o.side WHEN 'charge' THEN o.open_amount ELSE -o.open_amount END)
                         FROM app.open_items AS o WHERE o.employee_revision_id = r.revision_id), 0)
            + coalesce((SELECT sum(a.residual)
                        FROM app.allocations AS a WHERE a.employee_revision_id = r.revision_id), 0) AS explained
    ) AS b
    WHERE r.created_tx = p_tx AND r.amount_difference <> b.explained;
END;
COMMENT ON FUNCTION app.matching_violations(bigint) IS 'What a transaction would leave wrong in matching: revisions with charges that were not matched, edges of another sign or above the amount of a side, rows neither covered nor listed as open, a bridge that does not add up. No row means sound.';

COMMIT;
