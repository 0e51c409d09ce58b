-- What was said in a submission that is cancelled belongs to the month: the one before takes it over where it fits.
-- requires: intake/import
-- requires: revising/revise
-- requires: validation/judging
--
-- Said in it            holds in the one before                      else
-- a correction          judged against its own source                waits, or is in conflict
-- a step of an issue    where the same issue has the same evidence   counts when it does: in a later submission, or restored
-- a decision on a match where both sides are as they were            the same
-- a hold, a release     for the same person                          the same

BEGIN;

CREATE OR REPLACE FUNCTION app.cancelled_after(p_session_id uuid) RETURNS uuid[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(o.session_id)
    FROM app.processing_sessions AS s
    JOIN app.processing_sessions AS o
        ON o.chain_id = s.chain_id AND o.revision_number > s.revision_number AND o.status = 'cancelled'
    WHERE s.session_id = p_session_id;
END;
COMMENT ON FUNCTION app.cancelled_after(uuid) IS 'The submissions after this one that were cancelled; null: none.';

CREATE OR REPLACE FUNCTION app.recall_corrections(p_session_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_later uuid[] := app.cancelled_after(p_session_id);
    v_people uuid[] := ARRAY(
        SELECT e.cardholder_id
        FROM (
            SELECT c.cardholder_id FROM app.corrections AS c WHERE c.session_id = ANY (v_later)
            UNION
            SELECT r.cardholder_id
            FROM app.corrections AS c
            JOIN app.receipt_links AS l ON l.transaction_id = c.transaction_id
            JOIN app.employee_revisions AS r ON r.revision_id = l.employee_revision_id AND r.session_id = p_session_id
            WHERE c.session_id = ANY (v_later)
            UNION
            -- Matched anew, by what was decided there.
            SELECT d.cardholder_id FROM app.match_decisions AS d WHERE d.session_id = ANY (v_later)
        ) AS x
        JOIN app.session_employees AS e ON e.session_id = p_session_id AND e.cardholder_id = x.cardholder_id
        ORDER BY e.cardholder_id);
BEGIN
    IF v_people <> '{}' THEN
        PERFORM app.revise_people(p_session_id, v_people, 'carried', NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION app.recall_corrections(uuid) IS 'After all later submissions were cancelled: what people said there about receipts and matches holds in a session from now on, judged against its own source.';

CREATE OR REPLACE FUNCTION app.recall_decisions(p_session_id uuid, p_cancelled_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_later uuid[] := app.cancelled_after(p_session_id);
    v_recalled uuid[];
BEGIN
    WITH told AS MATERIALIZED (
        -- What was said last about the very same; a decision that was carried keeps its time.
        SELECT DISTINCT ON (i.issue_id) i.issue_id, i.state AS from_state, i.assigned_to AS was_assigned_to, k.issue_id AS told_id,
            k.state, k.assigned_to, k.resolved_by, k.resolved_at, k.resolution_notes, k.resolution_method, k.due_date, w.waiver_id
        FROM app.validation_issues AS i
        JOIN app.validation_issues AS k ON k.session_id = ANY (v_later || i.session_id) AND k.cardholder_id = i.cardholder_id
            AND k.rule_code = i.rule_code AND k.subject_key = i.subject_key AND k.evidence = i.evidence
        LEFT JOIN app.latest_waivers AS w ON w.issue_id = k.issue_id AND k.state IN ('waived', 'waiting')
        CROSS JOIN LATERAL (
            SELECT CASE WHEN k.resolved_by IS NOT NULL THEN k.resolved_at ELSE (
                SELECT max(v.happened_at) FROM app.issue_events AS v
                WHERE v.issue_id = k.issue_id AND v.cause IS NULL) END AS said_at
        ) AS t
        WHERE i.session_id = p_session_id AND i.state <> 'auto_closed' AND k.state <> 'auto_closed' AND t.said_at IS NOT NULL
            AND (k.state <> 'waived' OR w.ends_on >= (pg_catalog.now() AT TIME ZONE 'UTC')::date)
        ORDER BY i.issue_id, t.said_at DESC, k.issue_id = i.issue_id DESC
    ), recalled AS (
        UPDATE app.validation_issues AS i
        SET state = t.state, assigned_to = t.assigned_to, resolved_by = t.resolved_by, resolved_at = t.resolved_at,
            resolution_notes = t.resolution_notes, resolution_method = t.resolution_method, due_date = t.due_date
        FROM told AS t
        WHERE i.issue_id = t.issue_id AND t.told_id <> t.issue_id
            AND (t.state, t.assigned_to, t.resolved_at) IS DISTINCT FROM (i.state, i.assigned_to, i.resolved_at)
        RETURNING i.issue_id, i.version, i.state, i.resolution_method, t.from_state, t.told_id, t.waiver_id
    ), events AS (
        INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, method, note, user_id, details, cause)
        SELECT r.issue_id, r.version, r.from_state, r.state, r.resolution_method, 'said in the submission that was cancelled',
            app.actor_id(), pg_catalog.jsonb_build_object('carried_from', r.told_id), 'session ' || p_cancelled_id
        FROM recalled AS r
    ), waived AS (
        INSERT INTO app.waivers (issue_id, issue_version, proposed_method, reason_class, reason, amount_limit, ends_on,
            proposed_by, proposed_at, carried_from)
        SELECT r.issue_id, r.version, w.proposed_method, w.reason_class, w.reason, w.amount_limit, w.ends_on, w.proposed_by,
            w.proposed_at, w.waiver_id
        FROM recalled AS r JOIN app.waivers AS w ON w.waiver_id = r.waiver_id
        RETURNING waiver_id, carried_from
    ), decided AS (
        INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, note, decided_by, decided_at)
        SELECT w.waiver_id, d.proposed_by, d.verdict, d.note, d.decided_by, d.decided_at
        FROM waived AS w JOIN app.waiver_decisions AS d ON d.waiver_id = w.carried_from
    )
    SELECT pg_catalog.array_agg(r.issue_id) INTO v_recalled FROM recalled AS r;
    PERFORM app.judge_silenced(v_recalled);

    UPDATE app.session_employees AS e
    SET hold_reason = h.hold_reason, status = h.status
    FROM (
        SELECT o.session_id, o.cardholder_id, k.hold_reason,
            app.derive_status(o.session_id, o.cardholder_id, k.hold_reason IS NOT NULL) AS status
        FROM app.session_employees AS o
        CROSS JOIN LATERAL (
            SELECT x.hold_reason FROM app.session_employees AS x
            WHERE x.session_id = ANY (v_later || o.session_id) AND x.cardholder_id = o.cardholder_id
            ORDER BY x.hold_said_at DESC NULLS LAST, x.session_id = o.session_id DESC LIMIT 1
        ) AS k
        WHERE o.session_id = p_session_id
    ) AS h
    WHERE e.session_id = h.session_id AND e.cardholder_id = h.cardholder_id
        AND (e.hold_reason, e.status) IS DISTINCT FROM (h.hold_reason, h.status);
END
$$;
COMMENT ON FUNCTION app.recall_decisions(uuid, uuid) IS 'After all later submissions were cancelled, the second one just now: what was said there last about issues that a session has with the same evidence, waivers included, and who was put on hold or released, holds in it. The events name the cancelled one as their cause. Expects the people to be locked.';

CREATE OR REPLACE FUNCTION app.recalled_decisions(p_session_id uuid, p_cancelled_id uuid)
RETURNS TABLE (employee_name text, kind text, decisions bigint, carried bigint)
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH said AS (
        SELECT k.cardholder_id, 'issue' AS kind, EXISTS (
            SELECT FROM app.validation_issues AS i
            WHERE i.session_id = p_session_id AND i.cardholder_id = k.cardholder_id AND i.rule_code = k.rule_code
                AND i.subject_key = k.subject_key AND i.evidence = k.evidence AND i.state = k.state) AS is_carried
        FROM app.validation_issues AS k
        WHERE k.session_id = p_cancelled_id AND k.state <> 'auto_closed' AND EXISTS (
            SELECT FROM app.issue_events AS v
            WHERE v.issue_id = k.issue_id AND v.cause IS NULL AND v.from_state <> v.to_state)
        UNION ALL
        SELECT d.cardholder_id, 'match', EXISTS (
            SELECT FROM app.session_employees AS e
            JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id
            CROSS JOIN LATERAL app.decisions_in_force(app.current_drafts(ARRAY[e.session_id], ARRAY[e.cardholder_id])) AS f
            WHERE e.session_id = p_session_id AND e.cardholder_id = d.cardholder_id AND f.decision_number = d.decision_number)
        FROM app.match_decisions AS d
        WHERE d.session_id = p_cancelled_id AND d.decision <> 'undo' AND NOT EXISTS (
            SELECT FROM app.match_decisions AS n
            WHERE n.session_id = d.session_id AND n.cardholder_id = d.cardholder_id AND n.charge_key = d.charge_key
                AND n.receipt_key = d.receipt_key AND n.decision_number > d.decision_number)
        UNION ALL
        SELECT e.cardholder_id, 'hold', EXISTS (
            SELECT FROM app.session_employees AS o
            WHERE o.session_id = p_session_id AND o.cardholder_id = e.cardholder_id
                AND o.hold_reason IS NOT DISTINCT FROM e.hold_reason)
        FROM app.session_employees AS e
        JOIN app.processing_sessions AS s ON s.session_id = e.session_id
        WHERE e.session_id = p_cancelled_id AND e.hold_said_at > s.processing_completed_at
    )
    SELECT app.shown(h.name_key), s.kind, count(*), count(*) FILTER (WHERE s.is_carried)
    FROM said AS s JOIN app.cardholders AS h ON h.cardholder_id = s.cardholder_id
    GROUP BY h.name_key, h.employee_id, s.kind
    ORDER BY h.name_key, h.employee_id, s.kind;
END;
COMMENT ON FUNCTION app.recalled_decisions(uuid, uuid) IS 'After the second session was cancelled: how many issues, pairs and holds people decided in it, by person and kind, and how many of these hold in the first one now.';

COMMIT;
