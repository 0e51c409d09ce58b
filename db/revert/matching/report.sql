-- Removes the views of matches and open rows.

BEGIN;

DROP VIEW report.open_receipts;
DROP VIEW report.open_charges;
DROP VIEW app.open_amounts;
DROP VIEW report.matches;
DROP VIEW report.matches_history;

COMMIT;
