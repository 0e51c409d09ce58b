-- What an import brought: the summary as JSON, the differences to the old file's claims, the report as Markdown.
-- requires: intake/import
-- requires: report/people
-- requires: matching/bridge

BEGIN;

CREATE OR REPLACE VIEW report.import_attempts AS
SELECT a.attempt_id, a.user_id, u.user_name, a.file_name, a.size_bytes, encode(a.sha256, 'hex') AS sha256, a.outcome,
    a.session_id, a.sqlstate, c.slug AS code, a.message, a.path, a.request_id, a.attempted_at
FROM app.import_attempts AS a
JOIN app.users AS u ON u.user_id = a.user_id
LEFT JOIN app.error_codes AS c ON c.sqlstate = a.sqlstate;
COMMENT ON VIEW report.import_attempts IS 'Every file handed in, with its outcome.';
COMMENT ON COLUMN report.import_attempts.user_name IS 'Name of who handed it in.';
COMMENT ON COLUMN report.import_attempts.code IS 'Slug of the reason.';
SELECT app.describe_columns('report.import_attempts', 'app.import_attempts');

CREATE OR REPLACE VIEW report.import_rejects AS
SELECT r.attempt_id, a.session_id, r.reject_number, r.path, r.sqlstate, c.slug AS code, r.message
FROM app.import_rejects AS r
JOIN app.import_attempts AS a ON a.attempt_id = r.attempt_id
LEFT JOIN app.error_codes AS c ON c.sqlstate = r.sqlstate;
COMMENT ON VIEW report.import_rejects IS 'Employees that were not taken, with every place and reason.';
COMMENT ON COLUMN report.import_rejects.session_id IS 'The session the rest of the file became.';
COMMENT ON COLUMN report.import_rejects.code IS 'Slug of the reason.';
SELECT app.describe_columns('report.import_rejects', 'app.import_rejects');
GRANT SELECT ON report.import_attempts, report.import_rejects
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.claim_differences AS
WITH claims AS (
    SELECT c.session_id, c.cardholder_id, sum(c.claimed_car_total) AS car_total,
        sum(c.claimed_receipt_total) AS receipt_total, (array_agg(c.claimed_flags ORDER BY c.source_key)) AS flags
    FROM app.old_claims AS c GROUP BY c.session_id, c.cardholder_id
)
SELECT c.session_id, c.cardholder_id, r.employee_name, d.item, d.claimed, d.found, d.claimed_amount, d.found_amount
FROM claims AS c
JOIN app.employee_revisions AS r
    ON r.session_id = c.session_id AND r.cardholder_id = c.cardholder_id AND r.revision_number = 1
CROSS JOIN LATERAL (
    SELECT 'car_total' AS item, round(c.car_total, 2)::text AS claimed, coalesce(r.car_total::text, 'unknown') AS found,
        round(c.car_total, 2) AS claimed_amount, r.car_total AS found_amount
    WHERE c.car_total IS NOT NULL AND round(c.car_total, 2) IS DISTINCT FROM r.car_total
    UNION ALL
    SELECT 'receipt_total', round(c.receipt_total, 2)::text, r.receipt_total::text, round(c.receipt_total, 2),
        r.receipt_total
    WHERE round(c.receipt_total, 2) <> r.receipt_total
    UNION ALL
    SELECT f.key, f.value, r.validation_flags ->> f.key, NULL, NULL
    FROM jsonb_each_text(r.validation_flags) AS o
    JOIN jsonb_each_text(c.flags[1]) AS f ON f.key = o.key
    WHERE cardinality(c.flags) = 1 AND f.value <> o.value
) AS d;
COMMENT ON VIEW report.claim_differences IS 'Where the old file''s totals and flags differ from what its rows say: claimed and found, per person.';
COMMENT ON COLUMN report.claim_differences.session_id IS 'The session.';
COMMENT ON COLUMN report.claim_differences.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.claim_differences.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.claim_differences.item IS 'car_total, receipt_total or the name of a flag.';
COMMENT ON COLUMN report.claim_differences.claimed IS 'What the old file says.';
COMMENT ON COLUMN report.claim_differences.found IS 'What we found at import.';
COMMENT ON COLUMN report.claim_differences.claimed_amount IS 'The claimed total in dollars; null for a flag.';
COMMENT ON COLUMN report.claim_differences.found_amount IS 'The total found, in dollars; null when unknown and for a flag.';

