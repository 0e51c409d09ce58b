-- Removes the two old sheets of the workbook.

BEGIN;

DROP VIEW report.workbook_issues;
DROP VIEW report.workbook_summary;
DROP VIEW app.told_decisions;
DROP VIEW app.people_in_order;

COMMIT;
