-- Removes the figures.

BEGIN;

DROP VIEW report.figures;

COMMIT;
