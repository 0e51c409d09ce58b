-- Months as people see them: one row each, with the submission that counts.
-- requires: report/work_lists
-- requires: audit/seals

BEGIN;

CREATE OR REPLACE VIEW report.months AS
SELECT m.month_id, m.month_name, m.programme, m.period_start, m.period_end, m.state,
    (m.version + coalesce(e.changes, v.changes))::integer AS version, m.created_at, c.submissions, c.chains, s.session_id AS latest_session_id, s.session_name AS latest_session_name,
    s.processing_completed_at AS completed_at, s.total_employees, s.employees_completed, s.employees_with_issues,
    s.open_issues, i.open_high, i.open_medium, i.open_low, i.open_blocking, d.dollars, s.total_amount, s.receipt_total,
    s.unknown_card_totals, e.happened_at AS closed_at, e.user_name AS closed_by_name, e.reason AS close_reason, e.is_history,
    e.digest AS closed_digest, e.seal_number, e.seal_hash
FROM app.months AS m
LEFT JOIN LATERAL (
    SELECT count(*) AS submissions, count(*) FILTER (WHERE x.parent_session_id IS NULL) AS chains
    FROM app.processing_sessions AS x WHERE x.month_id = m.month_id AND x.status <> 'cancelled'
) AS c ON true
LEFT JOIN report.sessions AS s ON s.session_id = (
    SELECT x.session_id FROM app.processing_sessions AS x
    WHERE x.month_id = m.month_id AND x.status = 'completed'
    ORDER BY x.processing_completed_at DESC, x.session_id DESC LIMIT 1)
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.severity = 'high') AS open_high,
        count(*) FILTER (WHERE x.severity = 'medium') AS open_medium,
        count(*) FILTER (WHERE x.severity = 'low') AS open_low, count(*) FILTER (WHERE x.blocks) AS open_blocking
    FROM app.validation_issues AS x WHERE x.session_id = s.session_id AND x.is_open
) AS i ON true
LEFT JOIN LATERAL (
    SELECT CASE WHEN count(*) = count(x.counted) THEN coalesce(sum(x.counted), 0) END::numeric(20, 2) AS dollars
    FROM report.counted_impacts AS x WHERE x.session_id = s.session_id
) AS d ON true
LEFT JOIN LATERAL (
    SELECT x.happened_at, u.user_name, x.reason, (x.proof ->> 'changes')::bigint AS changes, x.is_history, encode(x.digest, 'hex') AS digest, z.seal_number,
        encode(z.seal_hash, 'hex') AS seal_hash
    FROM app.month_events AS x
    JOIN app.users AS u ON u.user_id = x.user_id
    LEFT JOIN audit.seals AS z ON x.created_tx >= z.from_tx AND x.created_tx < z.to_tx
    WHERE x.month_id = m.month_id AND x.kind = 'closed' AND m.state = 'closed'
    ORDER BY x.event_number DESC LIMIT 1
) AS e ON true
LEFT JOIN LATERAL (
    -- Whatever changes in the month adds to one of these, and nothing is ever taken from them.
    SELECT coalesce(sum(x.version + p.changes + i.changes + d.changes), 0) AS changes
    FROM app.processing_sessions AS x
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(y.version + y.current_revision_number), 0) AS changes
        FROM app.session_employees AS y WHERE y.session_id = x.session_id
    ) AS p
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(y.version), 0) AS changes FROM app.validation_issues AS y WHERE y.session_id = x.session_id
    ) AS i
    CROSS JOIN LATERAL (
        SELECT count(*) AS changes FROM app.match_decisions AS y WHERE y.session_id = x.session_id
    ) AS d
    WHERE x.month_id = m.month_id AND m.state = 'open'
) AS v ON true;
COMMENT ON VIEW report.months IS 'One row per month: its name, period and state, how often it was submitted, and the newest completed submission with its counts and totals. A month counts once, however often it was submitted.';
COMMENT ON COLUMN report.months.version IS 'Grows with everything that changes in the month, what people hand in, correct and decide included, and when it is signed off, closed or reopened. Whoever signs off or closes names the one they saw.';
COMMENT ON COLUMN report.months.submissions IS 'Submissions of it, without cancelled ones.';
COMMENT ON COLUMN report.months.chains IS 'Submissions that name no parent: more than one means that the month was handed in again without saying so, or is two programmes.';
COMMENT ON COLUMN report.months.latest_session_id IS 'The newest completed submission; null when none is.';
COMMENT ON COLUMN report.months.latest_session_name IS 'Its name.';
COMMENT ON COLUMN report.months.completed_at IS 'When it was completed.';
COMMENT ON COLUMN report.months.open_high IS 'Open issues of high severity.';
COMMENT ON COLUMN report.months.open_medium IS 'Open issues of medium severity.';
COMMENT ON COLUMN report.months.open_low IS 'Open issues of low severity.';
COMMENT ON COLUMN report.months.open_blocking IS 'Open issues that keep somebody from being finished.';
COMMENT ON COLUMN report.months.dollars IS 'Dollars at stake in the open issues, each cent once; null when unknown for one of them.';
COMMENT ON COLUMN report.months.closed_at IS 'When it was closed; null while it is open.';
COMMENT ON COLUMN report.months.closed_by_name IS 'Name of who closed it.';
COMMENT ON COLUMN report.months.close_reason IS 'Why.';
COMMENT ON COLUMN report.months.is_history IS 'True: it is one of the months from before, closed without what a closing asks for.';
COMMENT ON COLUMN report.months.closed_digest IS 'SHA-256 of what was closed, in hex: content, status, issues and decisions.';
COMMENT ON COLUMN report.months.seal_number IS 'The seal that covers the closing; null until the next one is made. Of the past, too, the one known today.';
COMMENT ON COLUMN report.months.seal_hash IS 'The head of the chain with that seal, in hex.';
SELECT app.describe_columns('report.months', 'app.months');
SELECT app.describe_columns('report.months', 'report.sessions');
GRANT SELECT ON report.months TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
