-- Removes the functions of an instant.

BEGIN;

SELECT audit.forget_as_of('report.issue_events');
SELECT audit.forget_as_of('report.validation_issues');
SELECT audit.forget_as_of('report.transactions');
SELECT audit.forget_as_of('report.transactions_history');
SELECT audit.forget_as_of('report.employee_revisions');
SELECT audit.forget_as_of('report.employee_revisions_history');
SELECT audit.forget_as_of('report.sessions');
SELECT audit.forget_as_of('report.processing_sessions');
DROP FUNCTION audit.forget_as_of(regclass);
DROP FUNCTION audit.make_as_of(regclass);
DROP FUNCTION audit.as_of_text(regclass);
DROP FUNCTION audit.by_tick_text(regclass);
DROP FUNCTION audit.view_as_of_text(regclass);
DROP FUNCTION audit.table_as_of_text(name);
DROP FUNCTION audit.seen_text(text);

COMMIT;
