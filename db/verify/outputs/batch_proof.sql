-- Batches are proved at commit.

BEGIN;

SELECT app.expect_objects($$
function app.batch_violations(bigint)
function app.enter_batch_row() as owner
function app.enter_void_row() as owner
function app.posted_total(uuid, text)
function app.prove_so_far()
function app.write_batch_rows() as owner
function audit.prove_batches() as owner
trigger app.accounting_batches.t10_enter
trigger app.accounting_batches.t50_write
trigger app.accounting_voids.t10_enter
trigger audit.commits.t60_prove_batches
$$);

ROLLBACK;
