-- What keeps a month open: all of it, as people see it and as closing asks.
-- requires: revising/months
-- requires: report/people
-- requires: report/months
-- requires: matching/bridge
-- requires: workflow/steps
--
-- Kind             keeps the month open                                    until
-- submission       one that is open, in work or awaits a decision          it is completed, failed or cancelled
-- no_submission    none is completed                                       one is
-- blocking_issue   an open blocking issue, a claim not yet true, or a      decided, or found no more
--                  waiver that is over
-- person           somebody who is on hold or not finished otherwise       released
-- open_charge      one that no receipt covers                              matched, its issue decided, or waived
-- open_receipt     one that belongs to no charge                           the same
-- not_posted       a receipt a batch would take, and none of any target has    handed over, or accepted by another person
--                  one it leaves out for what nobody decided (a conflict       decided or corrected and handed over, or
--                  of a correction, its card, a formula, uncertain)            accepted so
--                  a line of a batch that does not stand any more              reversed by a batch, or accepted so
-- sign_off         what the setting month_sign_off asks for is missing     a reviewer signs off what is there now

BEGIN;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('month_sign_off', 0, 0, 2, '0, 1 or 2', 'Before a month is closed a reviewer signs off nothing (0), the whole month (1) or each person (2).'),
('month_history_days', 31, 0, 3660, 'days', 'How long ago a month must have ended to be closed as history, without what a closing asks for.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE TYPE report.month_obstacle AS (
    kind text,
    session_id uuid,
    cardholder_id uuid,
    employee_name text,
    object_id uuid,
    description text
);
COMMENT ON TYPE report.month_obstacle IS 'Something that keeps a month open.';
COMMENT ON COLUMN report.month_obstacle.kind IS 'submission, no_submission, blocking_issue, person, open_charge, open_receipt, not_posted or sign_off.';
COMMENT ON COLUMN report.month_obstacle.session_id IS 'The session; null where none is meant.';
COMMENT ON COLUMN report.month_obstacle.cardholder_id IS 'The person; null where nobody is meant.';
COMMENT ON COLUMN report.month_obstacle.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.month_obstacle.object_id IS 'The issue, charge, receipt or session.';
COMMENT ON COLUMN report.month_obstacle.description IS 'What it is, for people.';

CREATE OR REPLACE FUNCTION app.current_submissions(p_month_id uuid) RETURNS SETOF uuid
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.session_id FROM app.processing_sessions AS s
    WHERE s.month_id = p_month_id AND s.status = 'completed' AND NOT EXISTS (
        SELECT FROM app.processing_sessions AS n WHERE n.parent_session_id = s.session_id AND n.status = 'completed');
END;
COMMENT ON FUNCTION app.current_submissions(uuid) IS 'The submissions of a month that no later one replaced: one, unless it was handed in twice without saying so.';

CREATE OR REPLACE FUNCTION app.submission_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT 'submission', s.session_id, NULL::uuid, NULL::text, s.session_id, format('%s: %s', s.session_name, s.status)
    FROM app.months AS m
    JOIN app.processing_sessions AS s ON s.month_id = m.month_id
        -- Opened for just this period it is of no month yet.
        OR (s.month_id IS NULL AND s.programme = m.programme AND s.given_start = m.period_start AND s.given_end = m.period_end
            AND s.status <> 'awaiting_decision')
    WHERE m.month_id = p_month_id AND s.status IN ('open', 'processing', 'awaiting_decision')
    UNION ALL
    -- What waits is of no month yet; its control block tells of which it would be.
    SELECT 'submission', s.session_id, NULL, NULL, s.session_id, format('%s: %s', s.session_name, s.status)
    FROM app.processing_sessions AS s
    CROSS JOIN LATERAL app.newest_control(s.session_id) AS k
    JOIN app.months AS m ON m.programme = k.programme AND m.period_start = k.period_start AND m.period_end = k.period_end
    WHERE m.month_id = p_month_id AND s.status = 'awaiting_decision' AND s.month_id IS NULL
    UNION ALL
    SELECT 'no_submission', NULL, NULL, NULL, NULL, 'no completed submission'
    WHERE NOT EXISTS (SELECT FROM app.current_submissions(p_month_id));
END;
COMMENT ON FUNCTION app.submission_obstacles(uuid) IS 'Submissions of a month, or opened for it, that are open, in work or await a decision; and that there is none completed.';

