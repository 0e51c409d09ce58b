-- Removes the assignment of series.

BEGIN;

DROP FUNCTION app.assign_series(integer[], integer[], integer[], integer[], text, integer);
DROP FUNCTION app.assign_in_order(integer[], integer[], integer[], integer);

COMMIT;
