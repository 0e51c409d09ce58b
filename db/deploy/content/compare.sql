-- How the contents of two revisions differ, row by row.
-- requires: content/measure

BEGIN;

CREATE OR REPLACE FUNCTION app.compare_transactions(p_old_ids uuid[], p_new_ids uuid[])
RETURNS TABLE (
    new_revision_id uuid, natural_key text, change text, old_content app.receipt_contents,
    new_content app.receipt_contents
)
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN QUERY
    -- The contents are read of those receipts only whose links differ.
    WITH pairs AS (
        SELECT p.old_id, p.new_id FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    ), old_links AS (
        SELECT p.new_id, l.natural_key, l.content_id
        FROM pairs AS p JOIN app.receipt_links AS l ON l.employee_revision_id = p.old_id
    ), new_links AS (
        SELECT p.new_id, l.natural_key, l.content_id
        FROM pairs AS p JOIN app.receipt_links AS l ON l.employee_revision_id = p.new_id
    ), suspects AS (
        SELECT coalesce(n.new_id, o.new_id) AS new_id, coalesce(n.natural_key, o.natural_key) AS natural_key,
            o.content_id AS old_content_id, n.content_id AS new_content_id
        FROM old_links AS o
        FULL JOIN new_links AS n ON n.new_id = o.new_id AND n.natural_key = o.natural_key
        WHERE o.content_id IS DISTINCT FROM n.content_id
    )
    SELECT s.new_id, s.natural_key,
        CASE WHEN s.old_content_id IS NULL THEN 'added' WHEN s.new_content_id IS NULL THEN 'removed' ELSE 'changed' END,
        o, n
    FROM suspects AS s
    LEFT JOIN app.receipt_contents AS o ON o.content_id = s.old_content_id
    LEFT JOIN app.receipt_contents AS n ON n.content_id = s.new_content_id
    WHERE s.old_content_id IS NULL OR s.new_content_id IS NULL OR NOT app.says_the_same(o, n);
END
$$;
COMMENT ON FUNCTION app.compare_transactions(uuid[], uuid[]) IS 'Receipts that differ between pairs of revisions (same place in both arrays; null old: everything is added): one row per receipt, by natural key, with what both say. Where a receipt stands in its source does not count.';

CREATE OR REPLACE FUNCTION app.said_fields(p_content app.receipt_contents) RETURNS TABLE (field text, said text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e.key, CASE e.key
        WHEN 'amount' THEN coalesce(e.value, (p_content).amount_text)
        WHEN 'transaction_date' THEN coalesce(e.value, (p_content).date_text)
        ELSE e.value END
    FROM jsonb_each_text(to_jsonb(p_content)) AS e
    WHERE e.key <> ALL (ARRAY['content_id', 'created_tx', 'amount_text', 'date_text', 'source_fields']);
END;
COMMENT ON FUNCTION app.said_fields(app.receipt_contents) IS 'What a receipt says, field by field as text: dates as YYYY-MM-DD, an amount or date that cannot be read as it was written. Fields for the way back are left out.';

CREATE OR REPLACE FUNCTION app.change_of(p_old anycompatible, p_new anycompatible) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT CASE WHEN p_old IS DISTINCT FROM p_new
        THEN pg_catalog.jsonb_build_object('old', p_old, 'new', p_new) END
$$;
COMMENT ON FUNCTION app.change_of(anycompatible, anycompatible) IS 'Both values when they differ, else null.';

COMMIT;
