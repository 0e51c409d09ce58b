-- People, their receipts and their issues: as they are now, and all revisions.
-- requires: report/sessions
-- requires: content/charges

BEGIN;

-- Revisions are joined by their session too, wherever it is known: of one session the planner then reads no others.

CREATE OR REPLACE VIEW report.employee_revisions_history AS
SELECT r.revision_id, r.session_id, r.cardholder_id, r.revision_number, r.predecessor_id, r.compared_with,
    r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total, r.receipt_total,
    r.receipt_total_unique, r.amount_difference, r.receipt_count, r.validation_flags, r.car_page_range, r.receipt_page_range,
    r.changed_from_previous, r.change_details, r.origin, r.reason, r.created_by, r.processed_at,
    encode(r.content_hash, 'hex') AS content_hash, r.created_tx, r.processed_at AS valid_from,
    n.processed_at AS valid_to, r.revision_number = 1 AS is_source
FROM app.employee_revisions AS r
LEFT JOIN app.employee_revisions AS n ON n.predecessor_id = r.revision_id;
COMMENT ON VIEW report.employee_revisions_history IS 'All revisions of all people, with the time each was the newest.';
COMMENT ON COLUMN report.employee_revisions_history.content_hash IS 'SHA-256 over the content, in hex.';
COMMENT ON COLUMN report.employee_revisions_history.is_source IS 'True for the first revision of a person in a submission: what its source says.';
COMMENT ON COLUMN report.employee_revisions_history.valid_from IS 'From when it was the newest.';
COMMENT ON COLUMN report.employee_revisions_history.valid_to IS 'Until when; null: it still is.';
SELECT app.describe_columns('report.employee_revisions_history', 'app.employee_revisions');

CREATE OR REPLACE VIEW report.employee_revisions AS
SELECT r.revision_id, e.session_id, e.cardholder_id, r.revision_number, r.predecessor_id, r.compared_with,
    r.employee_name, r.employee_id, r.card_number, r.is_in_report, r.car_total, r.receipt_total,
    r.receipt_total_unique, r.amount_difference, r.receipt_count, e.status, r.validation_flags, i.open_issues, i.open_blocking_issues,
    r.car_page_range, r.receipt_page_range, r.changed_from_previous, r.change_details, r.origin, r.reason,
    r.created_by, r.processed_at, encode(r.content_hash, 'hex') AS content_hash, e.version,
    e.hold_reason
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE x.is_open) AS open_issues, count(*) FILTER (WHERE x.blocks) AS open_blocking_issues
    FROM app.validation_issues AS x
    WHERE x.session_id = e.session_id AND x.cardholder_id = e.cardholder_id
        AND (x.is_open OR (x.is_claim AND x.employee_revision_id = e.current_revision_id))
) AS i ON true
WHERE NOT r.is_nobody;
COMMENT ON VIEW report.employee_revisions IS 'One row per person and session: the current revision with the person''s status. A name whose receipts all went to somebody else by an alias is nobody any more and left out. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.employee_revisions.status IS 'finished, in_progress, unfinished or on_hold.';
COMMENT ON COLUMN report.employee_revisions.open_issues IS 'Open issues of the person in this session.';
COMMENT ON COLUMN report.employee_revisions.open_blocking_issues IS 'Those that keep the person from being finished, and claims (corrected, receipt_provided, coding_provided) whose finding still stands.';
COMMENT ON COLUMN report.employee_revisions.hold_reason IS 'Why somebody put the person on hold; null: not on hold.';
COMMENT ON COLUMN report.employee_revisions.version IS 'Version of the person''s row: grows with every change.';
SELECT app.describe_columns('report.employee_revisions', 'report.employee_revisions_history');

CREATE OR REPLACE VIEW report.transactions_history AS
SELECT t.transaction_id, t.employee_revision_id, r.session_id, r.cardholder_id, r.employee_name, r.revision_number,
    t.external_transaction_id, t.transaction_date, t.date_text, t.transaction_type, t.amount, t.amount_text,
    t.expense_type, t.description, t.purpose, t.merchant_name, t.merchant_address, t.coding_type, t.job_number,
    t.job_phase, t.cost_type, t.gl_account, t.gl_description, t.has_attachment, t.attachment_name, t.is_coded,
    t.is_out_of_pocket, t.position, t.page_number, t.natural_key, t.source_fields, t.created_tx,
    r.processed_at AS valid_from, n.processed_at AS valid_to, t.source_fields ->> 'printed_address' AS printed_address,
    t.source_fields ->> 'printed_merchant_address' AS printed_merchant_address,
    (t.source_fields -> 'attachments')::integer AS printed_attachments, (t.source_fields -> 'notes')::integer AS printed_notes
