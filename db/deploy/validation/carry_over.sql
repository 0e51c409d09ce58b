-- New issues: due dates, and what the issue of the same fingerprint in an earlier submission has already been told.
-- requires: validation/issues
-- requires: validation/calendar
-- requires: validation/lists
-- requires: validation/waivers

BEGIN;

CREATE OR REPLACE FUNCTION app.describe_difference(p_old jsonb, p_new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object('difference', jsonb_object_agg(coalesce(o.key, n.key),
        jsonb_build_object('old', o.value, 'new', n.value)))
    FROM jsonb_each(p_old) AS o
    FULL JOIN jsonb_each(p_new) AS n ON n.key = o.key
    WHERE o.value IS DISTINCT FROM n.value
    HAVING count(*) > 0;
END;
COMMENT ON FUNCTION app.describe_difference(jsonb, jsonb) IS 'Evidence before and after as {"difference": {name: {old, new}}}, the names that differ only; null when none does.';

CREATE OR REPLACE FUNCTION app.earlier_sessions(p_session_ids uuid[])
RETURNS TABLE (session_id uuid, earlier_id uuid, distance integer, is_restored boolean, is_aside boolean)
LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH RECURSIVE line AS (
        SELECT s.session_id, e.id AS earlier_id, 1 AS distance, s.restored_from IS NOT NULL AS is_restored
        FROM app.processing_sessions AS s
        -- Brought back and not before it anyway: cancelled, or of another chain.
        LEFT JOIN app.processing_sessions AS o ON o.session_id = s.restored_from
            AND (o.status = 'cancelled' OR o.chain_id <> s.chain_id)
        CROSS JOIN LATERAL unnest(ARRAY[s.parent_session_id, o.session_id]) AS e (id)
        WHERE s.session_id = ANY (p_session_ids) AND e.id IS NOT NULL
        UNION
        SELECT l.session_id, s.parent_session_id, l.distance + 1, l.is_restored
        FROM line AS l
        JOIN app.processing_sessions AS s ON s.session_id = l.earlier_id
        WHERE s.parent_session_id IS NOT NULL
    )
    SELECT l.session_id, l.earlier_id, l.distance, l.is_restored, false FROM line AS l
    UNION ALL
    SELECT s.session_id, o.session_id, o.revision_number, false, true
    FROM app.processing_sessions AS s
    JOIN app.processing_sessions AS o ON o.chain_id = s.chain_id AND o.status = 'cancelled' AND o.session_id <> s.session_id
    WHERE s.session_id = ANY (p_session_ids) AND o.processing_completed_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM line AS l WHERE l.session_id = s.session_id AND l.earlier_id = o.session_id);
END;
COMMENT ON FUNCTION app.earlier_sessions(uuid[]) IS 'The submissions before each of these sessions, the parent at distance 1; of one that brings an old session back, that one and those before it, too; and aside of that line those of the chain that were cancelled, since what was said in them belongs to the month.';

CREATE OR REPLACE FUNCTION app.has_later_session(p_session_id uuid) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM app.processing_sessions AS s WHERE s.parent_session_id = p_session_id AND s.status = 'completed');
END;
COMMENT ON FUNCTION app.has_later_session(uuid) IS 'Whether a later submission took over from this session. One that is still open or being processed did not: it takes over what it finds when it is completed. To be asked with the person locked.';

