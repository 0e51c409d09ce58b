-- Removes the row per writing transaction and the list of guarded tables.

BEGIN;

DROP FUNCTION app.refuse_change();
DROP FUNCTION audit.mark_commit();
DROP FUNCTION audit.mark();
DROP TABLE audit.guarded_tables;
DROP TABLE audit.commits;

COMMIT;
