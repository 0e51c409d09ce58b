-- Who may go back.

BEGIN;

SELECT app.expect_objects($$
function api.restore_revision(uuid, uuid, text, text) as owner: execute ccp_admin ccp_processor
function app.corrections_of(uuid, uuid)
function app.holders_in(uuid, uuid[])
function app.receipts_to_restore(uuid, uuid, uuid)
function app.tell_ended_waits(uuid, app.said_receipt[], text)
$$);

ROLLBACK;
