-- Removes charges, their lines and card totals.

BEGIN;

DROP TABLE app.charge_lines;
DROP TABLE app.charges;
DROP TABLE app.card_totals;

COMMIT;
