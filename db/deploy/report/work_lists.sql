-- What waits for people: open issues with their age and what was done about them, and fixes that were none.
-- requires: report/people
-- requires: validation/carry_over
-- requires: matching/tables

BEGIN;

CREATE OR REPLACE VIEW report.work_list AS
SELECT i.issue_id, i.session_id,
    -- Subqueries of the list, not joins: they run for the rows of a page only, after it was sorted.
    (SELECT s.session_name FROM app.processing_sessions AS s WHERE s.session_id = i.session_id) AS session_name,
    i.cardholder_id,
    (SELECT r.employee_name FROM app.employee_revisions AS r WHERE r.revision_id = i.employee_revision_id) AS employee_name,
    i.employee_revision_id, i.transaction_id, i.rule_code AS issue_type, i.severity,
    CASE i.severity WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END AS severity_rank, i.blocks, i.description,
    i.amount_impact, coalesce(i.amount_impact, 0)::numeric(14, 2) AS amount_rank, i.state, i.assigned_to,
    (SELECT u.user_name FROM app.users AS u WHERE u.user_id = i.assigned_to) AS assigned_to_name,
    i.identified_at, i.first_identified_at,
    (now() AT TIME ZONE 'UTC')::date - (i.first_identified_at AT TIME ZONE 'UTC')::date AS age_days, i.due_date,
    coalesce(i.due_date, '2999-12-31') AS due_rank,
    coalesce(i.due_date < (now() AT TIME ZONE 'UTC')::date, false) AS is_overdue,
    (SELECT count(*) FROM app.issue_events AS v WHERE v.issue_id = i.issue_id) AS touch_count,
    (SELECT count(*) FROM app.issue_events AS v
     WHERE v.issue_id = i.issue_id AND v.to_state = 'open' AND v.from_state <> 'open') AS reopen_count,
    (SELECT max(v.happened_at) FROM app.issue_events AS v WHERE v.issue_id = i.issue_id) AS last_touched_at,
    i.carried_from, i.version, i.charge_id
FROM app.validation_issues AS i
-- Read once and hashed, however few issues the planner expects.
WHERE i.is_open AND i.session_id NOT IN (
    SELECT s.session_id FROM app.processing_sessions AS s LEFT JOIN app.months AS m ON m.month_id = s.month_id
    WHERE s.status = 'cancelled' OR m.state = 'closed');
COMMENT ON VIEW report.work_list IS 'Open issues of sessions that count, closed months left out, one row each: age, due date, what was done so far. The columns ..._rank are never null: order by one of them and issue_id, and go on after the last row seen.';
COMMENT ON COLUMN report.work_list.session_name IS 'Name of the session.';
COMMENT ON COLUMN report.work_list.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.work_list.issue_type IS 'Code of the rule that found it.';
COMMENT ON COLUMN report.work_list.severity_rank IS '1 high, 2 medium, 3 low.';
COMMENT ON COLUMN report.work_list.amount_rank IS 'Dollars at stake, 0 when unknown.';
COMMENT ON COLUMN report.work_list.assigned_to_name IS 'Name of who works on it.';
COMMENT ON COLUMN report.work_list.age_days IS 'Days since then (UTC).';
COMMENT ON COLUMN report.work_list.due_rank IS 'Due date, 2999-12-31 when there is none.';
COMMENT ON COLUMN report.work_list.is_overdue IS 'True when the due date has passed (UTC).';
COMMENT ON COLUMN report.work_list.touch_count IS 'Events in this session, machine and people.';
COMMENT ON COLUMN report.work_list.reopen_count IS 'How often it was opened again.';
COMMENT ON COLUMN report.work_list.last_touched_at IS 'Time of the last event; null when nothing happened.';
SELECT app.describe_columns('report.work_list', 'app.validation_issues');

