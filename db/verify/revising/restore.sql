-- Who may go back.

BEGIN;

SELECT app.expect_objects($$
function api.restore_revision(uuid, uuid, text, text) as owner: execute ccp_admin ccp_processor
$$);

ROLLBACK;
