-- Removes batches as people read them.

BEGIN;

DROP FUNCTION report.batch_content(text, integer);
DROP VIEW report.accounting_left_out;
DROP VIEW report.accounting_batch_lines;
DROP VIEW report.accounting_batches;

COMMIT;
