-- What is not posted can be told and accepted.

BEGIN;

SELECT app.expect_objects($$
$$);

ROLLBACK;
