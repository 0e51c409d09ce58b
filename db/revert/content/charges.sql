-- Removes charges, their lines and card totals.

BEGIN;

SELECT audit.forget_table('app.bank_sides');
DROP TABLE app.bank_sides;
SELECT audit.forget_table('app.charge_lines');
DROP TABLE app.charge_lines;
SELECT audit.forget_table('app.charges');
DROP TABLE app.charges;
SELECT audit.forget_table('app.card_totals');
DROP TABLE app.card_totals;

COMMIT;