FROM app.transactions AS t
JOIN app.employee_revisions AS r ON r.revision_id = t.employee_revision_id
LEFT JOIN app.employee_revisions AS n ON n.predecessor_id = r.revision_id;
COMMENT ON VIEW report.transactions_history IS 'The receipts of all revisions, with the time each revision was the newest.';
COMMENT ON COLUMN report.transactions_history.session_id IS 'The session.';
COMMENT ON COLUMN report.transactions_history.cardholder_id IS 'The person.';
COMMENT ON COLUMN report.transactions_history.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.transactions_history.revision_number IS 'Number of the revision.';
COMMENT ON COLUMN report.transactions_history.valid_from IS 'From when its revision was the newest.';
COMMENT ON COLUMN report.transactions_history.valid_to IS 'Until when; null: it still is.';
COMMENT ON COLUMN report.transactions_history.printed_address IS 'The address beside the amount as the receipt report prints it, with its line ends, whatever was corrected; null: none, or not from a PDF.';
COMMENT ON COLUMN report.transactions_history.printed_merchant_address IS 'The merchant''s address as the receipt report prints it, with its line ends, whatever was corrected; null: none, or not from a PDF.';
COMMENT ON COLUMN report.transactions_history.printed_attachments IS 'Number of files the receipt report names, whatever was corrected; null: not from a PDF.';
COMMENT ON COLUMN report.transactions_history.printed_notes IS 'Number of notes the receipt report prints, whatever was corrected; null: it cannot be read, or not from a PDF.';
SELECT app.describe_columns('report.transactions_history', 'app.transactions');

CREATE OR REPLACE VIEW report.transactions AS
SELECT t.transaction_id, t.employee_revision_id, e.session_id, e.cardholder_id, r.employee_name, r.revision_number,
    t.external_transaction_id, t.transaction_date, t.date_text, t.transaction_type, t.amount, t.amount_text,
    t.expense_type, t.description, t.purpose, t.merchant_name, t.merchant_address, t.coding_type, t.job_number,
    t.job_phase, t.cost_type, t.gl_account, t.gl_description, t.has_attachment, t.attachment_name, t.is_coded,
    t.is_out_of_pocket, t.position, t.page_number, t.natural_key, t.source_fields,
    t.source_fields ->> 'printed_address' AS printed_address,
    t.source_fields ->> 'printed_merchant_address' AS printed_merchant_address,
    (t.source_fields -> 'attachments')::integer AS printed_attachments, (t.source_fields -> 'notes')::integer AS printed_notes
