-- Removes the batches.

BEGIN;

DROP TYPE report.export_answer;
DROP TYPE app.batch_draft;
DROP TYPE app.accounting_state;
SELECT audit.forget_table('app.accounting_voids');
DROP TABLE app.accounting_voids;
SELECT audit.forget_table('app.accounting_left_out');
DROP TABLE app.accounting_left_out;
SELECT audit.forget_table('app.accounting_batch_lines');
DROP TABLE app.accounting_batch_lines;
SELECT audit.forget_table('app.accounting_batches');
DROP TABLE app.accounting_batches;

COMMIT;
