-- Calls for single receipts.

BEGIN;

SELECT app.expect_objects($$
function api.add_transaction(uuid, uuid, jsonb, text, text) as owner: execute ccp_admin ccp_processor
function api.move_transaction(uuid, uuid, uuid, uuid, text, text) as owner: execute ccp_admin ccp_processor
function api.remove_transaction(uuid, uuid, uuid, text, text) as owner: execute ccp_admin ccp_processor
function app.require_receipt(uuid, uuid, uuid)
function app.wish_one(text, uuid, uuid, text, jsonb, text)
$$);

ROLLBACK;
