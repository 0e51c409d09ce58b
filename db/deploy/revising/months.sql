-- What a closed month is: the digest of its content, who closed it, and the proof that nothing of it changes.
-- requires: validation/carry_over
-- requires: matching/tables
-- requires: content/corrections

BEGIN;

CREATE OR REPLACE FUNCTION app.newest_session(p_chain_id uuid) RETURNS uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.session_id FROM app.processing_sessions AS s
    WHERE s.chain_id = p_chain_id AND s.status = 'completed' ORDER BY s.revision_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.newest_session(uuid) IS 'The newest completed submission of a chain.';

CREATE OR REPLACE FUNCTION app.describe_closing(p_month_id uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT concat_ws(' ', m.month_name || ', closed by', u.user_name,
        'at ' || to_char(e.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') || ':', e.reason)
    FROM app.months AS m
    LEFT JOIN app.month_events AS e ON e.month_id = m.month_id AND e.kind = 'closed'
    LEFT JOIN app.users AS u ON u.user_id = e.user_id
    WHERE m.month_id = p_month_id ORDER BY e.event_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION app.describe_closing(uuid) IS 'Which month it is, who closed it last, when and why.';

CREATE OR REPLACE FUNCTION app.refuse_closed_month(p_month_id uuid, p_column text) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    IF EXISTS (SELECT FROM app.months AS m WHERE m.month_id = p_month_id AND m.state = 'closed') THEN
        PERFORM app.fail('ST051', p_column, 'an open month', app.describe_closing(p_month_id));
    END IF;
END
$$;
COMMENT ON FUNCTION app.refuse_closed_month(uuid, text) IS 'The door of whole submissions: refuses one of a closed month, ST051; a null month is none. To be asked with the turn of the month or a session of it locked.';

CREATE TYPE app.digested_person AS (
    session_id uuid,
    cardholder_id uuid,
    digest bytea
);
COMMENT ON TYPE app.digested_person IS 'A person of a submission, and the hash of what there is about them.';

CREATE OR REPLACE FUNCTION app.digest_people(p_month_id uuid) RETURNS SETOF app.digested_person
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan SET work_mem = '64MB'
BEGIN ATOMIC
    -- Keys, states and evidence print alike under any setting; instants are left out.
    WITH issues AS (
        SELECT i.session_id, i.cardholder_id, string_agg(ROW(i.issue_id, i.rule_code, i.rule_version, i.subject_key, i.severity,
            i.state, i.amount_impact, i.resolution_method, i.resolution_notes, i.resolved_by, i.assigned_to, i.evidence)::text, ';'
            ORDER BY i.issue_id) AS said
        FROM app.processing_sessions AS s JOIN app.validation_issues AS i ON i.session_id = s.session_id
        WHERE s.month_id = p_month_id AND s.status <> 'cancelled'
        GROUP BY i.session_id, i.cardholder_id
    ), decisions AS (
        SELECT d.session_id, d.cardholder_id, string_agg(ROW(d.decision_number, d.charge_id, d.transaction_id, d.decision,
            d.decided_by)::text, ';' ORDER BY d.decision_number) AS said
        FROM app.processing_sessions AS s JOIN app.match_decisions AS d ON d.session_id = s.session_id
        WHERE s.month_id = p_month_id AND s.status <> 'cancelled'
        GROUP BY d.session_id, d.cardholder_id
    )
    SELECT e.session_id, e.cardholder_id, sha256(convert_to(ROW(s.status, e.session_id, e.cardholder_id, e.status,
        e.hold_reason, e.current_revision_id, encode(r.content_hash, 'hex'), i.said, d.said)::text, 'UTF8'))
    FROM app.processing_sessions AS s
    JOIN app.session_employees AS e ON e.session_id = s.session_id
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
    LEFT JOIN issues AS i ON i.session_id = e.session_id AND i.cardholder_id = e.cardholder_id
    LEFT JOIN decisions AS d ON d.session_id = e.session_id AND d.cardholder_id = e.cardholder_id
    WHERE s.month_id = p_month_id AND s.status <> 'cancelled';
END;
COMMENT ON FUNCTION app.digest_people(uuid) IS 'The people of all submissions of a month, cancelled ones left out, each with SHA-256 over the hash of the current revision, status and hold, issues with state and evidence, and decisions about matches.';

CREATE OR REPLACE FUNCTION app.digest_month(p_month_id uuid) RETURNS bytea
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT sha256(convert_to(p_month_id::text, 'UTF8') || coalesce(string_agg(d.digest, ''::bytea
        ORDER BY d.session_id, d.cardholder_id), ''::bytea))
    FROM app.digest_people(p_month_id) AS d;
END;
COMMENT ON FUNCTION app.digest_month(uuid) IS 'SHA-256 over a month: its id and the digests of its people, in order of submission and person.';

-- Planned once for all transactions; every row is looked up by its key.
CREATE OR REPLACE FUNCTION app.month_violations(p_tx bigint)
RETURNS TABLE (code text, object_name text, object_id uuid)
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_seqscan = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    -- What is closed is what the closing found, whoever wrote since; what an earlier transaction closed is not touched at all.
    RETURN QUERY
    SELECT DISTINCT 'ST051', 'closed month', m.month_id
    FROM (
        SELECT r.session_id FROM app.employee_revisions AS r WHERE r.created_tx = p_tx
        UNION
        SELECT i.session_id FROM app.validation_issues AS i WHERE i.changed_tx = p_tx
        UNION
        SELECT d.session_id FROM app.match_decisions AS d WHERE d.created_tx = p_tx
        UNION
        SELECT c.session_id FROM app.corrections AS c WHERE c.created_tx = p_tx
        UNION
        SELECT e.session_id FROM app.session_employees AS e WHERE e.changed_tx = p_tx
        UNION
        SELECT s.session_id FROM app.processing_sessions AS s WHERE s.changed_tx = p_tx
    ) AS t
    JOIN app.processing_sessions AS s ON s.session_id = t.session_id
    JOIN app.months AS m ON m.month_id = s.month_id AND m.state = 'closed'
    WHERE m.changed_tx <> p_tx;

    -- The state is the newest closing or reopening, and a closing holds what is there at the end.
    RETURN QUERY
    SELECT 'ST051', 'state of month', m.month_id
    FROM (
        SELECT x.month_id FROM app.months AS x WHERE x.changed_tx = p_tx
        UNION
        SELECT e.month_id FROM app.month_events AS e WHERE e.created_tx = p_tx
    ) AS t
    JOIN app.months AS m ON m.month_id = t.month_id
    LEFT JOIN LATERAL (
        SELECT e.kind, e.digest FROM app.month_events AS e
        WHERE e.month_id = m.month_id AND e.kind IN ('closed', 'reopened') ORDER BY e.event_number DESC LIMIT 1
    ) AS n ON true
    WHERE (m.state = 'closed') <> (coalesce(n.kind, 'reopened') = 'closed')
        OR (m.state = 'closed' AND n.digest <> app.digest_month(m.month_id));
END
$$;
COMMENT ON FUNCTION app.month_violations(bigint) IS 'What a transaction wrote into a month that was closed before, and months it leaves with another state than their newest closing or reopening, or closed with another content than the closing found. Rows of a transaction that closes are what its digest says. No row means sound.';

SELECT app.pin_entry_points();

COMMIT;
