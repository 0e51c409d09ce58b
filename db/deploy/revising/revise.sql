-- The next revision of people: their receipts linked again, as wished or as they once were.
-- requires: revising/proof
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.copy_receipts(p_old_ids uuid[], p_new_ids uuid[], p_without uuid[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.receipt_links (employee_revision_id, transaction_id, content_id, natural_key, position, page_number,
        receipt_key)
    SELECT p.new_id, x.transaction_id, x.content_id, x.natural_key, x.position, x.page_number, x.receipt_key
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    -- One look-up by key for each revision, whatever the planner believes of the table.
    CROSS JOIN LATERAL (SELECT l.* FROM app.receipt_links AS l WHERE l.employee_revision_id = p.old_id OFFSET 0) AS x
    WHERE NOT EXISTS (SELECT FROM unnest(p_without) AS w (transaction_id) WHERE w.transaction_id = x.transaction_id);
END;
COMMENT ON FUNCTION app.copy_receipts(uuid[], uuid[], uuid[]) IS 'Links the receipts of old revisions to new ones (same place in both arrays), but for those named. What they say is not copied.';

CREATE OR REPLACE FUNCTION app.draft_next(p_current_ids uuid[], p_new_ids uuid[], p_like_ids uuid[]) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(p.new_id, r.session_id, r.cardholder_id, r.revision_number + 1, r.revision_id, NULL,
        l.employee_name, l.employee_id, l.card_number, l.is_in_report, l.car_total, NULL, NULL,
        l.car_page_range, l.receipt_page_range, NULL, NULL)::app.revision_draft)
    FROM unnest(p_current_ids, p_new_ids, p_like_ids) AS p (current_id, new_id, like_id)
    JOIN app.employee_revisions AS r ON r.revision_id = p.current_id
    JOIN app.employee_revisions AS l ON l.revision_id = p.like_id;
END;
COMMENT ON FUNCTION app.draft_next(uuid[], uuid[], uuid[]) IS 'Drafts of the revisions that follow the current ones, with the head of another revision (the current one for a correction, an old one for a restoration); same place in all arrays.';

COMMIT;
