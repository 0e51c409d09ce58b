-- Removes the administrator's functions.

BEGIN;

DROP FUNCTION api.save_setting(text, numeric, integer, text);
DROP FUNCTION api.map_login(text, text, integer, text);
DROP FUNCTION api.save_user(text, text, text, uuid, boolean, integer, text, text[]);
DROP TRIGGER t50_keep_administrator ON app.users;
DROP FUNCTION app.keep_administrator();

COMMIT;
