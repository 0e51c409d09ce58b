-- What a batch would hold can be told.

BEGIN;

SELECT app.expect_objects($$
function app.batch_content(app.accounting_batch_lines[], app.accounting_profiles)
function app.batch_lines(app.accounting_state[], app.accounting_profiles, app.accounting_batches)
function app.digest_revisions(uuid)
function app.draft_batch(app.accounting_batches)
function app.left_out_of_batch(app.accounting_state[], app.accounting_batch_lines[])
function app.open_issues_of(uuid, app.accounting_batch_lines[])
function app.receipt_total_of(uuid)
function app.warn_of_lines(app.accounting_batch_lines[], uuid)
$$);

ROLLBACK;
