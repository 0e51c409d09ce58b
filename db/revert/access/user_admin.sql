-- Removes the administrator's functions.

BEGIN;

DROP FUNCTION api.save_setting(text, numeric);
DROP FUNCTION api.map_login(text, text);
DROP FUNCTION api.save_user(text, text, text, uuid, boolean);
DROP TRIGGER t50_keep_administrator ON app.users;
DROP FUNCTION app.keep_administrator();

COMMIT;
