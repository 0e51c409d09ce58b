-- Batches are there and guarded.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
