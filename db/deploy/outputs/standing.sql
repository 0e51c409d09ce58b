-- Which lines stand: every receipt of a session beside what was posted of it before.
-- requires: outputs/accounting
-- requires: outputs/batch_tables
--
-- Left out               because, besides the reasons of outputs/accounting
-- exported_before        a batch has it, and its line stands; whatever the receipt would be left out for today
-- changed_since_export   a batch has it as it was before, and it could be posted as it is
-- uncertain              the month was handed in anew after its submissions were cancelled, and a batch has such a receipt of
--                        theirs, that is, one of which anything was ever said that was ever said of this one; or a batch has a
--                        page of the same person that repeats its receipt id by now

BEGIN;

CREATE OR REPLACE FUNCTION app.posted_lines(p_month_id uuid, p_target text) RETURNS SETOF app.accounting_batch_lines
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH batches AS MATERIALIZED (
        SELECT b.target, b.batch_number FROM app.accounting_batches AS b
        WHERE b.month_id = p_month_id AND b.target = p_target AND NOT EXISTS (
            SELECT FROM app.accounting_voids AS v WHERE v.target = b.target AND v.batch_number = b.batch_number)
    ), lines AS MATERIALIZED (
        SELECT l AS line, l.kind, l.batch_number, l.line_number, l.reversed_batch, l.reversed_line
        FROM batches AS b
        JOIN app.accounting_batch_lines AS l ON l.target = b.target AND l.batch_number = b.batch_number
    )
    SELECT (l.line).*
    FROM lines AS l
    -- A set that is hashed, whatever the planner believes of lines that were written a moment ago.
    WHERE l.kind = 'posting' AND (l.batch_number, l.line_number) NOT IN (
        SELECT r.reversed_batch, r.reversed_line FROM lines AS r WHERE r.kind = 'reversal');
END;
COMMENT ON FUNCTION app.posted_lines(uuid, text) IS 'The lines of a month that a target has by now: of batches that are not void, and not reversed by one that is not void.';

CREATE OR REPLACE FUNCTION app.changes_of_line(p_posted app.accounting_batch_lines, p_receipt app.accounting_row) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN p_posted.batch_number IS NULL THEN '{}'
        WHEN p_receipt.transaction_id IS NULL THEN '{gone}'
        WHEN NOT p_receipt.counts THEN '{withdrawn}'
        ELSE array_remove(ARRAY[
            CASE WHEN p_receipt.left_out IN ('duplicate', 'out_of_pocket') THEN p_receipt.left_out END,
            CASE WHEN p_receipt.amount IS DISTINCT FROM p_posted.amount THEN 'amount' END,
            CASE WHEN (p_posted.job, p_posted.phase, p_posted.cost_type, p_posted.gl_account)
                IS DISTINCT FROM (app.safe_text(p_receipt.job_number), app.safe_text(p_receipt.job_phase),
                    app.safe_text(p_receipt.cost_type), app.safe_text(p_receipt.gl_account)) THEN 'codes' END,
            CASE WHEN p_posted.card_number IS DISTINCT FROM p_receipt.card_number THEN 'card' END,
            CASE WHEN p_posted.cardholder_id <> p_receipt.cardholder_id THEN 'person' END], NULL) END;
END;
COMMENT ON FUNCTION app.changes_of_line(app.accounting_batch_lines, app.accounting_row) IS 'Why a line that was posted does not stand any more beside the receipt as it is; empty when it stands.';

CREATE OR REPLACE FUNCTION app.words_of_line(p_posted app.accounting_batch_lines, p_receipt app.accounting_row) RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN p_posted.batch_number IS NULL OR p_receipt.transaction_id IS NULL THEN '{}' ELSE array_remove(ARRAY[
        CASE WHEN p_posted.transaction_name <> app.safe_text(p_receipt.purpose) THEN 'purpose' END,
        CASE WHEN p_posted.credit_card_vendor <> app.safe_text(p_receipt.merchant_name) THEN 'merchant' END,
        CASE WHEN p_posted.receipt_date IS DISTINCT FROM p_receipt.transaction_date THEN 'date' END,
        CASE WHEN p_posted.receipt_id <> app.safe_text(p_receipt.receipt_id) THEN 'receipt_id' END], NULL) END;
