-- What people said about receipts.

BEGIN;

SELECT app.expect_objects($$
function api.decide_conflict(uuid, uuid, uuid, boolean, text, text[], text) as owner: execute ccp_admin ccp_processor
function app.answer_corrections(uuid, app.judged_correction[], boolean, text)
$$);

ROLLBACK;
