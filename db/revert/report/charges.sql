-- Removes the views of charges and people over all months.

BEGIN;

DROP FUNCTION app.compare_charge_lines(uuid[], uuid[]);
DROP FUNCTION app.compare_charges(uuid[], uuid[]);
DROP VIEW report.cardholders;
DROP VIEW report.charge_lines;
DROP VIEW report.charges;

COMMIT;
