-- Removes the error catalogue.

BEGIN;

DROP VIEW report.error_codes;
DROP FUNCTION app.fail(text, text, text, text);
DROP TABLE app.error_codes;

COMMIT;
