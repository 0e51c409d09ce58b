-- Batches are proved at commit.

BEGIN;

SELECT app.expect_objects($$
function app.batch_ties(app.accounting_batches)
function app.batch_violations(bigint)
function audit.prove_batches() as owner
trigger audit.commits.t60_prove_batches
$$);

ROLLBACK;