CREATE OR REPLACE VIEW report.counted_impacts AS
WITH open AS (
    SELECT i.issue_id, i.session_id, i.cardholder_id, i.severity, i.amount_impact,
        i.transaction_id IS NULL AND i.charge_id IS NULL AS is_person,
        -- A charge and the receipt that covers it are the same dollars.
        coalesce(i.charge_id, (
            SELECT a.charge_id FROM app.matchings AS g JOIN app.found_allocations AS a ON a.matching_id = g.matching_id
            WHERE g.employee_revision_id = i.employee_revision_id AND a.transaction_id = i.transaction_id
            ORDER BY a.charge_id LIMIT 1), i.transaction_id) AS row_id
    FROM app.validation_issues AS i WHERE i.is_open
), ranked AS (
    SELECT o.*, CASE WHEN row_number() OVER (PARTITION BY o.session_id, o.cardholder_id, o.is_person, o.row_id
            ORDER BY o.amount_impact DESC NULLS LAST, o.severity = 'high' DESC, o.severity = 'medium' DESC, o.issue_id) = 1
        THEN coalesce(o.amount_impact, 0) ELSE 0 END AS kept
    FROM open AS o
), summed AS (
    SELECT k.*, coalesce(sum(k.kept) FILTER (WHERE k.is_person) OVER (PARTITION BY k.session_id, k.cardholder_id), 0) AS of_person,
        sum(CASE WHEN k.is_person THEN 0 ELSE k.kept END) OVER (PARTITION BY k.session_id, k.cardholder_id
            ORDER BY k.is_person DESC, k.issue_id ROWS UNBOUNDED PRECEDING) AS so_far
    FROM ranked AS k
)
SELECT s.issue_id, s.session_id, s.cardholder_id,
    (CASE WHEN s.amount_impact IS NULL THEN NULL WHEN s.is_person THEN s.kept
        ELSE greatest(0, s.so_far - greatest(s.of_person, s.so_far - s.kept)) END)::numeric(14, 2) AS counted
FROM summed AS s;
COMMENT ON VIEW report.counted_impacts IS 'The open issues with the part of their dollars that no other open issue counts: of issues about the person the largest, of those about one charge, its receipt or both the largest, and of rows only what is more than the person''s own. However they are grouped, the sums add up to the dollars at stake. Null for an unknown amount. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.counted_impacts.counted IS 'That part, in dollars; null for an unknown amount.';
SELECT app.describe_columns('report.counted_impacts', 'app.validation_issues');

CREATE OR REPLACE VIEW report.ageing AS
SELECT w.session_id,
    (SELECT s.session_name FROM app.processing_sessions AS s WHERE s.session_id = w.session_id) AS session_name,
    w.severity, w.state, count(*) AS issues,
    CASE WHEN count(*) = count(c.counted) THEN sum(c.counted) END AS dollars,
    count(*) FILTER (WHERE w.is_overdue) AS overdue, count(*) FILTER (WHERE w.age_days <= 7) AS up_to_7_days,
    count(*) FILTER (WHERE w.age_days BETWEEN 8 AND 30) AS up_to_30_days,
    count(*) FILTER (WHERE w.age_days > 30) AS over_30_days, max(w.age_days) AS oldest_days
FROM report.work_list AS w
JOIN report.counted_impacts AS c ON c.issue_id = w.issue_id AND c.session_id = w.session_id
GROUP BY w.session_id, w.severity, w.state;
COMMENT ON VIEW report.ageing IS 'Open issues per session, severity and state: how many, worth what, how old.';
COMMENT ON COLUMN report.ageing.session_id IS 'The session.';
COMMENT ON COLUMN report.ageing.session_name IS 'Name of the session.';
COMMENT ON COLUMN report.ageing.severity IS 'high, medium or low.';
COMMENT ON COLUMN report.ageing.state IS 'open, in_progress or waiting.';
COMMENT ON COLUMN report.ageing.issues IS 'Number of issues.';
COMMENT ON COLUMN report.ageing.dollars IS 'Dollars at stake, each cent once: first the person''s own issue, then the rows. Null when unknown for one of them.';
COMMENT ON COLUMN report.ageing.overdue IS 'Those past their due date.';
COMMENT ON COLUMN report.ageing.up_to_7_days IS 'Those at most 7 days old.';
COMMENT ON COLUMN report.ageing.up_to_30_days IS 'Those 8 to 30 days old.';
COMMENT ON COLUMN report.ageing.over_30_days IS 'Those older than 30 days.';
COMMENT ON COLUMN report.ageing.oldest_days IS 'Age of the oldest in days.';

