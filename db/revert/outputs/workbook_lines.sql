-- Removes the sheets for proof.

BEGIN;

DROP VIEW report.workbook_proof;
DROP VIEW report.workbook_bridge;
DROP VIEW report.workbook_lines;

COMMIT;
