-- Files of closed months are stored and read.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
