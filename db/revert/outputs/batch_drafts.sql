-- Removes what a batch would hold.

BEGIN;

DROP FUNCTION app.draft_batch(app.accounting_batches);
DROP FUNCTION app.digest_revisions(uuid);
DROP FUNCTION app.receipt_total_of(uuid);
DROP FUNCTION app.open_issues_of(uuid, app.accounting_batch_lines[]);
DROP FUNCTION app.warn_of_lines(app.accounting_batch_lines[], uuid);
DROP FUNCTION app.left_out_of_batch(app.accounting_state[], app.accounting_batch_lines[]);
DROP FUNCTION app.batch_content(app.accounting_batch_lines[], app.accounting_profiles);
DROP FUNCTION app.batch_lines(app.accounting_state[], app.accounting_profiles, app.accounting_batches);

COMMIT;