FROM app.session_employees AS e
JOIN app.employee_revisions AS r ON r.revision_id = e.current_revision_id AND r.session_id = e.session_id
JOIN app.transactions AS t ON t.employee_revision_id = e.current_revision_id;
COMMENT ON VIEW report.transactions IS 'The receipts of the current revisions. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
SELECT app.describe_columns('report.transactions', 'report.transactions_history');

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('false_positive_percent', 25, 0, 100, 'percent', 'Share of the decided findings of a rule that may be false positives before the list of rules says so.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE VIEW report.rule_precision AS
SELECT p.rule_code, p.version, p.findings, p.open_findings, p.closed_findings, p.decided, p.false_positives,
    p.false_positive_share, coalesce(p.false_positives * 100 > p.decided * (
        SELECT s.value FROM app.settings AS s WHERE s.setting_name = 'false_positive_percent'), false) AS is_imprecise
FROM (
    SELECT r.rule_code, r.version, count(i.issue_id) AS findings,
        count(*) FILTER (WHERE i.is_open OR i.state = 'superseded') AS open_findings,
        count(*) FILTER (WHERE i.state = 'auto_closed') AS closed_findings,
        count(*) FILTER (WHERE i.state IN ('resolved', 'waived', 'false_positive')) AS decided,
        count(*) FILTER (WHERE i.state = 'false_positive') AS false_positives,
        round(count(*) FILTER (WHERE i.state = 'false_positive')
            / nullif(count(*) FILTER (WHERE i.state IN ('resolved', 'waived', 'false_positive')), 0)::numeric, 4)
            AS false_positive_share
    FROM app.validation_rules AS r
    LEFT JOIN app.validation_issues AS i ON i.rule_code = r.rule_code AND i.rule_version = r.version
        -- A decision that a later submission took over was made once.
        AND NOT EXISTS (SELECT FROM app.validation_issues AS o
            WHERE o.issue_id = i.carried_from AND o.resolved_at = i.resolved_at AND i.state <> 'auto_closed')
    GROUP BY r.rule_code, r.version
) AS p;
COMMENT ON VIEW report.rule_precision IS 'How the findings of each version of each rule were decided. An issue counts for the version that found it last, a decision once, in the submission it was made in.';
COMMENT ON COLUMN report.rule_precision.findings IS 'Number of issues.';
COMMENT ON COLUMN report.rule_precision.open_findings IS 'Those nobody has decided, or a later submission took over open.';
COMMENT ON COLUMN report.rule_precision.closed_findings IS 'Those that were found no more before anybody decided.';
COMMENT ON COLUMN report.rule_precision.decided IS 'Those that people resolved, waived or called false positives.';
COMMENT ON COLUMN report.rule_precision.false_positives IS 'Those of them that are false positives.';
COMMENT ON COLUMN report.rule_precision.false_positive_share IS 'False positives of those decided, from 0 to 1; null while none is.';
COMMENT ON COLUMN report.rule_precision.is_imprecise IS 'True when that is above the setting false_positive_percent.';
SELECT app.describe_columns('report.rule_precision', 'app.validation_rules');

CREATE OR REPLACE VIEW report.validation_rules AS
SELECT r.rule_code, r.version, r.severity, r.enabled, r.blocks, r.finder, r.parameters, r.description,
    r.suggested_resolution, r.created_at,
    r.version = max(r.version) OVER (PARTITION BY r.rule_code) AS is_current,
    r.description_template, r.valid_from, r.valid_until, r.scope,
    EXISTS (SELECT FROM app.rules_in_force AS f
            WHERE f.rule_code = r.rule_code AND f.version = r.version) AS is_in_force,
    p.false_positive_share, p.is_imprecise
FROM app.validation_rules AS r
JOIN report.rule_precision AS p ON p.rule_code = r.rule_code AND p.version = r.version;
COMMENT ON VIEW report.validation_rules IS 'All rules in all versions.';
COMMENT ON COLUMN report.validation_rules.is_current IS 'True for the newest version.';
COMMENT ON COLUMN report.validation_rules.is_in_force IS 'True for the version that finds today: enabled and the newest valid one.';
SELECT app.describe_columns('report.validation_rules', 'app.validation_rules');
SELECT app.describe_columns('report.validation_rules', 'report.rule_precision');

CREATE OR REPLACE VIEW report.validation_issues AS
SELECT i.issue_id, i.employee_revision_id, i.transaction_id, i.session_id, i.cardholder_id, r.employee_name,
    i.rule_code AS issue_type, i.rule_version, i.severity, i.blocks, i.description, v.suggested_resolution,
    i.amount_impact, i.state, i.is_open, i.is_resolved, i.assigned_to, i.resolved_by, u.user_name AS resolved_by_name,
    i.resolved_at, i.resolution_notes, i.resolution_method, i.identified_at, i.due_date, i.carried_from,
    concat_ws('|', i.rule_code, i.cardholder_id, i.subject_key) AS fingerprint, i.evidence,
    encode(sha256(convert_to(i.evidence::text, 'UTF8')), 'hex') AS evidence_hash, i.version, i.charge_id
FROM app.validation_issues AS i
JOIN app.employee_revisions AS r ON r.revision_id = i.employee_revision_id AND r.session_id = i.session_id
JOIN app.validation_rules AS v ON v.rule_code = i.rule_code AND v.version = i.rule_version
LEFT JOIN app.users AS u ON u.user_id = i.resolved_by;
COMMENT ON VIEW report.validation_issues IS 'All issues with their state, on the newest revision that shows each. Of every submission, cancelled ones included: join report.months by latest_session_id, and a month counts once.';
COMMENT ON COLUMN report.validation_issues.employee_name IS 'Name key of the person.';
COMMENT ON COLUMN report.validation_issues.issue_type IS 'Code of the rule that found it.';
COMMENT ON COLUMN report.validation_issues.suggested_resolution IS 'What to do about it.';
COMMENT ON COLUMN report.validation_issues.resolved_by_name IS 'Name of who decided.';
COMMENT ON COLUMN report.validation_issues.fingerprint IS 'Rule, person and natural key of the subject: the same across sessions.';
COMMENT ON COLUMN report.validation_issues.evidence_hash IS 'SHA-256 over the evidence, in hex.';
SELECT app.describe_columns('report.validation_issues', 'app.validation_issues');

CREATE OR REPLACE VIEW report.issue_events AS
SELECT v.event_id, v.issue_id, v.issue_version, v.from_state, v.to_state, v.method, v.note, v.user_id,
    u.user_name, v.happened_at, v.request_id, v.batch_id, v.details, v.cause, v.amount
FROM app.issue_events AS v JOIN app.users AS u ON u.user_id = v.user_id;
COMMENT ON VIEW report.issue_events IS 'What happened to issues after they were found.';
COMMENT ON COLUMN report.issue_events.user_name IS 'Name of who did it.';
SELECT app.describe_columns('report.issue_events', 'app.issue_events');

GRANT SELECT ON report.employee_revisions_history, report.employee_revisions, report.transactions_history,
    report.transactions, report.validation_rules, report.rule_precision, report.validation_issues, report.issue_events
    TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.cover_names();

COMMIT;
