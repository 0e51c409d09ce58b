-- Removes the catalog of audited objects and recorded DDL.

BEGIN;

DROP TRIGGER t10_immutable ON audit.ticks;
DROP TRIGGER t10_immutable ON audit.renamed_columns;
DROP VIEW audit.catalog_objects;
DROP VIEW audit.switched_triggers;
DROP TABLE audit.ddl_events;
DROP FUNCTION audit.guard_log(regclass);

COMMIT;