CREATE OR REPLACE FUNCTION app.person_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH people AS MATERIALIZED (
        SELECT e.session_id, e.cardholder_id, e.status, e.hold_reason, e.current_revision_id, r.employee_name
        FROM app.current_submissions(p_month_id) AS s (session_id)
        JOIN app.session_employees AS e ON e.session_id = s.session_id
        JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
        -- Whose receipts all moved away is in no list, and nobody to be finished or signed off.
        WHERE NOT r.is_nobody
    ), issues AS MATERIALIZED (
        SELECT p.session_id, p.cardholder_id, p.employee_name, i.issue_id, i.rule_code, i.state, i.description
        FROM people AS p
        JOIN app.validation_issues AS i ON i.session_id = p.session_id AND i.cardholder_id = p.cardholder_id AND i.blocks
            AND (i.is_open OR (i.is_claim AND i.employee_revision_id = p.current_revision_id)
                OR (i.state = 'waived' AND EXISTS (SELECT FROM app.waivers_over AS w WHERE w.issue_id = i.issue_id)))
    )
    SELECT 'blocking_issue', i.session_id, i.cardholder_id, i.employee_name, i.issue_id,
        format('%s, %s: %s', i.rule_code, i.state, i.description)
    FROM issues AS i
    UNION ALL
    SELECT 'person', p.session_id, p.cardholder_id, p.employee_name, p.cardholder_id, concat_ws(': ', p.status, p.hold_reason)
    FROM people AS p
    WHERE p.status = 'on_hold' OR (p.status <> 'finished' AND NOT EXISTS (
        SELECT FROM issues AS i WHERE i.session_id = p.session_id AND i.cardholder_id = p.cardholder_id));
END;
COMMENT ON FUNCTION app.person_obstacles(uuid) IS 'Open blocking issues of a month, claims that the newest revision contradicts and waivers that are over among them, and people who are on hold or not finished otherwise.';

CREATE OR REPLACE FUNCTION app.open_row_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    WITH open_rows AS MATERIALIZED (
        SELECT e.session_id, e.cardholder_id, e.current_revision_id, o.side, o.item_id, coalesce(o.proposal_id, o.item_id) AS lead_id
        FROM app.current_submissions(p_month_id) AS s (session_id)
        JOIN app.session_employees AS e ON e.session_id = s.session_id
        JOIN app.open_items AS o ON o.employee_revision_id = e.current_revision_id
            AND (o.side = 'charge' OR o.failed_gate NOT IN ('out_of_pocket', 'repeat'))
    ), undecided AS (
        SELECT w.* FROM open_rows AS w
        -- One issue speaks for all rows of a proposal: that of the row which leads it.
        WHERE NOT EXISTS (
            SELECT FROM app.validation_issues AS i
            WHERE i.session_id = w.session_id AND i.cardholder_id = w.cardholder_id
                AND i.employee_revision_id = w.current_revision_id AND i.rule_code IN ('unmatched_charge',
                    'unmatched_receipt', 'ambiguous_match', 'amount_residual', 'proposed_sum', 'weak_match', 'suspected_repeat')
                AND i.state IN ('resolved', 'waived', 'false_positive') AND NOT i.is_claim
                AND (i.state <> 'waived' OR NOT EXISTS (SELECT FROM app.waivers_over AS w WHERE w.issue_id = i.issue_id))
                AND (i.charge_id IN (w.item_id, w.lead_id) OR i.transaction_id IN (w.item_id, w.lead_id) OR i.subject_key IN (
                    SELECT c.natural_key FROM app.charges AS c WHERE c.session_id = w.session_id
                        AND c.cardholder_id = w.cardholder_id AND c.charge_id = w.lead_id)))
        -- An issue about the person that is waived says it for all rows.
        AND NOT EXISTS (
            SELECT FROM app.validation_issues AS i
            JOIN app.rule_silences AS q ON q.silenced_by = i.rule_code AND q.rule_code = 'unmatched_' || w.side
            WHERE i.session_id = w.session_id AND i.cardholder_id = w.cardholder_id AND i.subject_key = ''
                AND i.employee_revision_id = w.current_revision_id AND i.state = 'waived'
                AND NOT EXISTS (SELECT FROM app.waivers_over AS x WHERE x.issue_id = i.issue_id))
    )
    SELECT 'open_' || u.side, u.session_id, u.cardholder_id, r.employee_name, u.item_id,
        CASE u.side WHEN 'charge' THEN app.name_charge(u.current_revision_id, c)
            ELSE app.name_receipt(t.external_transaction_id, t.amount, t.merchant_name, t.transaction_date) END
            || CASE WHEN EXISTS (SELECT FROM app.rules_in_force AS f WHERE f.rule_code = 'unmatched_' || u.side) THEN ''
                ELSE format(' (the rule unmatched_%s is off: nobody can decide it before it is in force)', u.side) END
    FROM undecided AS u
    JOIN app.employee_revisions AS r ON r.revision_id = u.current_revision_id AND r.session_id = u.session_id
    LEFT JOIN app.charges AS c ON u.side = 'charge' AND c.session_id = u.session_id AND c.cardholder_id = u.cardholder_id
        AND c.charge_id = u.item_id
    LEFT JOIN app.transactions AS t ON u.side = 'receipt' AND t.employee_revision_id = u.current_revision_id
        AND t.transaction_id = u.item_id;
