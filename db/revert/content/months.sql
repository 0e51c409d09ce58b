-- Removes the months.

BEGIN;

SELECT audit.forget_table('app.month_events');
DROP TABLE app.month_events;
SELECT audit.forget_table('app.months');
DROP TABLE app.months;
DROP FUNCTION app.stamp_change();
DROP FUNCTION app.period_name(text, date, date);

COMMIT;
