-- The one way a revision comes to be: rows first, then this.
-- requires: content/compare
-- requires: validation/judging
-- requires: matching/rules

BEGIN;

CREATE OR REPLACE FUNCTION app.write_heads(
    p_drafts app.revision_draft[], p_findings app.rule_finding[], p_origin text, p_reason text
) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    WITH flags AS (
        SELECT (f.found).revision_id, app.flags_of(pg_catalog.array_agg(DISTINCT f.rule_code)) AS flags
        FROM pg_catalog.unnest(p_findings) AS f GROUP BY 1
    ), compared AS (
        SELECT d.revision_id, coalesce(d.compared_with, d.predecessor_id) AS old_id
        FROM pg_catalog.unnest(p_drafts) AS d
    ), receipts AS (
        SELECT c.new_revision_id, pg_catalog.jsonb_build_object(
            'added', pg_catalog.count(*) FILTER (WHERE c.change = 'added'),
            'removed', pg_catalog.count(*) FILTER (WHERE c.change = 'removed'),
            'changed', pg_catalog.count(*) FILTER (WHERE c.change = 'changed')) AS counts
        FROM app.compare_transactions(
            ARRAY(SELECT x.old_id FROM compared AS x WHERE x.old_id IS NOT NULL ORDER BY x.revision_id),
            ARRAY(SELECT x.revision_id FROM compared AS x WHERE x.old_id IS NOT NULL ORDER BY x.revision_id)) AS c
        GROUP BY c.new_revision_id
    ), judged AS (
        SELECT d.*, CASE WHEN p_findings IS NOT NULL THEN coalesce(f.flags, app.flags_of('{}')) END AS flags
        FROM pg_catalog.unnest(p_drafts) AS d
        LEFT JOIN flags AS f ON f.revision_id = d.revision_id OFFSET 0
    ), heads AS (
        SELECT d.*, c.old_id,
            pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
                'car_total', app.change_of(o.car_total, d.car_total),
                'receipt_total', app.change_of(o.receipt_total, d.receipt_total),
                'receipt_count', app.change_of(o.receipt_count, d.receipt_count),
                'card_number', app.change_of(o.card_number, d.card_number),
                'employee_id', app.change_of(o.employee_id, d.employee_id),
                'validation_flags', CASE WHEN d.flags IS NOT NULL THEN app.change_of(o.validation_flags, d.flags) END,
                'transactions', r.counts)) AS changes
        FROM judged AS d
        JOIN compared AS c ON c.revision_id = d.revision_id
        LEFT JOIN receipts AS r ON r.new_revision_id = d.revision_id
        LEFT JOIN app.employee_revisions AS o ON o.revision_id = c.old_id
    )
    INSERT INTO app.employee_revisions (
        revision_id, session_id, cardholder_id, revision_number, predecessor_id, compared_with, employee_name,
        employee_id, card_number, is_in_report, car_total, receipt_total, receipt_total_unique, receipt_count,
        validation_flags, car_page_range, receipt_page_range, changed_from_previous, change_details, origin, reason, created_by,
        content_hash, hash_version)
    SELECT h.revision_id, h.session_id, h.cardholder_id, h.revision_number, h.predecessor_id, h.compared_with,
        h.employee_name, h.employee_id, h.card_number, h.is_in_report, h.car_total, h.receipt_total,
        h.receipt_total_unique, h.receipt_count, h.flags, h.car_page_range, h.receipt_page_range,
        CASE WHEN h.old_id IS NULL THEN s.parent_session_id IS NOT NULL ELSE h.changes <> '{}' END,
        CASE WHEN h.old_id IS NOT NULL THEN h.changes END,
        CASE WHEN p.revision_id IS NOT NULL AND p.validation_flags IS NULL THEN 'carried' ELSE p_origin END,
        app.hide_card_numbers(p_reason), (SELECT app.actor_id()),
        app.hash_content(h.session_id, h.cardholder_id, h.revision_number, h.employee_name, h.employee_id,
            h.card_number, h.is_in_report, h.car_total, h.receipt_total, h.receipt_count, h.flags,
            h.car_page_range, h.receipt_page_range, h.rows_digest),
        2
    FROM heads AS h
    JOIN app.processing_sessions AS s ON s.session_id = h.session_id
    LEFT JOIN app.employee_revisions AS p ON p.revision_id = h.predecessor_id;
