-- Comparisons are reported.

BEGIN;

ROLLBACK;
