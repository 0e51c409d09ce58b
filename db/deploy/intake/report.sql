-- What an import brought: the summary as JSON, the differences to the old file's claims.
-- requires: intake/import
-- requires: report/people
-- requires: report/corrections

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

CREATE OR REPLACE VIEW report.submission_controls AS
SELECT k.session_id, k.control_number, k.programme, k.period_start, k.period_end, k.period_source, k.report_totals,
    k.card_totals, k.card_totals_differing, k.names, k.names_fitting, k.receipts, k.receipts_fitting, k.dated_receipts,
    k.receipts_in_period, k.charges, jsonb_array_length(k.people) AS people_count, k.same_days, k.reasons, k.worked_out_at,
    k.control_number = max(k.control_number) OVER (PARTITION BY k.session_id) AS is_newest
FROM app.submission_controls AS k;
COMMENT ON VIEW report.submission_controls IS 'Control blocks: whether a submission is what it should be, and what of it asked for a person.';
COMMENT ON COLUMN report.submission_controls.people_count IS 'People in it, see report.submission_people.';
COMMENT ON COLUMN report.submission_controls.is_newest IS 'True for the block that counts.';
SELECT app.describe_columns('report.submission_controls', 'app.submission_controls');

CREATE OR REPLACE VIEW report.submission_people AS
SELECT k.session_id, k.control_number, p.ordinality AS person_number, f.name_key AS employee_name, f.employee_id, f.is_in_report,
    f.charges, f.charge_amount, f.receipts, f.receipt_amount
FROM app.submission_controls AS k
CROSS JOIN LATERAL jsonb_array_elements(k.people) WITH ORDINALITY AS p
CROSS JOIN LATERAL jsonb_to_record(p.value) AS f (name_key text, employee_id text, is_in_report boolean, charges integer,
    charge_amount numeric(14, 2), receipts integer, receipt_amount numeric(14, 2))
WHERE NOT EXISTS (SELECT FROM app.submission_controls AS n
                  WHERE n.session_id = k.session_id AND n.control_number > k.control_number);
COMMENT ON VIEW report.submission_people IS 'The people of each submission as its newest control block has them, also while it awaits a decision and after it was discarded.';
COMMENT ON COLUMN report.submission_people.session_id IS 'The submission.';
COMMENT ON COLUMN report.submission_people.control_number IS 'The control block.';
COMMENT ON COLUMN report.submission_people.person_number IS '1, 2, 3 … by name.';
COMMENT ON COLUMN report.submission_people.employee_name IS 'Name key, after aliases.';
COMMENT ON COLUMN report.submission_people.employee_id IS 'Employee number as printed.';
COMMENT ON COLUMN report.submission_people.is_in_report IS 'True when the card report has the person; null where an old file does not say.';
COMMENT ON COLUMN report.submission_people.charges IS 'Charges of the bank.';
COMMENT ON COLUMN report.submission_people.charge_amount IS 'Their sum in dollars; null when one cannot be read.';
COMMENT ON COLUMN report.submission_people.receipts IS 'Receipts.';
COMMENT ON COLUMN report.submission_people.receipt_amount IS 'Their sum in dollars; null when one cannot be read.';
GRANT SELECT ON report.submission_controls, report.submission_people
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

CREATE OR REPLACE VIEW report.claim_differences AS
WITH claims AS (
    SELECT c.session_id, c.cardholder_id,
        CASE WHEN count(*) = count(c.claimed_car_total) THEN sum(c.claimed_car_total) END AS car_total,
        CASE WHEN count(*) = count(c.claimed_receipt_total) THEN sum(c.claimed_receipt_total) END AS receipt_total, (array_agg(c.claimed_flags ORDER BY c.source_key)) AS flags
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
    SELECT f.key, f.value, o.value, NULL, NULL
    FROM jsonb_each_text(coalesce(r.validation_flags, (SELECT n.validation_flags FROM app.employee_revisions AS n
        WHERE n.predecessor_id = r.revision_id))) AS o
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
    s.change_summary AS changes, nullif(report.count_corrections(s.session_id), '{}') AS corrections,
    (SELECT to_jsonb(k) - ARRAY['session_id', 'is_newest', 'worked_out_at']
     FROM report.submission_controls AS k WHERE k.session_id = s.session_id AND k.is_newest) AS control
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
COMMENT ON COLUMN report.session_summaries.corrections IS 'Receipts people said something about, by fate, see report.corrections; null when there are none.';
COMMENT ON COLUMN report.session_summaries.control IS 'Its newest control block, see report.submission_controls; null while there is none.';
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
COMMENT ON FUNCTION report.session_summary(uuid) IS 'A row of report.session_summaries as JSON, amounts as text: programme and period with how it was found (nulls while unknown), people, finished, receipts, totals, open issues by rule, rejected employees, differences to the old file''s claims, changes against the parent, receipts people said something about by fate. Null when there is no such session.';

GRANT SELECT ON report.claim_differences
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;
GRANT EXECUTE ON FUNCTION report.session_summary(uuid)
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();
SELECT app.pin_entry_points();

COMMIT;
