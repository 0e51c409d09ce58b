-- Removes the proof of batches.

BEGIN;

DROP TRIGGER t60_prove_batches ON audit.commits;
DROP FUNCTION audit.prove_batches();
DROP FUNCTION app.batch_violations(bigint);
DROP FUNCTION app.batch_ties(app.accounting_batches);

COMMIT;
