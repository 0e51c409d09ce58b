-- Removes the printed report of an import.

BEGIN;

DROP FUNCTION report.import_report(uuid);
DROP FUNCTION app.reason_in_words(text);

COMMIT;