END;
COMMENT ON FUNCTION app.words_of_line(app.accounting_batch_lines, app.accounting_row) IS 'What is another in a receipt than in the line that was posted and changes no account.';

CREATE OR REPLACE FUNCTION app.likenesses(p_transaction_ids uuid[]) RETURNS TABLE (transaction_id uuid, likeness text)
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT DISTINCT l.transaction_id, k.likeness
    FROM unnest(p_transaction_ids) AS t (transaction_id)
    JOIN app.receipt_links AS l ON l.transaction_id = t.transaction_id
    JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
    JOIN app.receipt_contents AS c ON c.content_id = l.content_id
    CROSS JOIN LATERAL (VALUES (c.external_transaction_id), (ROW(r.cardholder_id, c.amount, c.transaction_date)::text))
        AS k (likeness)
    WHERE k.likeness IS NOT NULL;
END;
COMMENT ON FUNCTION app.likenesses(uuid[]) IS 'By what receipts are known when their month is handed in anew: every receipt id that any revision ever showed of them, and every person with amount and date.';

CREATE OR REPLACE FUNCTION app.accounting_states(p_session_id uuid, p_profile app.accounting_profiles, p_people uuid[] DEFAULT NULL)
RETURNS SETOF app.accounting_state
LANGUAGE sql STABLE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET work_mem = '32MB'
BEGIN ATOMIC
    WITH posted AS MATERIALIZED (
        SELECT p AS line, p.transaction_id, b.chain_id = s.chain_id AS is_ours, s.status = 'completed' AS counts
        FROM app.processing_sessions AS s
        CROSS JOIN LATERAL app.posted_lines(s.month_id, p_profile.target) AS p
        JOIN app.accounting_batches AS b ON b.target = p.target AND b.batch_number = p.batch_number
        WHERE s.session_id = p_session_id
    ), rows AS MATERIALIZED (
        SELECT r AS row, r.transaction_id, r.left_out FROM app.accounting_rows(p_session_id, p_profile, p_people) AS r
    ), uncertain AS MATERIALIZED (
        SELECT o.transaction_id
        -- What came back as it was, by api.restore_session, is known by itself.
        FROM app.likenesses(ARRAY(SELECT p.transaction_id FROM posted AS p
            WHERE NOT p.is_ours AND p.transaction_id NOT IN (SELECT r.transaction_id FROM rows AS r))) AS t
        JOIN app.likenesses(ARRAY(SELECT r.transaction_id FROM rows AS r)) AS o ON o.likeness = t.likeness
        -- Once and for all: most months were never cancelled.
        WHERE (SELECT EXISTS (SELECT FROM posted AS p WHERE NOT p.is_ours))
        UNION ALL
        -- Pages of one receipt id that changed places: the other one was posted, and falls.
        SELECT r.transaction_id
        FROM rows AS d
        JOIN rows AS r ON (r.row).cardholder_id = (d.row).cardholder_id AND (r.row).receipt_id = (d.row).receipt_id COLLATE "C"
        WHERE d.left_out = 'duplicate' AND d.transaction_id IN (SELECT p.transaction_id FROM posted AS p)
            AND r.transaction_id NOT IN (SELECT p.transaction_id FROM posted AS p)
    ), receipts AS (
        SELECT r.row, r.transaction_id, CASE WHEN coalesce(r.left_out, 'person_not_finished') = 'person_not_finished'
                AND r.transaction_id IN (SELECT u.transaction_id FROM uncertain AS u) THEN 'uncertain' ELSE r.left_out END AS reason
        FROM rows AS r
    ), compared AS (
        -- A submission that was cancelled has nothing any more; lines of another one are of what this one does not have.
        SELECT r.row AS receipt, p.line AS posted, r.reason,
            app.changes_of_line(p.line, CASE WHEN p.counts THEN r.row END) AS changes,
            CASE WHEN p.counts THEN app.words_of_line(p.line, r.row) ELSE '{}' END AS words
        FROM receipts AS r
        FULL JOIN (SELECT x.* FROM posted AS x WHERE x.is_ours OR x.counts) AS p ON p.transaction_id = r.transaction_id
    )
    SELECT c.receipt, c.posted, c.reason, c.changes, c.words,
        CASE WHEN (c.posted).batch_number IS NULL THEN c.reason
            WHEN c.changes = '{}' THEN 'exported_before'
            ELSE coalesce(nullif(c.reason, 'person_not_finished'), 'changed_since_export') END
    FROM compared AS c;
