-- Removes the import report and the views of attempts.

BEGIN;

DROP FUNCTION report.import_report(uuid);
DROP FUNCTION app.reason_in_words(text);
DROP FUNCTION report.session_summary(uuid);
DROP VIEW report.claim_differences;
DROP VIEW report.submission_people;
DROP VIEW report.submission_controls;
DROP VIEW report.import_rejects;
DROP VIEW report.import_attempts;

COMMIT;
