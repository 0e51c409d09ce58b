-- The assignment of a series is private.

BEGIN;

SELECT app.expect_objects($$
function app.assign_in_order(integer[], integer[], integer[], integer)
function app.assign_series(integer[], integer[], integer[], integer[], text, integer)
$$);

ROLLBACK;
