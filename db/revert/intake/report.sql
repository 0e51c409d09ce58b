-- Removes the summary of imports and the views of attempts.

BEGIN;

DROP FUNCTION report.session_summary(uuid);
DROP VIEW report.session_summaries;
DROP VIEW report.claim_differences;
DROP VIEW report.submission_people;
DROP VIEW report.submission_controls;
DROP VIEW report.import_rejects;
DROP VIEW report.import_attempts;

COMMIT;
