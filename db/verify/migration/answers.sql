-- Computing and signing checks: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
function api.run_cutover_checks(text) as owner: execute ccp_admin ccp_reviewer
function api.sign_cutover_check(text, boolean, text, date, jsonb, date, text) as owner: execute ccp_admin ccp_reviewer
function app.find_check(text)
function app.judge_signature(app.cutover_checks, boolean, date, jsonb, date)
function app.run_checks()
$$);

ROLLBACK;
