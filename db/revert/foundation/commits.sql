-- Removes the guards and the row per writing transaction.

BEGIN;

DROP TRIGGER t00_suppress_redundant ON app.settings;
DROP TRIGGER t10_keep ON app.settings;
DROP TRIGGER t90_mark ON app.settings;
DROP TRIGGER t00_suppress_redundant ON app.login_users;
DROP TRIGGER t10_keep ON app.login_users;
DROP TRIGGER t90_mark ON app.login_users;
DROP TRIGGER t00_suppress_redundant ON app.users;
DROP TRIGGER t10_keep ON app.users;
DROP TRIGGER t90_mark ON app.users;
DROP FUNCTION audit.guard_mutable(regclass);
DROP FUNCTION audit.guard_immutable(regclass);
DROP FUNCTION app.refuse_change();
DROP FUNCTION audit.mark_commit();
DROP TABLE audit.commits;

COMMIT;
