-- How the contents of two revisions differ, row by row.
-- requires: content/measure

BEGIN;

CREATE OR REPLACE FUNCTION app.compare_transactions(p_old_ids uuid[], p_new_ids uuid[])
RETURNS TABLE (
    new_revision_id uuid, natural_key text, change text, old_row app.transactions, new_row app.transactions
)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH pairs AS (
        SELECT p.old_id, p.new_id FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    ), old_rows AS (
        SELECT p.new_id, t.natural_key, t AS content
        FROM pairs AS p JOIN app.transactions AS t ON t.employee_revision_id = p.old_id
    ), new_rows AS (
        SELECT p.new_id, t.natural_key, t AS content
        FROM pairs AS p JOIN app.transactions AS t ON t.employee_revision_id = p.new_id
    )
    SELECT coalesce(n.new_id, o.new_id), coalesce(n.natural_key, o.natural_key),
        CASE WHEN o.natural_key IS NULL THEN 'added' WHEN n.natural_key IS NULL THEN 'removed' ELSE 'changed' END,
        o.content, n.content
    FROM old_rows AS o
    FULL JOIN new_rows AS n ON n.new_id = o.new_id AND n.natural_key = o.natural_key
    WHERE o.natural_key IS NULL OR n.natural_key IS NULL OR
        ROW((o.content).transaction_date, (o.content).date_text, (o.content).transaction_type, (o.content).amount,
            (o.content).amount_text, (o.content).expense_type, (o.content).description, (o.content).purpose,
            (o.content).merchant_name, (o.content).merchant_address, (o.content).coding_type,
            (o.content).job_number, (o.content).job_phase, (o.content).cost_type, (o.content).gl_account,
            (o.content).gl_description, (o.content).has_attachment, (o.content).attachment_name,
            (o.content).is_out_of_pocket, (o.content).source_fields)
        IS DISTINCT FROM
        ROW((n.content).transaction_date, (n.content).date_text, (n.content).transaction_type, (n.content).amount,
            (n.content).amount_text, (n.content).expense_type, (n.content).description, (n.content).purpose,
            (n.content).merchant_name, (n.content).merchant_address, (n.content).coding_type,
            (n.content).job_number, (n.content).job_phase, (n.content).cost_type, (n.content).gl_account,
            (n.content).gl_description, (n.content).has_attachment, (n.content).attachment_name,
            (n.content).is_out_of_pocket, (n.content).source_fields);
END;
COMMENT ON FUNCTION app.compare_transactions(uuid[], uuid[]) IS 'Receipts that differ between pairs of revisions (same place in both arrays; null old: everything is added): one row per receipt, by natural key, with both rows. Where a receipt stands in its source does not count.';

CREATE OR REPLACE FUNCTION app.change_of(p_old anycompatible, p_new anycompatible) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN p_old IS DISTINCT FROM p_new
        THEN pg_catalog.jsonb_build_object('old', p_old, 'new', p_new) END
$$;
COMMENT ON FUNCTION app.change_of(anycompatible, anycompatible) IS 'Both values when they differ, else null.';

COMMIT;
