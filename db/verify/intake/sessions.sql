-- Who may open and who may cancel.

BEGIN;

SELECT app.expect_objects($$
function api.cancel_session(uuid, integer, text) as owner: execute ccp_admin ccp_processor
function api.create_session(text, uuid, text, text, date, date) as owner: execute ccp_admin ccp_processor
function app.recall_corrections(uuid)
$$);

ROLLBACK;