END
$$;
COMMENT ON FUNCTION app.write_heads(app.revision_draft[], app.rule_finding[], text, text) IS 'Writes the revisions of measured drafts, compared with compared_with, else with the predecessor; findings give the flags, null findings none: a source revision that another one follows is not judged, and the one after it is carried.';

CREATE OR REPLACE FUNCTION app.complete_revisions(p_drafts app.revision_draft[], p_origin text, p_reason text) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = off
-- A receipt is looked up once: remembering what it says never pays.
SET enable_memoize = off
AS $$
DECLARE
    v_drafts app.revision_draft[];
    v_findings app.rule_finding[];
BEGIN
    -- For a few people the plans that the session keeps, row by row and by key, whatever the tables held when they were
    -- made: planning anew took longer than the work. For many people plans that are made for them. Both hold down to
    -- the finders, which have no clause of their own, and end with this function.
    IF pg_catalog.cardinality(p_drafts) <= 20 THEN
        PERFORM pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true),
            pg_catalog.set_config('enable_seqscan', 'off', true),
            pg_catalog.set_config('enable_hashjoin', 'off', true);
    END IF;
    PERFORM app.write_bank_sides(p_drafts);
    v_drafts := app.measure_drafts(p_drafts);
    PERFORM app.match_revisions(v_drafts);
    v_findings := app.run_rules(v_drafts);

    PERFORM app.write_heads(v_drafts, v_findings, p_origin, p_reason);
    PERFORM app.place_findings(v_drafts, v_findings);

    -- A hold is kept, also one said in a submission that was left out or cancelled: it ends when somebody releases the
    -- person. Of all submissions of the month, what was said last counts.
    WITH earlier AS MATERIALIZED (
        SELECT x.session_id, x.earlier_id
        FROM app.earlier_sessions(ARRAY(SELECT DISTINCT d.session_id FROM pg_catalog.unnest(v_drafts) AS d)) AS x
    )
    INSERT INTO app.session_employees AS e
        (session_id, cardholder_id, current_revision_id, current_revision_number, status, hold_reason, hold_said_at)
    SELECT d.session_id, d.cardholder_id, d.revision_id, d.revision_number,
        app.derive_status(d.session_id, d.cardholder_id, h.hold_reason IS NOT NULL), h.hold_reason, h.hold_said_at
    FROM pg_catalog.unnest(v_drafts) AS d
    LEFT JOIN LATERAL (
        SELECT k.hold_reason, k.hold_said_at FROM earlier AS x
        CROSS JOIN LATERAL (
            SELECT o.hold_reason, o.hold_said_at FROM app.session_employees AS o
            WHERE o.session_id = x.earlier_id AND o.cardholder_id = d.cardholder_id
            LIMIT 1
        ) AS k
        WHERE x.session_id = d.session_id AND (d.revision_number = 1 OR NOT EXISTS (
            SELECT FROM app.session_employees AS n
            WHERE n.session_id = d.session_id AND n.cardholder_id = d.cardholder_id))
        ORDER BY k.hold_said_at DESC NULLS LAST LIMIT 1
    ) AS h ON true
    ON CONFLICT (session_id, cardholder_id) DO UPDATE
        SET current_revision_id = excluded.current_revision_id,
            current_revision_number = excluded.current_revision_number,
            -- Matched anew: what a decision on matches is about is another.
            version = e.version + (SELECT pg_catalog.count(*) FROM app.matchings AS m
                WHERE m.employee_revision_id = excluded.current_revision_id AND m.matching_id = m.employee_revision_id)::integer,
            status = CASE WHEN e.is_on_hold THEN 'on_hold' ELSE excluded.status END;
    PERFORM app.judge_others(v_drafts);
END
$$;
COMMENT ON FUNCTION app.complete_revisions(app.revision_draft[], text, text) IS 'Makes revisions of drafts whose rows are written: matches, totals, flags, hash, comparison with the predecessor (else with the parent session), issues, and the person''s row with its status; a hold stays, in later submissions too, by what was said last. Others whom rules over several people concern are judged again. Everything is proved again at commit.';

COMMIT;
