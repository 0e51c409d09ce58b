-- Removes the files of closed months.

BEGIN;

DROP VIEW report.closed_files;
DROP FUNCTION report.closed_file(uuid, text);
DROP FUNCTION api.store_closed_workbook(uuid, integer, uuid, bytea);
DROP FUNCTION api.store_closed_texts();
DROP TYPE report.closed_workbook;
DROP VIEW app.missing_closed_files;
DROP VIEW app.closings;
SELECT audit.forget_table('app.closed_files');
DROP TABLE app.closed_files;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('store_closed_texts', 'store_closed_workbook');

COMMIT;
