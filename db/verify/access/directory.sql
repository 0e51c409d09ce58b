-- Only the service admits identities, in the name of the directory.

BEGIN;

SELECT app.expect_objects($$
function api.admit_identity(text, text, text, text, text[]) as owner: execute ccp_worker
$$);

ROLLBACK;
