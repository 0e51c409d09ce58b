-- What people said about receipts, and what became of it.
-- requires: report/people
-- requires: content/merging

BEGIN;

CREATE OR REPLACE VIEW app.correction_fates AS
SELECT c.correction_id, s.session_id, s.revision_number, greatest(s.processing_completed_at, c.said_at) AS since,
    x.source_value,
    app.fate_of(c.field_group,
        CASE WHEN c.field_group = 'person' AND x.source_value IS NOT NULL
                THEN app.bases_of_move(c.chain_id, c.transaction_id, c.number, x.cardholder_id, x.receipt_key)
            WHEN c.number = 1 THEN ARRAY[c.base]
            ELSE app.bases_of(c.chain_id, c.transaction_id, c.field_group, c.number) END, c.value,
        x.source_value, CASE WHEN c.field_group = 'person' OR x.source_value IS NULL THEN EXISTS (
            SELECT FROM app.session_employees AS e
            WHERE e.session_id = s.session_id AND e.cardholder_id = app.holder_of(c.chain_id, c.transaction_id)) ELSE true END) AS fate
FROM app.corrections AS c
JOIN app.processing_sessions AS h ON h.session_id = c.session_id
JOIN app.processing_sessions AS s ON s.chain_id = c.chain_id AND s.status = 'completed'
    -- What was said in a submission that was cancelled holds in the one before.
    AND (s.revision_number >= h.revision_number OR (h.status <> 'completed' AND s.revision_number = (
        SELECT max(o.revision_number) FROM app.processing_sessions AS o
        WHERE o.chain_id = c.chain_id AND o.status = 'completed' AND o.revision_number < h.revision_number)))
LEFT JOIN LATERAL (
    SELECT CASE c.field_group WHEN 'presence' THEN app.said_groups(k) WHEN 'person' THEN to_jsonb(r.cardholder_id)
        ELSE app.said_group(k, c.field_group) END AS source_value, r.cardholder_id, l.receipt_key
    FROM app.receipt_links AS l
    JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id
        AND r.session_id = s.session_id AND r.revision_number = 1
    JOIN app.receipt_contents AS k ON k.content_id = l.content_id
    WHERE l.transaction_id = c.transaction_id LIMIT 1
) AS x ON true;
COMMENT ON VIEW app.correction_fates IS 'What becomes of each statement in each completed submission from the one in which it was said.';
COMMENT ON COLUMN app.correction_fates.correction_id IS 'The statement.';
COMMENT ON COLUMN app.correction_fates.session_id IS 'The submission.';
COMMENT ON COLUMN app.correction_fates.revision_number IS 'Its number in the chain.';
COMMENT ON COLUMN app.correction_fates.since IS 'When the submission was completed, or the statement made in it.';
COMMENT ON COLUMN app.correction_fates.source_value IS 'What the source of the submission says about the group; null: it does not have the receipt.';
COMMENT ON COLUMN app.correction_fates.fate IS 'in_force, arrived, conflict, waiting or withdrawn, see content/corrections.';

CREATE TYPE report.traced_correction AS (
    source_value jsonb,
    fate text,
    fate_since timestamptz
);
COMMENT ON TYPE report.traced_correction IS 'What the source of the newest completed submission says about a statement''s group, the fate of the statement there, and since when.';
GRANT USAGE ON TYPE report.traced_correction
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

-- Definer, like the count below: a view calls them with the rights of who reads. Dear, and one value: so a page of a list
-- is sorted and cut before it is asked for.
CREATE OR REPLACE FUNCTION report.trace_correction(p_correction_id uuid) RETURNS report.traced_correction
LANGUAGE sql STABLE SECURITY DEFINER COST 1000
SET search_path = ''
BEGIN ATOMIC
    WITH fates AS MATERIALIZED (
        SELECT o.revision_number, o.since, o.source_value, o.fate FROM app.correction_fates AS o
        WHERE o.correction_id = p_correction_id
    )
    SELECT ROW(app.shown(y.source_value::text)::jsonb, y.fate,
        -- The fate of today, back to the last submission that had another.
        (SELECT min(z.since) FROM fates AS z
         WHERE z.revision_number > coalesce((SELECT max(o.revision_number) FROM fates AS o WHERE o.fate <> y.fate), 0))
        )::report.traced_correction
    FROM fates AS y
    ORDER BY y.revision_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION report.trace_correction(uuid) IS 'What became of one statement in the newest completed submission, and since when.';
