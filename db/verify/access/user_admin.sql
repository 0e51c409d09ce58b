-- Only administrators manage users, logins and settings.

BEGIN;

SELECT app.expect_objects($$
function api.map_login(text, text, integer, text) as owner: execute ccp_admin
function api.save_setting(text, numeric, integer, text) as owner: execute ccp_admin
function api.save_user(text, text, text, uuid, boolean, integer, text, text[]) as owner: execute ccp_admin
function app.keep_administrator()
trigger app.users.t50_keep_administrator
$$);

ROLLBACK;
