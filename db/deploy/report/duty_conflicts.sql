-- What comes near to one person being two: for administrators and auditors to look at.
-- requires: report/people
-- requires: validation/waivers
-- requires: report/decisions
-- requires: migration/evidence
-- requires: migration/accepting

BEGIN;

CREATE OR REPLACE VIEW report.duty_conflicts AS
WITH small AS (
    -- What one person may decide alone, one by one. Claims have no limit; what two decided is above it by right.
    SELECT d.user_id, d.cardholder_id, d.happened_at, abs(d.amount) AS amount
    FROM app.personal_decisions AS d
    WHERE d.amount <> 0 AND NOT d.by_two AND NOT d.taken_back
        AND d.method NOT IN ('corrected', 'receipt_provided', 'coding_provided')
), added AS (
    -- By day about one cardholder, and by day about all of them.
    SELECT s.user_id, s.cardholder_id, grouping(s.cardholder_id) = 1 AS is_of_all, sum(s.amount) AS amount,
        max(s.happened_at) AS happened_at
    FROM small AS s
    GROUP BY s.user_id, (s.happened_at AT TIME ZONE 'UTC')::date, ROLLUP (s.cardholder_id)
    HAVING count(*) > 1
), cards AS (
    -- Whoever has or ever had the card; taking it away and back does not hide what was done in between.
    SELECT DISTINCT h.user_id, h.cardholder_id FROM audit.users_history AS h WHERE h.cardholder_id IS NOT NULL
), pairs AS (
    -- What two people did: the first one, and the second.
    SELECT d.proposed_by AS first_id, d.decided_by AS second_id, d.decided_at AS happened_at, i.session_id, i.cardholder_id, i.issue_id
    FROM app.waiver_decisions AS d
    JOIN app.waivers AS w ON w.waiver_id = d.waiver_id AND w.carried_from IS NULL
    JOIN app.validation_issues AS i ON i.issue_id = w.issue_id
    WHERE d.verdict = 'approved'
    UNION ALL
    SELECT d.proposed_by, d.decided_by, d.decided_at, NULL, NULL, NULL FROM app.cutover_decisions AS d WHERE d.verdict = 'confirmed'
    UNION ALL
    SELECT c.recorded_by, c.confirmed_by, c.confirmed_at, NULL, NULL, NULL FROM app.drill_confirmations AS c
    UNION ALL
    SELECT a.proposed_by, a.accepted_by, a.accepted_at, r.session_id, NULL, NULL
    FROM app.accepted_differences AS a
    JOIN app.parallel_runs AS r ON r.run_id = a.run_id
    WHERE a.accepted_by IS NOT NULL
    UNION ALL
    SELECT o.user_id, s.user_id, s.signed_at, s.session_id, NULL, NULL
    FROM app.history_signatures AS s
    JOIN app.history_signatures AS o ON o.session_id = s.session_id AND o.signature_number < s.signature_number
        AND o.proof = s.proof AND o.user_id <> s.user_id AND o.kind = 'signed' AND o.note IS NOT NULL
    WHERE s.kind = 'signed' AND s.note IS NOT NULL
), found AS (
    SELECT 'shared_card' AS kind, o.user_id, u.user_id AS other_user_id, NULL::name AS login_name,
        NULL::uuid AS session_id, u.cardholder_id, NULL::uuid AS issue_id, NULL::timestamptz AS happened_at,
        NULL::numeric(14, 2) AS amount
    FROM app.users AS u JOIN app.users AS o ON o.cardholder_id = u.cardholder_id AND o.user_name > u.user_name
    UNION ALL
    SELECT 'own_submission', s.user_id, NULL, NULL, s.session_id, e.cardholder_id, NULL, s.created_at, NULL
    FROM cards AS c
    JOIN app.session_employees AS e ON e.cardholder_id = c.cardholder_id
    JOIN app.processing_sessions AS s ON s.session_id = e.session_id AND s.user_id = c.user_id
    UNION ALL
    SELECT 'own_decision', c.user_id, NULL, NULL, i.session_id, i.cardholder_id, i.issue_id, v.happened_at, NULL
    FROM cards AS c
    JOIN app.validation_issues AS i ON i.cardholder_id = c.cardholder_id
    JOIN app.issue_events AS v ON v.issue_id = i.issue_id AND v.user_id = c.user_id AND v.cause IS NULL
    UNION ALL
    SELECT 'own_correction', c.user_id, NULL, NULL, r.session_id, r.cardholder_id, NULL, r.processed_at, NULL
    FROM cards AS c
    JOIN app.employee_revisions AS r
        ON r.cardholder_id = c.cardholder_id AND r.created_by = c.user_id AND r.revision_number > 1
    UNION ALL
    SELECT 'approver_by_proposer', p.second_id, p.first_id, NULL, p.session_id, p.cardholder_id, p.issue_id, p.happened_at, NULL
    FROM pairs AS p
    WHERE EXISTS (SELECT FROM audit.users_history AS h
                  WHERE h.user_id = p.second_id AND h.audit_actor = p.first_id AND h.audit_at < p.happened_at)
        OR EXISTS (SELECT FROM audit.login_users_history AS h
                   WHERE h.user_id = p.second_id AND h.audit_actor = p.first_id AND h.audit_at < p.happened_at)
        OR EXISTS (SELECT FROM audit.user_identities_history AS h
                   WHERE h.user_id = p.second_id AND h.audit_actor = p.first_id AND h.audit_at < p.happened_at)
    UNION ALL
    SELECT 'shared_login', h.user_id, NULL, h.login_name, NULL, NULL, NULL, min(h.audit_at), NULL
    FROM audit.login_users_history AS h
    WHERE EXISTS (SELECT FROM audit.login_users_history AS o
                  WHERE o.login_name = h.login_name AND o.user_id <> h.user_id)
    GROUP BY h.user_id, h.login_name
    UNION ALL
    SELECT 'adds_up', a.user_id, NULL, NULL, NULL, a.cardholder_id, NULL, a.happened_at, a.amount
    FROM added AS a
    JOIN app.users AS u ON u.user_id = a.user_id
    LEFT JOIN app.settings AS l ON l.setting_name = 'decision_limit_' || u.role
    JOIN app.settings AS b ON b.setting_name = 'decision_limit_bulk'
    WHERE a.amount > coalesce(l.value, 0) * CASE WHEN a.is_of_all THEN b.value ELSE 1 END
    UNION ALL
    SELECT 'login_beyond_user', l.user_id, NULL, l.login_name, NULL, NULL, NULL, NULL, NULL
    FROM app.login_users AS l
    JOIN app.users AS u ON u.user_id = l.user_id AND NOT u.is_system
    JOIN pg_roles AS p ON p.rolname = l.login_name
    WHERE EXISTS (
        SELECT FROM pg_roles AS r
        WHERE r.rolname IN ('ccp_admin', 'ccp_processor', 'ccp_reviewer', 'ccp_worker') AND r.rolname <> 'ccp_' || u.role
            AND pg_has_role(p.oid, r.oid, 'MEMBER'))
)
SELECT f.kind, f.user_id, u.user_name, f.other_user_id, o.user_name AS other_user_name, f.login_name::text AS login_name,
    f.session_id, f.cardholder_id, c.name_key AS employee_name, f.issue_id, f.happened_at, f.amount
