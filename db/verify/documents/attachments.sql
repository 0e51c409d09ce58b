-- Who may attach scans.

BEGIN;

SELECT app.expect_objects($$
function api.attach_document(uuid, uuid, uuid, text, bytea, text, text) as owner: execute ccp_admin ccp_processor
function app.judge_attachment(text, bytea)
function app.keep_bytes(bytea)
function app.media_type(bytea)
$$);

ROLLBACK;
