-- Removes what lets users follow the directory; its system user stays, as every user.

BEGIN;

DROP FUNCTION api.admit_identity(text, text, text, text, text[]);
DELETE FROM app.settings WHERE setting_name = 'directory_makes_users';

COMMIT;
