-- Removes the capture of changes and the first histories.

BEGIN;

SELECT audit.forget_table('app.settings');
SELECT audit.forget_table('app.login_users');
SELECT audit.forget_table('app.users');
SELECT audit.forget_table('app.turns');
SELECT audit.forget_table('app.error_codes');
DROP VIEW audit.missing_triggers;
DROP VIEW audit.unfollowed_columns;
DROP FUNCTION audit.forget_table(regclass);
DROP FUNCTION audit.guard(regclass, text, text);
DROP FUNCTION audit.trigger_text(regclass, audit.guard_triggers);
DROP VIEW audit.guard_triggers;
DROP FUNCTION audit.rename_column(regclass, name, name);
DROP FUNCTION audit.follow_table(regclass);
DROP FUNCTION audit.add_column_text(regclass, smallint);
DROP FUNCTION audit.capture_text(regclass, text, text);
DROP FUNCTION audit.refuse_key_change();

COMMIT;