GRANT EXECUTE ON FUNCTION report.trace_correction(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.corrections AS
SELECT c.correction_id, s.session_id, s.month_id, c.transaction_id, c.field_group, c.number, c.cardholder_id,
    h.name_key AS employee_name, c.base, c.value, (report.trace_correction(c.correction_id)).source_value,
    CASE WHEN n.number > c.number THEN 'replaced' ELSE (report.trace_correction(c.correction_id)).fate END AS fate,
    CASE WHEN n.number > c.number THEN n.said_at ELSE (report.trace_correction(c.correction_id)).fate_since END AS fate_since,
    c.session_id AS said_in_session_id, c.reason, c.said_by, u.user_name AS said_by_name, c.said_at
FROM app.corrections AS c
JOIN app.cardholders AS h ON h.cardholder_id = c.cardholder_id
JOIN app.users AS u ON u.user_id = c.said_by
LEFT JOIN LATERAL (
    SELECT o.number, o.said_at FROM app.corrections AS o
    WHERE o.transaction_id = c.transaction_id AND o.chain_id = c.chain_id AND o.field_group = c.field_group
        AND o.number = c.number + 1
) AS n ON true
LEFT JOIN app.processing_sessions AS s ON s.chain_id = c.chain_id AND s.status = 'completed' AND NOT EXISTS (
    SELECT FROM app.processing_sessions AS o
    WHERE o.chain_id = s.chain_id AND o.status = 'completed' AND o.revision_number > s.revision_number);
COMMENT ON VIEW report.corrections IS 'Everything people said about receipts, over all submissions of a month, each with its fate in the newest one.';
COMMENT ON COLUMN report.corrections.session_id IS 'The newest completed submission: the one in which the fate is judged.';
COMMENT ON COLUMN report.corrections.month_id IS 'The month.';
COMMENT ON COLUMN report.corrections.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.corrections.source_value IS 'What the source of the newest submission says about it; null: it does not have the receipt.';
COMMENT ON COLUMN report.corrections.fate IS 'in_force: it holds; arrived: the report says the same by now; conflict: the report says a third thing, which is shown until somebody decides; waiting: the receipt or the person is not in the newest submission; withdrawn: taken back; replaced: somebody said something else later.';
COMMENT ON COLUMN report.corrections.fate_since IS 'Since when.';
COMMENT ON COLUMN report.corrections.said_in_session_id IS 'The submission in which it was said.';
COMMENT ON COLUMN report.corrections.said_by_name IS 'Name of the author.';
SELECT app.describe_columns('report.corrections', 'app.corrections');
GRANT SELECT ON report.corrections TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION report.count_corrections(p_session_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT coalesce(jsonb_object_agg(x.fate, x.receipts), '{}')
    FROM (
        SELECT j.fate, count(DISTINCT j.transaction_id) AS receipts
        FROM app.judge_corrections(p_session_id, app.source_people(p_session_id, ARRAY(
            SELECT e.cardholder_id FROM app.session_employees AS e WHERE e.session_id = p_session_id)), true) AS j
        WHERE j.fate <> 'withdrawn'
        GROUP BY j.fate
    ) AS x;
END;
COMMENT ON FUNCTION report.count_corrections(uuid) IS 'Receipts of a submission that people said something about, by fate; one about which several things were said may count under several.';
GRANT EXECUTE ON FUNCTION report.count_corrections(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION report.recalled_corrections(p_session_id uuid)
RETURNS TABLE (employee_name text, fate text, fate_then text, receipts bigint, said_here bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    WITH sessions AS MATERIALIZED (
        SELECT s.session_id, s.parent_session_id FROM app.processing_sessions AS s
        WHERE s.session_id = p_session_id AND s.status = 'completed' AND s.parent_session_id IS NOT NULL
    ), judged AS MATERIALIZED (
        SELECT o.id = s.session_id AS is_now, j.*
        FROM sessions AS s
        CROSS JOIN LATERAL unnest(ARRAY[s.session_id, s.parent_session_id]) AS o (id)
        CROSS JOIN LATERAL app.judge_corrections(o.id, app.source_people(o.id, ARRAY(
            SELECT e.cardholder_id FROM app.session_employees AS e WHERE e.session_id = o.id)), true) AS j
    ), fates AS (
        SELECT j.correction_id, min(j.fate) FILTER (WHERE j.is_now) AS fate, min(j.fate) FILTER (WHERE NOT j.is_now) AS fate_then
        FROM judged AS j GROUP BY j.correction_id
    )
    SELECT app.shown(h.name_key), f.fate, f.fate_then, count(DISTINCT c.transaction_id),
        count(DISTINCT c.transaction_id) FILTER (WHERE c.session_id = p_session_id)
    FROM fates AS f
    JOIN app.corrections AS c ON c.correction_id = f.correction_id
    JOIN app.cardholders AS h ON h.cardholder_id = c.cardholder_id
    WHERE f.fate <> f.fate_then OR c.session_id = p_session_id
    GROUP BY h.name_key, h.employee_id, f.fate, f.fate_then
    ORDER BY h.name_key, h.employee_id, f.fate, f.fate_then;
END;
COMMENT ON FUNCTION report.recalled_corrections(uuid) IS 'Before a submission is cancelled: receipts by person about which something was said in it, or of which a correction would have another fate in the submission before, with the fate now and the fate then; and how many were spoken of in it. Cancelling judges what was said against the source of the submission before. No row: nothing goes back.';
GRANT EXECUTE ON FUNCTION report.recalled_corrections(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
