-- Removes the views of people, receipts and issues.

BEGIN;

DROP VIEW report.issue_events;
DROP VIEW report.validation_issues;
DROP VIEW report.validation_rules;
DROP VIEW report.rule_precision;
DELETE FROM app.settings WHERE setting_name = 'false_positive_percent';
DROP VIEW report.transactions;
DROP VIEW report.transactions_history;
DROP VIEW report.employee_revisions;
DROP VIEW report.employee_revisions_history;

COMMIT;
