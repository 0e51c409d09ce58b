-- Removes the error catalogue.

BEGIN;

DROP VIEW report.error_codes;
DROP TABLE app.error_codes;

COMMIT;