END;
COMMENT ON FUNCTION app.accounting_states(uuid, app.accounting_profiles, uuid[]) IS 'Every receipt of a session, or of some of its people, and every line of its month that the target of the profile has by now: beside each other where they are of one receipt, else alone. Of a session that was cancelled, only lines of its own submissions, none of which stands.';

CREATE OR REPLACE FUNCTION report.accounting_lines(
    p_session_id uuid, p_profile_name text DEFAULT 'old_program', p_invoice_month date DEFAULT NULL
) RETURNS SETOF report.accounting_line
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (x.line).*
    FROM app.accounting_profile(p_profile_name) AS f
    CROSS JOIN app.invoice_month(p_session_id, p_invoice_month) AS m (invoice_month)
    CROSS JOIN LATERAL app.accounting_states(p_session_id, f) AS s
    CROSS JOIN LATERAL (SELECT app.accounting_line(s.receipt, f, m.invoice_month, s.left_out) AS line OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT CASE WHEN (SELECT h.names FROM app.hidden_names AS h) IS NULL THEN l.line ELSE jsonb_populate_record(l.line,
            report.hide_names_of_value(to_jsonb(l.line), (SELECT h.names FROM app.hidden_names AS h))) END AS line OFFSET 0) AS x
    WHERE (s.receipt).transaction_id IS NOT NULL
    ORDER BY (s.receipt).place;
END;
COMMENT ON FUNCTION report.accounting_lines(uuid, text, date) IS 'Every receipt of a session as accounting reads it, in the form of a profile: people as in the report, then those with receipts only, pages in order. The invoice month is the given one, else the last month of the session''s period, else the current one. left_out is the first reason for which a batch would not post the line; null: it would. A code that is not whole is none, an unknown amount is empty. Raises NF090.';
GRANT EXECUTE ON FUNCTION report.accounting_lines(uuid, text, date)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION report.changed_since_export(p_session_id uuid, p_profile_name text DEFAULT 'old_program')
RETURNS SETOF report.changed_line
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT (s.posted).batch_number, (s.posted).line_number, (s.posted).transaction_id, app.shown((s.posted).card_holder), s.changes, s.words,
        s.changes <> '{}', (s.posted).amount, CASE WHEN NOT 'gone' = ANY (s.changes) THEN (s.receipt).amount END,
        app.shown(jsonb_build_object('employee_name', (s.posted).card_holder, 'card', coalesce((s.posted).card_number, ''),
            'job', (s.posted).job, 'phase', (s.posted).phase, 'cost_type', (s.posted).cost_type,
            'gl_account', (s.posted).gl_account, 'purpose', (s.posted).transaction_name,
            'merchant', (s.posted).credit_card_vendor, 'date', (s.posted).receipt_date, 'receipt_id', (s.posted).receipt_id)::text)::jsonb,
        CASE WHEN NOT 'gone' = ANY (s.changes) THEN app.shown(jsonb_build_object(
            'employee_name', (s.receipt).employee_name, 'card', coalesce((s.receipt).card_number, ''),
            'job', app.safe_text((s.receipt).job_number), 'phase', app.safe_text((s.receipt).job_phase),
            'cost_type', app.safe_text((s.receipt).cost_type), 'gl_account', app.safe_text((s.receipt).gl_account),
            'purpose', app.safe_text((s.receipt).purpose), 'merchant', app.safe_text((s.receipt).merchant_name),
            'date', (s.receipt).transaction_date, 'receipt_id', app.safe_text((s.receipt).receipt_id))::text)::jsonb END
    FROM app.accounting_profile(p_profile_name) AS f
    CROSS JOIN LATERAL app.accounting_states(p_session_id, f) AS s
    WHERE s.changes || s.words <> '{}'
    ORDER BY (s.posted).batch_number, (s.posted).line_number;
END;
COMMENT ON FUNCTION report.changed_since_export(uuid, text) IS 'Lines of batches that differ from their receipts as they are by now, with both states. Those that need a reversal are listed until a batch reverses them. Raises NF090.';
GRANT EXECUTE ON FUNCTION report.changed_since_export(uuid, text)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
