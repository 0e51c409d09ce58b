-- Removes the files of closed months.

BEGIN;

DROP VIEW report.closed_files;
DROP FUNCTION report.closed_file(uuid, text, text, date, text);
DROP FUNCTION api.store_closed_workbook(uuid, integer, uuid, bytea);
DROP FUNCTION report.missing_workbooks();
DROP FUNCTION app.store_closed_texts(uuid);
DROP TRIGGER t90_files ON app.months;
DROP FUNCTION app.check_closed_texts();
DROP TRIGGER t50_make ON app.closed_files;
DROP FUNCTION app.make_closed_file();
DROP VIEW app.missing_closed_files;
DROP VIEW app.closings;
SELECT audit.forget_table('app.closed_files');
DROP TABLE app.closed_files;
DELETE FROM app.month_calls AS c WHERE c.call_name = 'store_closed_workbook';

COMMIT;