CREATE OR REPLACE FUNCTION app.supersede_issues(p_session_ids uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    WITH superseded AS (
        UPDATE app.validation_issues AS i
        SET state = 'superseded'
        FROM app.validation_issues AS o
        JOIN app.processing_sessions AS s ON s.parent_session_id = o.session_id
        WHERE s.session_id = ANY (p_session_ids) AND o.is_open AND i.issue_id = o.issue_id
        RETURNING i.issue_id, i.version, o.state, s.session_id
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id, details, cause)
    SELECT x.issue_id, x.version, x.state, 'superseded', 'a later submission took over', app.actor_id(),
        pg_catalog.jsonb_build_object('superseded_by', x.session_id), 'session ' || x.session_id
    FROM superseded AS x;

    UPDATE app.session_employees AS e
    SET status = x.status
    FROM (
        SELECT o.session_id, o.cardholder_id, app.derive_status(o.session_id, o.cardholder_id, o.is_on_hold) AS status
        FROM app.session_employees AS o
        JOIN app.processing_sessions AS s ON s.parent_session_id = o.session_id
        WHERE s.session_id = ANY (p_session_ids)
    ) AS x
    WHERE e.session_id = x.session_id AND e.cardholder_id = x.cardholder_id AND e.status <> x.status;
END
$$;
COMMENT ON FUNCTION app.supersede_issues(uuid[]) IS 'What is open in the parents of these sessions is superseded: the work goes on in the later submission. Expects the parents'' people to be locked.';

CREATE OR REPLACE FUNCTION app.carry_issues(p_drafts app.revision_draft[], p_findings app.rule_finding[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    WITH found AS (
        SELECT d.session_id, d.cardholder_id, f.rule_code, f.rule_version, f.severity, (f.found).revision_id,
            (f.found).transaction_id, (f.found).charge_id, (f.found).subject_key, (f.found).blocks,
            (f.found).amount_impact, (f.found).description, (f.found).evidence
        FROM pg_catalog.unnest(p_findings) AS f
        JOIN pg_catalog.unnest(p_drafts) AS d ON d.revision_id = (f.found).revision_id
    ), earlier AS MATERIALIZED (
        SELECT x.session_id, x.earlier_id, x.distance, x.is_restored, x.is_aside
        FROM app.earlier_sessions(ARRAY(SELECT DISTINCT d.session_id FROM pg_catalog.unnest(p_drafts) AS d)) AS x
    ), due AS MATERIALIZED (
        SELECT x.severity, x.due_date FROM app.due_dates((pg_catalog.now() AT TIME ZONE 'UTC')::date) AS x
        WHERE pg_catalog.cardinality(p_findings) > 0
    ), matched AS (
        SELECT f.*, p.issue_id AS parent_id, p.evidence AS old_evidence, p.state AS old_state, p.assigned_to,
            p.resolved_by, p.resolved_at, p.resolution_notes, p.resolution_method, u.due_date, p.due_date AS old_due,
            p.first_identified_at, w.waiver_id,
            CASE
                WHEN p.state IN ('open', 'in_progress', 'waiting') THEN p.state
                WHEN p.state IN ('resolved', 'waived', 'false_positive') AND p.evidence = f.evidence
                    AND (p.state <> 'waived' OR w.ends_on >= (pg_catalog.now() AT TIME ZONE 'UTC')::date)
                    THEN p.state
                ELSE 'open' END AS new_state
        FROM found AS f
        JOIN due AS u ON u.severity = f.severity
        -- What one submission leaves out is not forgotten: the last one that shows it counts, but for what was decided about
        -- the very same. One look-up by key for each finding and submission, whatever the planner believes of the table.
        LEFT JOIN LATERAL (
            SELECT o.* FROM (
                SELECT k.issue_id, k.evidence, k.assigned_to, k.resolved_by, k.resolved_at, k.resolution_notes,
                    k.resolution_method, k.due_date, k.first_identified_at, e.is_restored, e.is_aside, e.distance,
                    k.evidence = f.evidence AS is_same, t.said_at,
                    max(t.said_at) FILTER (WHERE k.evidence = f.evidence) OVER () AS same_said_at,
                    -- What another submission took over is as it was then.
                    CASE WHEN k.state = 'superseded' THEN (
                        SELECT v.from_state FROM app.issue_events AS v
                        WHERE v.issue_id = k.issue_id AND v.to_state = 'superseded' AND v.from_state <> 'superseded'
                        ORDER BY v.issue_version DESC LIMIT 1) ELSE k.state END AS state
                FROM earlier AS e
                CROSS JOIN LATERAL (
                    SELECT x.* FROM app.validation_issues AS x
                    WHERE x.session_id = e.earlier_id AND x.cardholder_id = f.cardholder_id
                        AND x.rule_code = f.rule_code AND x.subject_key = f.subject_key
                    LIMIT 1
                ) AS k
                -- A decision that was carried keeps its time.
                CROSS JOIN LATERAL (
                    SELECT CASE WHEN k.resolved_by IS NOT NULL THEN k.resolved_at ELSE (
                        SELECT max(v.happened_at) FROM app.issue_events AS v
                        WHERE v.issue_id = k.issue_id AND v.cause IS NULL) END AS said_at OFFSET 0
                ) AS t
                WHERE e.session_id = f.session_id AND (k.evidence = f.evidence OR NOT e.is_aside)
            ) AS o
            -- What is brought back has two lines before it: what was decided about the same, and said last by somebody.
            ORDER BY (o.is_same AND o.resolved_by IS NOT NULL AND o.said_at = o.same_said_at) DESC NULLS LAST,
                (o.is_restored AND o.is_same) DESC, CASE WHEN o.is_restored THEN o.said_at END DESC NULLS LAST,
                o.is_aside, o.distance, o.issue_id DESC
            LIMIT 1
        ) AS p ON true
        LEFT JOIN LATERAL (
            SELECT x.waiver_id, x.ends_on FROM app.latest_waivers AS x
            WHERE x.issue_id = p.issue_id AND p.state IN ('waived', 'waiting')
        ) AS w ON true
    ), added AS (
        INSERT INTO app.validation_issues (session_id, cardholder_id, rule_code, subject_key, rule_version,
            employee_revision_id, transaction_id, charge_id, severity, blocks, description, amount_impact, evidence, state,
            assigned_to, resolved_by, resolved_at, resolution_notes, resolution_method, first_identified_at, due_date,
            carried_from)
        SELECT m.session_id, m.cardholder_id, m.rule_code, m.subject_key, m.rule_version, m.revision_id,
            m.transaction_id, m.charge_id, m.severity, m.blocks, m.description, m.amount_impact, m.evidence, m.new_state,
            m.assigned_to,
            CASE WHEN m.new_state IN ('resolved', 'waived', 'false_positive') THEN m.resolved_by END,
            CASE WHEN m.new_state IN ('resolved', 'waived', 'false_positive') THEN m.resolved_at END,
            CASE WHEN m.new_state IN ('resolved', 'waived', 'false_positive') THEN m.resolution_notes END,
            CASE WHEN m.new_state = 'resolved' THEN m.resolution_method END,
            coalesce(m.first_identified_at, pg_catalog.now()),
            CASE WHEN m.new_state = m.old_state THEN coalesce(m.old_due, m.due_date) ELSE m.due_date END, m.parent_id
        FROM matched AS m
        ON CONFLICT (session_id, cardholder_id, rule_code, subject_key) DO NOTHING
        RETURNING issue_id, carried_from, state, resolution_method
    ), told AS (
        INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, method, note, user_id, details,
            cause)
        SELECT a.issue_id, 1, CASE WHEN a.state = 'open' THEN m.old_state ELSE 'open' END, a.state,
            a.resolution_method,
            CASE WHEN m.new_state = m.old_state THEN 'carried over' ELSE 'open again in a later submission' END,
            app.actor_id(),
            pg_catalog.jsonb_build_object('carried_from', a.carried_from)
                || coalesce(app.describe_difference(m.old_evidence, m.evidence), '{}'),
            'session ' || m.session_id
        FROM added AS a JOIN matched AS m ON m.parent_id = a.carried_from
        WHERE m.old_state <> 'open' OR m.old_evidence <> m.evidence
    ), waived AS (
        INSERT INTO app.waivers (issue_id, issue_version, proposed_method, reason_class, reason, amount_limit, ends_on,
            proposed_by, proposed_at, carried_from)
        SELECT a.issue_id, 1, w.proposed_method, w.reason_class, w.reason, w.amount_limit, w.ends_on, w.proposed_by, w.proposed_at,
            w.waiver_id
        FROM added AS a
        JOIN matched AS m ON m.parent_id = a.carried_from
        JOIN app.waivers AS w ON w.waiver_id = m.waiver_id
        WHERE a.state IN ('waived', 'waiting')
        RETURNING waiver_id, carried_from
    )
    INSERT INTO app.waiver_decisions (waiver_id, proposed_by, verdict, note, decided_by, decided_at)
    SELECT w.waiver_id, d.proposed_by, d.verdict, d.note, d.decided_by, d.decided_at
    FROM waived AS w JOIN app.waiver_decisions AS d ON d.waiver_id = w.carried_from;
END
$$;
COMMENT ON FUNCTION app.carry_issues(app.revision_draft[], app.rule_finding[]) IS 'Adds the new issues of sessions with a parent. The issue of the same person, rule and subject hands on what became of it: that with the same evidence which was decided, if nobody said anything about the same since; else that of the last earlier submission that shows it. A decision lasts while the evidence is the same (a waiver while its days do), work in progress goes on with assignment and due date; other evidence opens it again and its event shows the difference. A session that brings an old one back takes over from both lines. What was said in a submission that was cancelled counts for the same evidence. Expects the parents'' people to be locked.';

CREATE OR REPLACE FUNCTION app.add_issues(p_drafts app.revision_draft[], p_findings app.rule_finding[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.unnest(p_drafts) AS d
               JOIN app.processing_sessions AS s ON s.session_id = d.session_id
               WHERE s.parent_session_id IS NOT NULL OR s.restored_from IS NOT NULL OR EXISTS (
                   SELECT FROM app.processing_sessions AS o WHERE o.chain_id = s.chain_id AND o.status = 'cancelled'))
    THEN
        PERFORM app.carry_issues(p_drafts, p_findings);
        RETURN;
    END IF;

    -- Materialized: written into the join, the walk over the calendar would run once for each issue.
    WITH due AS MATERIALIZED (
        SELECT x.severity, x.due_date FROM app.due_dates((pg_catalog.now() AT TIME ZONE 'UTC')::date) AS x
        WHERE pg_catalog.cardinality(p_findings) > 0
    )
    INSERT INTO app.validation_issues (session_id, cardholder_id, rule_code, subject_key, rule_version,
        employee_revision_id, transaction_id, charge_id, severity, blocks, description, amount_impact, evidence,
        due_date)
    SELECT d.session_id, d.cardholder_id, f.rule_code, (f.found).subject_key, f.rule_version,
        (f.found).revision_id, (f.found).transaction_id, (f.found).charge_id, f.severity, (f.found).blocks, (f.found).description,
        (f.found).amount_impact, (f.found).evidence, u.due_date
    FROM pg_catalog.unnest(p_findings) AS f
    JOIN pg_catalog.unnest(p_drafts) AS d ON d.revision_id = (f.found).revision_id
    JOIN due AS u ON u.severity = f.severity
    -- Not an anti-join: a table that was vacuumed empty makes the planner scan it once for each row it inserts.
    ON CONFLICT (session_id, cardholder_id, rule_code, subject_key) DO NOTHING;
END
$$;
COMMENT ON FUNCTION app.add_issues(app.revision_draft[], app.rule_finding[]) IS 'Adds an issue with its due date for each finding that is not one yet. In a later submission what the issues of the earlier ones were told is carried over, see app.carry_issues.';

CREATE OR REPLACE FUNCTION app.revive_issues(p_session_id uuid, p_cancelled_id uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
    WITH revived AS (
        UPDATE app.validation_issues AS i
        SET state = (
            -- Not the last event: a note may have come after it.
            SELECT v.from_state FROM app.issue_events AS v
            WHERE v.issue_id = i.issue_id AND v.to_state = 'superseded' AND v.from_state <> 'superseded'
            ORDER BY v.issue_version DESC LIMIT 1)
        WHERE i.session_id = p_session_id AND i.state = 'superseded'
        RETURNING i.issue_id, i.version, i.state
    )
    INSERT INTO app.issue_events (issue_id, issue_version, from_state, to_state, note, user_id, cause)
    SELECT r.issue_id, r.version, 'superseded', r.state, 'the later submission was cancelled', app.actor_id(),
        'session ' || p_cancelled_id
    FROM revived AS r;

    UPDATE app.session_employees AS e
    SET status = app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold)
    WHERE e.session_id = p_session_id
        AND e.status <> app.derive_status(e.session_id, e.cardholder_id, e.is_on_hold);
END
$$;
COMMENT ON FUNCTION app.revive_issues(uuid, uuid) IS 'After its later submission was cancelled: the superseded issues of a session get back the state they had. Expects its people to be locked.';

COMMIT;