CREATE OR REPLACE VIEW report.session_summaries AS
SELECT s.session_id, s.session_name, s.status, s.revision_number, s.parent_session_id, s.programme, s.period_start,
    s.period_end, s.period_source, s.total_employees AS employees, s.employees_completed AS finished,
    e.unknown_card_totals, e.unidentified AS unidentified_people, e.transactions, s.total_amount AS car_total,
    s.receipt_total, s.open_issues, coalesce(i.issues, '{}') AS issues,
    (SELECT count(DISTINCT substring(r.path FROM '^\$\."(?:[^"\\]|\\.)*"'))
     FROM report.import_rejects AS r WHERE r.session_id = s.session_id) AS rejected_employees,
    (SELECT count(*) FROM report.claim_differences AS d WHERE d.session_id = s.session_id) AS claim_differences,
    s.change_summary AS changes
FROM report.processing_sessions AS s
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE r.is_in_report AND r.car_total IS NULL) AS unknown_card_totals,
        coalesce(sum(r.receipt_count), 0) AS transactions,
        count(*) FILTER (WHERE r.employee_id IS NULL AND EXISTS (
            SELECT FROM app.cardholders AS c
            WHERE c.name_key = r.employee_name AND c.cardholder_id <> r.cardholder_id)) AS unidentified
    FROM app.session_employees AS x
    JOIN app.employee_revisions AS r ON r.revision_id = x.current_revision_id AND NOT r.is_nobody
    WHERE x.session_id = s.session_id
) AS e
CROSS JOIN LATERAL (
    SELECT jsonb_object_agg(g.rule_code, g.found) AS issues
    FROM (SELECT x.rule_code, count(*) AS found FROM app.validation_issues AS x
          WHERE x.session_id = s.session_id AND x.is_open GROUP BY x.rule_code) AS g
) AS i;
COMMENT ON VIEW report.session_summaries IS 'Month, counts and totals of sessions, to be asked for one.';
COMMENT ON COLUMN report.session_summaries.employees IS 'People in the session.';
COMMENT ON COLUMN report.session_summaries.finished IS 'People who are finished.';
COMMENT ON COLUMN report.session_summaries.unknown_card_totals IS 'People of the report whose card total is unknown.';
COMMENT ON COLUMN report.session_summaries.unidentified_people IS 'Names without employee number that fit several people.';
COMMENT ON COLUMN report.session_summaries.transactions IS 'Receipts.';
COMMENT ON COLUMN report.session_summaries.car_total IS 'Sum of the known card totals, in dollars.';
COMMENT ON COLUMN report.session_summaries.issues IS 'Open issues by rule: code and number.';
COMMENT ON COLUMN report.session_summaries.rejected_employees IS 'Employees of the file that were not taken.';
COMMENT ON COLUMN report.session_summaries.claim_differences IS 'Where the old file''s totals and flags differ from its rows.';
COMMENT ON COLUMN report.session_summaries.changes IS 'What changed against the parent, in people and receipts; null without parent.';
SELECT app.describe_columns('report.session_summaries', 'report.processing_sessions');
GRANT SELECT ON report.session_summaries
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE FUNCTION report.session_summary(p_session_id uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT to_jsonb(s) || jsonb_build_object('car_total', s.car_total::text, 'receipt_total', s.receipt_total::text)
    FROM report.session_summaries AS s WHERE s.session_id = p_session_id;
END;
COMMENT ON FUNCTION report.session_summary(uuid) IS 'A row of report.session_summaries as JSON, amounts as text: programme and period with how it was found (nulls while unknown), people, finished, receipts, totals, open issues by rule, rejected employees, differences to the old file''s claims, changes against the parent. Null when there is no such session.';

CREATE OR REPLACE FUNCTION report.import_report(p_session_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    WITH lines AS (
        SELECT 10 AS place, '' AS sorting, format(E'# Import of %s\n\nSession %s, revision %s, %s, by %s at %s UTC.\n\n## Totals\n',
            s.session_name, s.session_id, s.revision_number, s.status, s.user_name,
            to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) AS line
        FROM report.processing_sessions AS s WHERE s.session_id = p_session_id
        UNION ALL
        SELECT 20, '', format(E'| | |\n|---|---:|\n| Month | %s |\n| People | %s |\n| Finished | %s |\n| Receipts | %s |\n'
            '| Card total, known ones | %s |\n| Receipt total | %s |\n| People with unknown card total | %s |\n'
            '| Names that fit several people | %s |\n| Open issues | %s |\n| Employees rejected | %s |',
            concat_ws(' ', nullif(j ->> 'programme', ''), coalesce((j ->> 'period_start') || ' to ' || (j ->> 'period_end')
                || CASE j ->> 'period_source' WHEN 'printed' THEN ', as the report prints it' WHEN 'given' THEN ', as given'
                    WHEN 'receipts' THEN ', where most receipts are dated' ELSE ', as the submissions before or after it' END,
                'unknown')),
            j ->> 'employees', j ->> 'finished', j ->> 'transactions', j ->> 'car_total', j ->> 'receipt_total',
            j ->> 'unknown_card_totals', j ->> 'unidentified_people', j ->> 'open_issues', j ->> 'rejected_employees')
        FROM report.session_summary(p_session_id) AS j WHERE j IS NOT NULL
        UNION ALL
        SELECT 30, '', E'\n## Open issues\n\n| Rule | Severity | Issues | People | Dollars |\n|---|---|---:|---:|---:|'
        WHERE EXISTS (SELECT FROM report.validation_issues AS i WHERE i.session_id = p_session_id AND i.is_open)
        UNION ALL
        SELECT 31, i.issue_type, format('| %s | %s | %s | %s | %s |', i.issue_type, min(i.severity), count(*),
            count(DISTINCT i.cardholder_id), coalesce(sum(i.amount_impact)::text, 'unknown'))
        FROM report.validation_issues AS i WHERE i.session_id = p_session_id AND i.is_open GROUP BY i.issue_type
        UNION ALL
        SELECT 40, '', E'\n## Unfinished people\n\n| Person | Card total | Receipt total | Difference | Open issues |\n|---|---:|---:|---:|---:|'
        WHERE EXISTS (SELECT FROM report.employee_revisions AS e
                      WHERE e.session_id = p_session_id AND e.status <> 'finished')
        UNION ALL
        (SELECT 41, e.employee_name, format('| %s | %s | %s | %s | %s |', e.employee_name,
            coalesce(e.car_total::text, 'unknown'), e.receipt_total, coalesce(e.amount_difference::text, 'unknown'),
            e.open_issues)
         FROM report.employee_revisions AS e WHERE e.session_id = p_session_id AND e.status <> 'finished'
         ORDER BY e.employee_name LIMIT 200)
        UNION ALL
        SELECT 42, '', format(E'\n… and %s more.', count(*) - 200)
        FROM report.employee_revisions AS e WHERE e.session_id = p_session_id AND e.status <> 'finished'
        HAVING count(*) > 200
        UNION ALL
        SELECT 43, '', E'\n## Matches\n\n| Pass | Matches | Charges | Receipts | Dollars |\n|---|---:|---:|---:|---:|'
        WHERE EXISTS (SELECT FROM report.match_rates AS m WHERE m.session_id = p_session_id)
        UNION ALL
        SELECT 44, m.pass, format('| %s | %s | %s %% | %s %% | %s |', m.pass, m.matches,
            round(100 * m.charge_share, 1), round(100 * m.receipt_share, 1), m.amount)
        FROM report.match_rates AS m WHERE m.session_id = p_session_id
        UNION ALL
        SELECT 45, '', format(E'\nOpen: %s charges of %s, %s receipts of %s; accepted differences %s; unexplained %s.',
            b.open_charge_count, b.open_charge_amount, b.open_receipt_count, b.open_receipt_amount, b.accepted_residuals,
            b.unexplained)
        FROM report.session_bridge AS b WHERE b.session_id = p_session_id
        UNION ALL
        SELECT 50, '', E'\n## Not taken\n'
        WHERE EXISTS (SELECT FROM report.import_rejects AS r WHERE r.session_id = p_session_id)
        UNION ALL
        SELECT 51, to_char(r.reject_number, '0000000'), format('* `%s`: %s', r.path, r.message)
        FROM report.import_rejects AS r WHERE r.session_id = p_session_id AND r.reject_number <= 200
        UNION ALL
        SELECT 60, '', format(E'\n## Old file and rows differ\n\n%s differences; see report.claim_differences.\n', count(*))
        FROM report.claim_differences AS d WHERE d.session_id = p_session_id HAVING count(*) > 0
        UNION ALL
        SELECT 61, d.item, format('* %s: %s people', d.item, count(*))
        FROM report.claim_differences AS d WHERE d.session_id = p_session_id GROUP BY d.item
        UNION ALL
        SELECT 70, '', format(E'\n## Against the parent session\n\n%s people added, %s removed, %s changed, %s unchanged; '
            'receipts: %s added, %s removed, %s changed.', c ->> 'people_added', c ->> 'people_removed',
            c ->> 'people_changed', c ->> 'people_unchanged', c ->> 'receipts_added', c ->> 'receipts_removed',
            c ->> 'receipts_changed')
        FROM report.processing_sessions AS s, LATERAL (SELECT s.change_summary AS c) AS x
        WHERE s.session_id = p_session_id AND s.change_summary IS NOT NULL
    )
    SELECT string_agg(l.line, E'\n' ORDER BY l.place, l.sorting COLLATE "C") || E'\n' FROM lines AS l;
END;
COMMENT ON FUNCTION report.import_report(uuid) IS 'The report of an import as Markdown: month, totals, open issues by rule, unfinished people, the match rate of each pass with what is open, what was not taken, where old file and rows differ, changes against the parent. Every figure is queried when called. Null when there is no such session.';

GRANT SELECT ON report.claim_differences
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION report.session_summary(uuid), report.import_report(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
