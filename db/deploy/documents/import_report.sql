-- The report of an import, printed: Markdown for people.
-- requires: documents/report
-- requires: intake/report
-- requires: report/work_lists
-- requires: matching/bridge

BEGIN;

CREATE OR REPLACE FUNCTION app.reason_in_words(p_reason text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE p_reason
        WHEN 'report_totals' THEN 'Report Totals disagree with the cards or cannot be read'
        WHEN 'names' THEN 'too few people with receipts are in the card report'
        WHEN 'dates' THEN 'too few receipts are dated about the period'
        WHEN 'month_exists' THEN 'the month is here already and no submission of it is named as parent'
        WHEN 'month_overlaps' THEN 'the period overlaps another one of the programme'
        WHEN 'given_period' THEN 'the report prints another period than was given'
        WHEN 'month_moves' THEN 'the submissions before it would be of another month'
        WHEN 'same_number' THEN 'an employee number had another name before' END;
END;
COMMENT ON FUNCTION app.reason_in_words(text) IS 'What a reason of a control block means, for people.';

CREATE OR REPLACE FUNCTION report.import_report(p_session_id uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    WITH renamed AS MATERIALIZED (
        -- Receipts that the sources of this submission and its parent call otherwise.
        SELECT h.name_key, o.external_transaction_id AS old_id, n.external_transaction_id AS new_id
        FROM app.processing_sessions AS s
        JOIN app.employee_revisions AS r ON r.session_id = s.session_id AND r.revision_number = 1
        JOIN app.receipt_links AS l ON l.employee_revision_id = r.revision_id
        JOIN app.receipt_contents AS n ON n.content_id = l.content_id
        JOIN app.receipt_links AS x ON x.transaction_id = l.transaction_id
        JOIN app.employee_revisions AS b ON b.revision_id = x.employee_revision_id AND b.revision_number = 1
            AND b.session_id = s.parent_session_id
        JOIN app.receipt_contents AS o ON o.content_id = x.content_id
        JOIN app.cardholders AS h ON h.cardholder_id = r.cardholder_id
        WHERE s.session_id = p_session_id AND s.parent_session_id IS NOT NULL
            AND o.external_transaction_id <> n.external_transaction_id
    ), lines AS (
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
            j ->> 'employees', j ->> 'finished', j ->> 'transactions', coalesce(j ->> 'car_total', 'unknown'), j ->> 'receipt_total',
            j ->> 'unknown_card_totals', j ->> 'unidentified_people', j ->> 'open_issues', j ->> 'rejected_employees')
        FROM report.session_summary(p_session_id) AS j WHERE j IS NOT NULL
        UNION ALL
        SELECT 21, '', format(E'\n## Control\n\n| | |\n|---|---|\n| Report Totals | %s |\n| Card total lines that differ | %s of %s |\n'
            '| People with receipts who are in the card report | %s of %s |\n'
            '| Receipts under their names | %s of %s |\n| Receipts dated about the period | %s of %s |\n'
            '| Charges | %s |\n| Other submissions of these days | %s |\n| Asks for a person | %s |',
            replace(k.report_totals, '_', ' '), k.card_totals_differing, k.card_totals, coalesce(k.names_fitting::text, 'unknown'),
            k.names, coalesce(k.receipts_fitting::text, 'unknown'), k.receipts,
            coalesce(k.receipts_in_period::text, 'unknown'), k.dated_receipts, k.charges,
            coalesce((SELECT string_agg(format('%s (%s to %s)', o.session_name, o.period_start, o.period_end), ', '
                ORDER BY o.period_start, o.session_id)
                FROM jsonb_to_recordset(k.same_days) AS o (session_id uuid, session_name text, period_start date, period_end date)),
                'none'),
            coalesce((SELECT string_agg(app.reason_in_words(r.reason), '; ' ORDER BY r.ordinality)
                FROM unnest(k.reasons) WITH ORDINALITY AS r (reason, ordinality)), 'nothing'))
        FROM report.submission_controls AS k WHERE k.session_id = p_session_id AND k.is_newest
        UNION ALL
        SELECT 30, '', E'\n## Open issues\n\n| Rule | Severity | Issues | People | Dollars |\n|---|---|---:|---:|---:|'
        WHERE EXISTS (SELECT FROM report.validation_issues AS i WHERE i.session_id = p_session_id AND i.is_open)
        UNION ALL
        SELECT 31, i.issue_type, format('| %s | %s | %s | %s | %s |', i.issue_type, min(i.severity), count(*),
            count(DISTINCT i.cardholder_id), CASE WHEN count(*) = count(c.counted) THEN sum(c.counted)::text
                ELSE 'unknown' END)
        FROM report.validation_issues AS i
        JOIN report.counted_impacts AS c ON c.issue_id = i.issue_id AND c.session_id = p_session_id
        WHERE i.session_id = p_session_id AND i.is_open GROUP BY i.issue_type
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
            b.open_charge_count, coalesce(b.open_charge_amount::text, 'unknown'), b.open_receipt_count,
            coalesce(b.open_receipt_amount::text, 'unknown'), b.accepted_residuals,
            coalesce(b.unexplained::text, 'unknown'))
        FROM report.session_bridge AS b WHERE b.session_id = p_session_id
        UNION ALL
        SELECT 46, '', E'\n## What is to be looked at in the PDFs\n'
        WHERE EXISTS (SELECT FROM report.document_notices AS n WHERE n.session_id = p_session_id)
        UNION ALL
        SELECT 47, to_char(n.notice_number, '0000000000'), format('* %s%s: %s', CASE n.kind WHEN 'car_pdf' THEN 'card report'
            ELSE 'receipts' END, ', page ' || n.page_number, n.message)
        FROM report.document_notices AS n WHERE n.session_id = p_session_id
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
        SELECT 65, '', E'\n## What people said before\n\n| Fate | Receipts |\n|---|---:|'
        WHERE report.count_corrections(p_session_id) <> '{}'
        UNION ALL
        SELECT 66, c.key, format('| %s | %s |', c.key, c.value) FROM jsonb_each(report.count_corrections(p_session_id)) AS c
        UNION ALL
        (SELECT 67, c.employee_name, format('* %s: %s of a receipt %s, said by %s', c.employee_name, c.field_group, CASE c.fate
                WHEN 'conflict' THEN 'is said otherwise by the report' ELSE format('waits, %s is not in the report', CASE WHEN EXISTS (
                    SELECT FROM app.session_employees AS e WHERE e.session_id = p_session_id AND e.cardholder_id = c.cardholder_id)
                    THEN 'it' ELSE c.employee_name END) END, c.said_by_name)
         FROM report.corrections AS c WHERE c.session_id = p_session_id AND c.fate IN ('conflict', 'waiting')
         ORDER BY c.employee_name, c.said_at LIMIT 200)
        UNION ALL
        (SELECT 68, h.name_key, format('* %s: a receipt waits no longer, it is with %s, said by %s', h.name_key, n.name_key,
            u.user_name)
         FROM app.corrections AS c
         JOIN app.corrections AS b ON b.transaction_id = c.transaction_id AND b.field_group = c.field_group
            AND b.number = c.number - 1 AND b.value IS NOT NULL
         JOIN app.cardholders AS h ON h.cardholder_id = b.cardholder_id
         JOIN app.cardholders AS n ON n.cardholder_id = c.cardholder_id
         JOIN app.users AS u ON u.user_id = c.said_by
         WHERE c.session_id = p_session_id AND c.field_group = 'person' AND NOT EXISTS (
            SELECT FROM app.session_employees AS e WHERE e.session_id = p_session_id AND e.cardholder_id = b.cardholder_id)
         ORDER BY h.name_key, c.said_at LIMIT 200)
        UNION ALL
        SELECT 69, '', E'\n## Handed in under another id\n' WHERE EXISTS (SELECT FROM renamed)
        UNION ALL
        (SELECT 70, r.name_key, format('* %s: receipt %s was %s before', r.name_key, r.new_id, r.old_id)
         FROM renamed AS r ORDER BY r.name_key, r.new_id LIMIT 200)
        UNION ALL
        SELECT 71, '', format(E'\n## Against the parent session\n\n%s people added, %s removed, %s changed, %s unchanged; '
            'receipts: %s added, %s removed, %s changed.', c ->> 'people_added', c ->> 'people_removed',
            c ->> 'people_changed', c ->> 'people_unchanged', c ->> 'receipts_added', c ->> 'receipts_removed',
            c ->> 'receipts_changed')
        FROM report.processing_sessions AS s, LATERAL (SELECT s.change_summary AS c) AS x
        WHERE s.session_id = p_session_id AND s.change_summary IS NOT NULL
        UNION ALL
        -- Their number tells who they are, and somebody has to know.
        (SELECT 72, n.employee_name, format('* %s has employee number %s, which %s had before: the same person, who goes on under '
            'that name', n.employee_name, n.employee_id, o.employee_name)
         FROM report.submission_people AS n
         JOIN app.employee_revisions AS o ON o.session_id = n.session_id AND o.revision_number = 1
            AND o.employee_id = n.employee_id AND o.employee_name <> n.employee_name
         WHERE n.session_id = p_session_id AND NOT EXISTS (
            SELECT FROM app.employee_revisions AS x WHERE x.session_id = n.session_id AND x.revision_number = 1
                AND x.employee_id = n.employee_id AND x.employee_name = n.employee_name)
         ORDER BY n.employee_name LIMIT 200)
    )
    SELECT app.shown(string_agg(l.line, E'\n' ORDER BY l.place, l.sorting COLLATE "C") || E'\n') FROM lines AS l;
END;
COMMENT ON FUNCTION report.import_report(uuid) IS 'The report of an import as Markdown: month, totals, control block, open issues by rule, unfinished people, the match rate of each pass with what is open, every notice of the PDFs, what was not taken, where old file and rows differ, receipts handed in under another id, changes against the parent, employee numbers with another name. Every figure is queried when called. Null when there is no such session.';

GRANT EXECUTE ON FUNCTION report.import_report(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
