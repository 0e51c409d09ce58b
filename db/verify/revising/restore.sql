-- Who may go back.

BEGIN;

SELECT app.expect_objects($$
function api.restore_revision(uuid, uuid, text, text) as owner: execute ccp_admin ccp_processor
function app.receipts_to_restore(uuid, uuid, uuid)
$$);

ROLLBACK;
