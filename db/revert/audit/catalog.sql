-- Removes the catalog of audited objects and recorded DDL.

BEGIN;

SELECT audit.forget_table('audit.renamed_columns');
SELECT audit.forget_table('audit.ticks');
SELECT audit.forget_table('audit.ddl_events');
DROP VIEW audit.catalog_objects;
DROP VIEW audit.switched_triggers;
DROP TABLE audit.ddl_events;

COMMIT;
