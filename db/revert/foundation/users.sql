-- Removes users, login mapping and the functions that tell who acts.

BEGIN;

DROP VIEW report.users;
DROP FUNCTION api.whoami();
DROP TYPE report.actor;
DROP FUNCTION app.require_call(text);
DROP FUNCTION app.refuse_same_person(text, uuid, text, text);
DROP FUNCTION app.is_actor(uuid);
DROP FUNCTION app.actor_id();
DROP FUNCTION app.find_actor();
DROP FUNCTION app.refuse_control(text, text);
DROP FUNCTION app.refuse_role(text);
DROP TABLE app.login_users;
DROP TABLE app.users;
DROP FUNCTION app.user_roles();

COMMIT;