END;
COMMENT ON FUNCTION app.open_row_obstacles(uuid) IS 'Open charges and receipts of the bridge about which nothing was decided: no decided issue of matching about them or the proposal they are part of, and none about the person that was waived. What was paid out of pocket and pages that repeat a receipt id are not open.';

CREATE OR REPLACE FUNCTION app.sign_off_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE sql STABLE
SET search_path = '' SET plan_cache_mode = force_custom_plan
BEGIN ATOMIC
    SELECT 'sign_off', NULL::uuid, NULL::uuid, NULL::text, p_month_id, 'the whole month is not signed off as it is now'
    WHERE app.setting('month_sign_off') = 1 AND NOT EXISTS (
        SELECT FROM app.month_events AS v
        WHERE v.month_id = p_month_id AND v.kind = 'signed_off' AND v.cardholder_id IS NULL
            AND v.digest = app.digest_month(p_month_id))
    UNION ALL
    SELECT 'sign_off', d.session_id, d.cardholder_id, h.name_key, d.cardholder_id, 'not signed off as it is now'
    FROM app.current_submissions(p_month_id) AS s (session_id)
    JOIN app.digest_people(p_month_id) AS d ON d.session_id = s.session_id
    JOIN app.cardholders AS h ON h.cardholder_id = d.cardholder_id
    JOIN app.session_employees AS e ON e.session_id = d.session_id AND e.cardholder_id = d.cardholder_id
    JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND NOT r.is_nobody
    WHERE app.setting('month_sign_off') = 2 AND NOT EXISTS (
        SELECT FROM app.month_events AS v
        WHERE v.month_id = p_month_id AND v.kind = 'signed_off' AND v.cardholder_id = d.cardholder_id
            AND v.digest = d.digest);
END;
COMMENT ON FUNCTION app.sign_off_obstacles(uuid) IS 'The sign-offs that the setting month_sign_off asks for and that are missing, or were given for another content than there is now.';

CREATE OR REPLACE FUNCTION report.month_obstacles(p_month_id uuid) RETURNS SETOF report.month_obstacle
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    -- What is not posted is told by the outputs, which come later in the plan.
    RETURN QUERY
    SELECT o.kind, o.session_id, o.cardholder_id, app.shown(o.employee_name), o.object_id, app.shown(o.description)
    FROM (
        SELECT 1 AS part, x.* FROM app.submission_obstacles(p_month_id) AS x
        UNION ALL
        SELECT 2, x.* FROM app.person_obstacles(p_month_id) AS x
        UNION ALL
        SELECT 3, x.* FROM app.open_row_obstacles(p_month_id) AS x
        UNION ALL
        SELECT 4, x.* FROM app.posting_obstacles(p_month_id) AS x
        UNION ALL
        SELECT 5, x.* FROM app.sign_off_obstacles(p_month_id) AS x
    ) AS o
    ORDER BY o.part, o.employee_name COLLATE "C", o.kind COLLATE "C", o.description COLLATE "C", o.object_id;
END
$$;
COMMENT ON FUNCTION report.month_obstacles(uuid) IS 'All that keeps a month open: submissions in work, open blocking issues, people on hold, open charges and receipts without decision, receipts that could be posted and are not, missing sign-offs. None: it can be closed.';
GRANT EXECUTE ON FUNCTION report.month_obstacles(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
