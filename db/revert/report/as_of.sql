-- Removes the functions of an instant.

BEGIN;

SELECT audit.forget_as_of('report.issue_events');
SELECT audit.forget_as_of('report.validation_issues');
SELECT audit.forget_as_of('report.transactions');
SELECT audit.forget_as_of('report.transactions_history');
SELECT audit.forget_as_of('report.employee_revisions');
SELECT audit.forget_as_of('report.employee_revisions_history');
SELECT audit.forget_as_of('report.months');
SELECT audit.forget_as_of('report.counted_impacts');
SELECT audit.forget_as_of('report.sessions');
SELECT audit.forget_as_of('report.processing_sessions');

COMMIT;
