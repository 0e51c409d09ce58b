-- Removes making and voiding batches.

BEGIN;

DROP FUNCTION api.void_batch(text, integer, text, text);
DROP FUNCTION api.export_lines(uuid, text, date, text, text, text, text, text);
DROP FUNCTION app.check_batch(app.accounting_batches, report.export_answer, text);
DROP FUNCTION app.answer_export(app.batch_draft);
DROP FUNCTION app.check_batch_words(date, text, text, text, text);
DROP FUNCTION app.enter_void(app.accounting_batches);
DROP FUNCTION app.batch_built_on(text, integer);
DROP FUNCTION app.enter_batch(uuid, uuid, text, boolean);

COMMIT;
