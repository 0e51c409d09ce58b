-- Batches can be made and voided.

BEGIN;

SELECT app.expect_objects($$
function api.export_lines(uuid, text, date, text, text, text, text, text) as owner: execute ccp_admin ccp_processor
function api.void_batch(text, integer, text, text) as owner: execute ccp_admin
function app.answer_export(app.batch_draft)
function app.batch_built_on(text, integer)
function app.check_batch(app.accounting_batches, report.export_answer, text)
function app.check_batch_words(date, text, text, text, text)
function app.enter_batch(uuid, uuid, text, boolean)
function app.enter_void(app.accounting_batches)
$$);

ROLLBACK;
