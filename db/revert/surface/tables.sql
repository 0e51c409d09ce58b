-- Removes the tables of the surface.

BEGIN;

DROP VIEW report.surface_number;
DROP TRIGGER t50_renew ON app.terms;
DROP TRIGGER t50_renew ON app.surface_parents;
DROP TRIGGER t50_renew ON app.surface_orders;
DROP TRIGGER t50_renew ON app.surface_filters;
DROP TRIGGER t50_renew ON app.surface_operations;
DROP FUNCTION app.note_surface_change();
DROP FUNCTION app.renew_surface();
SELECT audit.forget_table('app.surface_number');
DROP TABLE app.surface_number;
SELECT audit.forget_table('app.terms');
DROP TABLE app.terms;
SELECT audit.forget_table('app.surface_parents');
DROP TABLE app.surface_parents;
SELECT audit.forget_table('app.surface_orders');
DROP TABLE app.surface_orders;
SELECT audit.forget_table('app.surface_filters');
DROP TABLE app.surface_filters;
SELECT audit.forget_table('app.surface_operations');
DROP TABLE app.surface_operations;

COMMIT;
