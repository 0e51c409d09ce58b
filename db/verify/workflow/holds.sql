-- Who may put people on hold and release them.

BEGIN;

SELECT app.expect_objects($$
function api.hold_employee(uuid, uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.release_employee(uuid, uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function app.set_hold(text, uuid, uuid, integer, text, text)
$$);

ROLLBACK;
