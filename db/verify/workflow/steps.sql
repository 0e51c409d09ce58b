-- Who may take the plain steps.

BEGIN;

SELECT app.expect_objects($$
function api.assign_issue(uuid, integer, text, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.mark_false_positive(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.note_issue(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.reopen_issue(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.resolve_issue(uuid, integer, text, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.start_issue(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
function api.suspend_issue(uuid, integer, text, text) as owner: execute ccp_admin ccp_processor ccp_reviewer
$$);

ROLLBACK;
