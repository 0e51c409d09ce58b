-- The report views that can be asked about in the past.
-- requires: report/people
-- requires: report/compare
-- requires: report/months
-- requires: audit/as_of

BEGIN;

SELECT audit.make_as_of('report.processing_sessions');
SELECT audit.make_as_of('report.sessions');
SELECT audit.make_as_of('report.counted_impacts');
SELECT audit.make_as_of('report.months');
SELECT audit.make_as_of('report.employee_revisions_history');
SELECT audit.make_as_of('report.employee_revisions');
SELECT audit.make_as_of('report.transactions_history');
SELECT audit.make_as_of('report.transactions');
SELECT audit.make_as_of('report.validation_issues');
SELECT audit.make_as_of('report.issue_events');

COMMIT;
