-- Batches can be made and voided.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
