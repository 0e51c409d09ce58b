-- The proof is deferred, definer and on in every replication role.

BEGIN;

SELECT app.expect_objects($$
function app.commit_violations(bigint)
function app.merge_violations(bigint)
function app.person_violations(bigint)
function app.row_violations(bigint)
function audit.prove_commit() as owner
trigger audit.commits.t50_prove
$$);

ROLLBACK;