CREATE OR REPLACE VIEW report.open_by_rule AS
SELECT w.session_id, w.issue_type, count(*) AS issues, count(*) FILTER (WHERE w.blocks) AS blocking,
    CASE WHEN count(*) = count(c.counted) THEN sum(c.counted) END AS dollars
FROM report.work_list AS w
JOIN report.counted_impacts AS c ON c.issue_id = w.issue_id AND c.session_id = w.session_id
GROUP BY w.session_id, w.issue_type;
COMMENT ON VIEW report.open_by_rule IS 'Open issues per session and rule: how many, how many of them block, worth what.';
COMMENT ON COLUMN report.open_by_rule.session_id IS 'The session.';
COMMENT ON COLUMN report.open_by_rule.issue_type IS 'Code of the rule.';
COMMENT ON COLUMN report.open_by_rule.issues IS 'Number of issues.';
COMMENT ON COLUMN report.open_by_rule.blocking IS 'Those that block their person.';
COMMENT ON COLUMN report.open_by_rule.dollars IS 'Dollars at stake, each cent once, whatever the rules; null when unknown for one of them.';

CREATE OR REPLACE VIEW report.claimed_fixed_still_present AS
SELECT i.issue_id, i.session_id, s.session_name, i.cardholder_id, r.employee_name, i.rule_code AS issue_type, i.description,
    i.amount_impact, i.state, i.resolution_method, u.user_name AS resolved_by_name, i.resolved_at,
    i.resolution_notes, i.carried_from, i.evidence
FROM app.validation_issues AS i
JOIN app.processing_sessions AS s ON s.session_id = i.session_id
JOIN app.employee_revisions AS r ON r.revision_id = i.employee_revision_id
JOIN app.session_employees AS e ON e.current_revision_id = i.employee_revision_id
JOIN app.users AS u ON u.user_id = i.resolved_by
CROSS JOIN LATERAL (
    SELECT v.issue_version, v.created_tx FROM app.issue_events AS v
    WHERE v.issue_id = i.issue_id AND v.to_state = 'resolved' AND v.from_state <> 'resolved'
    ORDER BY v.issue_version DESC LIMIT 1
) AS d
LEFT JOIN app.months AS m ON m.month_id = s.month_id
-- Carried over as resolved, or shown by a revision written after it was.
WHERE i.is_claim AND s.status <> 'cancelled' AND m.state IS DISTINCT FROM 'closed' AND (d.issue_version = 1 OR r.created_tx > d.created_tx);
COMMENT ON VIEW report.claimed_fixed_still_present IS 'Issues that people resolved as corrected or provided, and that a later revision or submission shows again with the same evidence: what was claimed has not reached the source.';
COMMENT ON COLUMN report.claimed_fixed_still_present.session_name IS 'Name of the session.';
COMMENT ON COLUMN report.claimed_fixed_still_present.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.claimed_fixed_still_present.resolved_by_name IS 'Name of who said so.';
COMMENT ON COLUMN report.claimed_fixed_still_present.issue_type IS 'Code of the rule that found it.';
SELECT app.describe_columns('report.claimed_fixed_still_present', 'app.validation_issues');

GRANT SELECT ON report.work_list, report.counted_impacts, report.ageing, report.open_by_rule, report.claimed_fixed_still_present
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
