-- Removes the months.

BEGIN;

SELECT audit.forget_table('app.months');
DROP TABLE app.months;

COMMIT;
