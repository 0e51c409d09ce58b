-- What a batch would hold can be told.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
