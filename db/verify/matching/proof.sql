-- The proof is private.

BEGIN;

SELECT app.expect_objects($$
function app.matching_violations(bigint)
$$);

ROLLBACK;
