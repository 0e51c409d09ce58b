-- Removes retention and what is known of removals.

BEGIN;

DROP FUNCTION api.remove_expired_documents();
DROP FUNCTION app.remove_expired(timestamptz);
DROP TRIGGER t10_keep_entry ON app.kept_entries;
DROP FUNCTION app.keep_entry();
DROP FUNCTION app.remove(app.removals[], text);
DROP VIEW app.removable;
DROP VIEW report.removals;
SELECT audit.forget_table('app.removals');
DROP TABLE app.removals;

COMMIT;
