-- The workbook of a session: one view for each of its sheets, a row for each line.
-- requires: outputs/accounting
-- requires: matching/bridge
-- requires: documents/report

BEGIN;

CREATE OR REPLACE VIEW app.people_in_order AS
SELECT e.session_id, e.cardholder_id, e.current_revision_id AS revision_id, row_number() OVER (
        PARTITION BY e.session_id
        ORDER BY NOT r.is_in_report, CASE WHEN r.is_in_report THEN r.car_page_range[1] ELSE r.receipt_page_range[1] END,
            r.employee_name COLLATE "C", e.cardholder_id) AS place,
    r.employee_name, r.employee_id, r.is_in_report, r.car_total, r.receipt_total, r.amount_difference, r.receipt_count,
    r.validation_flags, r.revision_number, r.content_hash, e.status
FROM app.session_employees AS e
CROSS JOIN LATERAL (
    SELECT x.* FROM app.employee_revisions AS x WHERE x.revision_id = e.current_revision_id OFFSET 0
) AS r
WHERE NOT r.is_nobody;
COMMENT ON VIEW app.people_in_order IS 'The people of each session as the report has them, then those with receipts only, each by their first page.';
COMMENT ON COLUMN app.people_in_order.revision_id IS 'The current revision.';
COMMENT ON COLUMN app.people_in_order.place IS 'Place in the session, from 1.';
SELECT app.describe_columns('app.people_in_order', 'report.employee_revisions');

-- Readers of the views below have no right to functions of app: what a decision says is a column.
CREATE OR REPLACE VIEW app.told_decisions AS
SELECT i.session_id, i.cardholder_id, i.employee_revision_id, i.rule_code, i.transaction_id, i.state, u.user_name,
    concat(i.rule_code, ': ', replace(i.state, '_', ' '), ' by ', u.user_name,
        ' (' || replace(i.resolution_method, '_', ' ') || ')', ': ' || i.resolution_notes) AS decision
FROM app.validation_issues AS i
JOIN app.users AS u ON u.user_id = i.resolved_by
WHERE i.rule_code IN ('missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch');
COMMENT ON VIEW app.told_decisions IS 'What people decided about findings behind the four flags, in one line each: rule, state, who, how and why.';
COMMENT ON COLUMN app.told_decisions.user_name IS 'Name of who decided.';
COMMENT ON COLUMN app.told_decisions.decision IS 'The line.';
SELECT app.describe_columns('app.told_decisions', 'app.validation_issues');

CREATE OR REPLACE VIEW report.workbook_summary AS
SELECT p.session_id, p.place, p.cardholder_id, p.employee_name, p.car_total, p.receipt_total, p.receipt_count,
    p.amount_difference AS missing_amount, (
        SELECT string_agg(f.name, ', ' ORDER BY f.place)
        FROM unnest(ARRAY['missing_coding_info', 'missing_receipt', 'missing_all_receipts', 'total_mismatch'])
            WITH ORDINALITY AS f (name, place)
        WHERE (p.validation_flags ->> f.name)::boolean) AS flags, (
        SELECT string_agg(d.words, '; ' ORDER BY d.words COLLATE "C")
        FROM (SELECT concat(i.rule_code, ': ', count(*), ' ', replace(i.state, '_', ' '), ' by ', i.user_name) AS words
            FROM app.told_decisions AS i
            WHERE i.session_id = p.session_id AND i.cardholder_id = p.cardholder_id
                AND i.employee_revision_id = p.revision_id
            GROUP BY i.rule_code, i.state, i.user_name) AS d) AS decision
FROM app.people_in_order AS p;
COMMENT ON VIEW report.workbook_summary IS 'Sheet Summary of the workbook: a row for each person, as the content is; what people decided about it stands beside it.';
COMMENT ON COLUMN report.workbook_summary.place IS 'Place in the session, from 1: people as in the report, then those with receipts only.';
COMMENT ON COLUMN report.workbook_summary.missing_amount IS 'Card total less receipt total, in dollars; null when the card total is unknown.';
COMMENT ON COLUMN report.workbook_summary.flags IS 'Names of the flags that the content raises, whatever was decided; null for none.';
COMMENT ON COLUMN report.workbook_summary.decision IS 'What was decided about the findings behind the flags: rule, number, state and who; null for nothing.';
SELECT app.describe_columns('report.workbook_summary', 'report.employee_revisions');

CREATE OR REPLACE VIEW report.workbook_issues AS
SELECT x.session_id, row_number() OVER (PARTITION BY x.session_id ORDER BY x.place, x.position) AS line_number,
    x.cardholder_id, x.employee_name, x.transaction_id, x.expense_type, x.transaction_date, x.date_text, x.amount,
    x.amount_text, x.purpose, x.merchant_name, x.merchant_address, x.status, x.decision
FROM (
    SELECT p.session_id, p.place, t.position, p.cardholder_id, p.employee_name, t.transaction_id, t.expense_type,
        t.transaction_date, t.date_text, t.amount, t.amount_text, t.purpose, t.merchant_name, t.merchant_address,
        concat_ws(', ', CASE WHEN NOT t.is_coded THEN 'Missing Coding' END,
            CASE WHEN NOT t.has_attachment THEN 'Missing Attachment' END) AS status, (
            SELECT string_agg(i.decision, '; ' ORDER BY i.decision COLLATE "C")
            FROM app.told_decisions AS i
            WHERE i.session_id = p.session_id AND i.cardholder_id = p.cardholder_id
                AND i.employee_revision_id = p.revision_id AND i.transaction_id = t.transaction_id
                AND i.rule_code IN ('missing_coding_info', 'missing_receipt')) AS decision
    FROM app.people_in_order AS p
    JOIN app.transactions AS t ON t.employee_revision_id = p.revision_id
    WHERE NOT t.is_coded OR NOT t.has_attachment
    UNION ALL
    SELECT p.session_id, p.place, 0, p.cardholder_id, p.employee_name, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, 'Missing All Receipts', (
            SELECT string_agg(i.decision, '; ' ORDER BY i.decision COLLATE "C")
            FROM app.told_decisions AS i
            WHERE i.session_id = p.session_id AND i.cardholder_id = p.cardholder_id
                AND i.employee_revision_id = p.revision_id AND i.rule_code = 'missing_all_receipts')
    FROM app.people_in_order AS p
    WHERE (p.validation_flags ->> 'missing_all_receipts')::boolean
) AS x;
COMMENT ON VIEW report.workbook_issues IS 'Sheet Receipt Issue Details of the workbook: a row for each receipt without code or attachment, and one for each person without any receipt; as the content is, whatever was decided.';
COMMENT ON COLUMN report.workbook_issues.line_number IS 'Place in the sheet, from 1.';
COMMENT ON COLUMN report.workbook_issues.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.workbook_issues.transaction_id IS 'The receipt; null for a person without any.';
COMMENT ON COLUMN report.workbook_issues.status IS 'Missing Coding, Missing Attachment, both, or Missing All Receipts.';
COMMENT ON COLUMN report.workbook_issues.decision IS 'What was decided about it, who and why; null for nothing.';
SELECT app.describe_columns('report.workbook_issues', 'report.transactions');

GRANT SELECT ON report.workbook_summary, report.workbook_issues
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
