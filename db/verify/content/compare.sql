-- Comparing works on nothing and is private.

BEGIN;

SELECT app.expect_objects($$
function app.change_of(anycompatible, anycompatible)
function app.compare_transactions(uuid[], uuid[])
function app.said_fields(app.receipt_contents)
$$);

ROLLBACK;
