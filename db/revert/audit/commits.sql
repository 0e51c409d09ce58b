-- Removes the guard of immutable tables and the row per writing transaction.

BEGIN;

DROP FUNCTION audit.guard_immutable(regclass);
DROP FUNCTION app.refuse_change();
DROP FUNCTION audit.mark_commit();
DROP FUNCTION audit.mark();
DROP TABLE audit.guarded_tables;
DROP TABLE audit.commits;

COMMIT;
