-- Who decided how much: by day and method.
-- requires: report/people
-- requires: validation/waivers
-- requires: matching/tables

BEGIN;

CREATE OR REPLACE VIEW app.personal_decisions AS
SELECT v.user_id, i.cardholder_id, v.happened_at, coalesce(v.method, v.to_state) AS method, v.amount,
    v.batch_id IS NOT NULL AS in_bulk,
    EXISTS (SELECT FROM app.waiver_decisions AS d JOIN app.waivers AS w ON w.waiver_id = d.waiver_id
            WHERE w.issue_id = v.issue_id AND d.created_tx = v.created_tx AND d.decided_by = v.user_id) AS by_two,
    EXISTS (SELECT FROM app.issue_events AS o
            WHERE o.issue_id = v.issue_id AND o.issue_version > v.issue_version AND o.from_state = v.to_state
                AND o.to_state = 'open' AND o.cause IS NULL) AS taken_back
FROM app.issue_events AS v
JOIN app.validation_issues AS i ON i.issue_id = v.issue_id
WHERE v.cause IS NULL AND v.from_state <> v.to_state AND v.to_state IN ('resolved', 'waived', 'false_positive')
UNION ALL
SELECT d.decided_by, d.cardholder_id, d.decided_at, 'match_' || d.decision,
    CASE d.decision WHEN 'confirm' THEN abs(d.residual) ELSE 0 END, false, false,
    EXISTS (SELECT FROM app.match_decisions AS o
            WHERE o.session_id = d.session_id AND o.charge_id = d.charge_id AND o.transaction_id = d.transaction_id
                AND o.decision_number > d.decision_number AND o.decision = 'undo')
FROM app.match_decisions AS d
WHERE d.decision <> 'undo';
COMMENT ON VIEW app.personal_decisions IS 'What people decided about issues and matches, one row each: who, about whom, when, how, the dollars at stake, whether with a second person, whether it was taken back since.';

CREATE OR REPLACE VIEW report.decisions AS
SELECT (d.happened_at AT TIME ZONE 'UTC')::date AS decided_on, d.user_id, u.user_name, d.method, count(*) AS decisions,
    coalesce(sum(d.amount), 0)::numeric(14, 2) AS amount, max(d.amount)::numeric(14, 2) AS largest_amount,
    count(*) FILTER (WHERE d.amount IS NULL) AS unknown_amounts, count(*) FILTER (WHERE d.by_two) AS by_two,
    count(*) FILTER (WHERE d.in_bulk) AS in_bulk, count(*) FILTER (WHERE d.taken_back) AS taken_back
FROM app.personal_decisions AS d
JOIN app.users AS u ON u.user_id = d.user_id
GROUP BY 1, d.user_id, u.user_name, d.method;
COMMENT ON VIEW report.decisions IS 'Who decided how much: what people decided about issues and matches, by day (UTC), person and method. What adds up above a limit is in report.duty_conflicts.';
COMMENT ON COLUMN report.decisions.decided_on IS 'The day (UTC).';
COMMENT ON COLUMN report.decisions.user_id IS 'Who decided.';
COMMENT ON COLUMN report.decisions.user_name IS 'Name of who decided.';
COMMENT ON COLUMN report.decisions.method IS 'How: a resolution method, waived, false_positive, or match_confirm, match_split, match_reject.';
COMMENT ON COLUMN report.decisions.decisions IS 'Number of decisions, those taken back included.';
COMMENT ON COLUMN report.decisions.amount IS 'Known dollars at stake in them; of a confirmed match the difference that was accepted.';
COMMENT ON COLUMN report.decisions.largest_amount IS 'The largest of them; null: none is known.';
COMMENT ON COLUMN report.decisions.unknown_amounts IS 'How many of them with an unknown amount.';
COMMENT ON COLUMN report.decisions.by_two IS 'How many approve what somebody else proposed.';
COMMENT ON COLUMN report.decisions.in_bulk IS 'How many were part of a bulk call.';
COMMENT ON COLUMN report.decisions.taken_back IS 'How many were taken back by somebody since.';
GRANT SELECT ON report.decisions TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
