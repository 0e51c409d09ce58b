-- Removes the report of a comparison.

BEGIN;

DROP FUNCTION report.parallel_report(uuid);
DROP FUNCTION app.table_line(text[]);
DROP FUNCTION app.markdown(text);

COMMIT;
