-- Removes the proof of batches.

BEGIN;

DROP TRIGGER t60_prove_batches ON audit.commits;
DROP FUNCTION audit.prove_batches();
DROP FUNCTION app.batch_violations(bigint);
DROP TRIGGER t50_write ON app.accounting_batches;
DROP FUNCTION app.write_batch_rows();
DROP FUNCTION app.posted_total(uuid, text);
DROP TRIGGER t10_enter ON app.accounting_voids;
DROP FUNCTION app.enter_void_row();
DROP TRIGGER t10_enter ON app.accounting_batches;
DROP FUNCTION app.enter_batch_row();
DROP FUNCTION app.prove_so_far();

COMMIT;
