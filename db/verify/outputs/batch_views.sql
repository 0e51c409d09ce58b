-- Batches can be read.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
