-- Batches are proved at commit.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
