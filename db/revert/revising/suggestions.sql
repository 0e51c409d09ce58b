-- Removes suggestions for names of receipts.

BEGIN;

DROP VIEW report.unmatched_names;
DROP FUNCTION report.name_key(text);
DROP FUNCTION report.name_distance(text, text, integer);

COMMIT;
