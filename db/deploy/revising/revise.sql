-- The next revision of people: their rows copied, as wished or as they once were.
-- requires: revising/proof
-- requires: access/requests

BEGIN;

CREATE OR REPLACE FUNCTION app.copy_bank_rows(p_old_ids uuid[], p_new_ids uuid[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.card_totals (employee_revision_id, card_id, card_number, printed_gross, printed_discount,
        printed_net, page_range)
    SELECT p.new_id, x.card_id, x.card_number, x.printed_gross, x.printed_discount, x.printed_net, x.page_range
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    JOIN app.card_totals AS x ON x.employee_revision_id = p.old_id;

    INSERT INTO app.charges (employee_revision_id, charge_id, card_id, natural_key, position, page_number,
        totals_page_number, purchase_date, posted_date, level, transaction_number, merchant_name, city, state,
        merchant_group, gross_amount, discount_amount, net_amount, unread_fields)
    SELECT p.new_id, x.charge_id, x.card_id, x.natural_key, x.position, x.page_number, x.totals_page_number,
        x.purchase_date, x.posted_date, x.level, x.transaction_number, x.merchant_name, x.city, x.state,
        x.merchant_group, x.gross_amount, x.discount_amount, x.net_amount, x.unread_fields
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    JOIN app.charges AS x ON x.employee_revision_id = p.old_id;

    INSERT INTO app.charge_lines (employee_revision_id, charge_id, line_number, page_number, product_description,
        unit_price, quantity, gross_amount, discount_amount, net_amount)
    SELECT p.new_id, x.charge_id, x.line_number, x.page_number, x.product_description, x.unit_price, x.quantity,
        x.gross_amount, x.discount_amount, x.net_amount
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    JOIN app.charge_lines AS x ON x.employee_revision_id = p.old_id;
END;
COMMENT ON FUNCTION app.copy_bank_rows(uuid[], uuid[]) IS 'Copies cards, charges and lines from old revisions to new ones (same place in both arrays).';

CREATE OR REPLACE FUNCTION app.copy_transactions(p_old_ids uuid[], p_new_ids uuid[], p_without uuid[]) RETURNS void
LANGUAGE sql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    INSERT INTO app.transactions (employee_revision_id, transaction_id, natural_key, position, page_number,
        external_transaction_id, transaction_date, date_text, transaction_type, amount, amount_text, expense_type,
        description, purpose, merchant_name, merchant_address, coding_type, job_number, job_phase, cost_type,
        gl_account, gl_description, has_attachment, attachment_name, is_out_of_pocket, source_fields)
    SELECT p.new_id, x.transaction_id, x.natural_key, x.position, x.page_number, x.external_transaction_id,
        x.transaction_date, x.date_text, x.transaction_type, x.amount, x.amount_text, x.expense_type,
        x.description, x.purpose, x.merchant_name, x.merchant_address, x.coding_type, x.job_number, x.job_phase,
        x.cost_type, x.gl_account, x.gl_description, x.has_attachment, x.attachment_name, x.is_out_of_pocket,
        x.source_fields
    FROM unnest(p_old_ids, p_new_ids) AS p (old_id, new_id)
    -- One look-up by key for each revision, whatever the planner believes of the table.
    CROSS JOIN LATERAL (SELECT t.* FROM app.transactions AS t WHERE t.employee_revision_id = p.old_id OFFSET 0) AS x
    WHERE NOT EXISTS (SELECT FROM unnest(p_without) AS w (transaction_id) WHERE w.transaction_id = x.transaction_id);
END;
COMMENT ON FUNCTION app.copy_transactions(uuid[], uuid[], uuid[]) IS 'Copies receipts from old revisions to new ones (same place in both arrays), but for those named.';

CREATE OR REPLACE FUNCTION app.draft_next(p_current_ids uuid[], p_new_ids uuid[], p_like_ids uuid[]) RETURNS app.revision_draft[]
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT array_agg(ROW(p.new_id, r.session_id, r.cardholder_id, r.revision_number + 1, r.revision_id, NULL,
        l.employee_name, l.employee_id, l.card_number, l.is_in_report, l.car_total, NULL, NULL,
        l.car_page_range, l.receipt_page_range, NULL)::app.revision_draft)
    FROM unnest(p_current_ids, p_new_ids, p_like_ids) AS p (current_id, new_id, like_id)
    JOIN app.employee_revisions AS r ON r.revision_id = p.current_id
    JOIN app.employee_revisions AS l ON l.revision_id = p.like_id;
END;
COMMENT ON FUNCTION app.draft_next(uuid[], uuid[], uuid[]) IS 'Drafts of the revisions that follow the current ones, with the head of another revision (the current one for a correction, an old one for a restoration); same place in all arrays.';

COMMIT;
