-- Removes sign-ins of browsers.

BEGIN;

DROP TRIGGER t60_end_sign_ins ON app.users;
DROP FUNCTION app.end_sign_ins();
DROP FUNCTION api.record_sign_out(text, text);
DROP FUNCTION api.record_sign_in(text, text, text, text);
DROP VIEW report.sign_ins;
SELECT audit.forget_table('app.sign_ins');
DROP TABLE app.sign_ins;

COMMIT;
