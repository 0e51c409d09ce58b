-- Lines that stand can be told from others.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
