-- Hand-outs can be noted and read.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