FROM found AS f
JOIN app.users AS u ON u.user_id = f.user_id
LEFT JOIN app.users AS o ON o.user_id = f.other_user_id
LEFT JOIN app.cardholders AS c ON c.cardholder_id = f.cardholder_id;
COMMENT ON VIEW report.duty_conflicts IS 'Cases in which one person comes near to being two, or to acting on their own card. None of them is wrong by itself; each is worth a look.';
COMMENT ON COLUMN report.duty_conflicts.kind IS 'shared_card: two users, one of them active at most, have one card; own_submission: handed in a month with the own card among others; own_decision, own_correction: decided on issues or corrected receipts of a card that is or was theirs; approver_by_proposer: approved a waiver, confirmed a step, waiver or drill of the cut-over, accepted a difference or signed figures of a month from before as the second person, where the first one had made, changed, linked or mapped them; shared_login: a login acted as several users; login_beyond_user: a login has an application role that its user has not, so it reads more than the user may; adds_up: decisions of a day (UTC), each within the limit of their role, add up above that limit for one cardholder, or above that of a bulk call for all of them.';
COMMENT ON COLUMN report.duty_conflicts.user_id IS 'Who.';
COMMENT ON COLUMN report.duty_conflicts.user_name IS 'Name of who.';
COMMENT ON COLUMN report.duty_conflicts.other_user_id IS 'The other user: of the card, or who was first.';
COMMENT ON COLUMN report.duty_conflicts.other_user_name IS 'Name of the other user.';
COMMENT ON COLUMN report.duty_conflicts.login_name IS 'The login.';
COMMENT ON COLUMN report.duty_conflicts.session_id IS 'The session.';
COMMENT ON COLUMN report.duty_conflicts.cardholder_id IS 'The card it is about; null: all of them, or none.';
COMMENT ON COLUMN report.duty_conflicts.employee_name IS 'Name key of its cardholder.';
COMMENT ON COLUMN report.duty_conflicts.issue_id IS 'The issue.';
COMMENT ON COLUMN report.duty_conflicts.happened_at IS 'When, the last time.';
COMMENT ON COLUMN report.duty_conflicts.amount IS 'Dollars at stake in what adds up; null for other kinds.';
GRANT SELECT ON report.duty_conflicts TO ccp_admin, ccp_auditor;

SELECT app.cover_names();

COMMIT;
