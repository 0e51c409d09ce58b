-- Removes the operations of the surface.

BEGIN;

DELETE FROM app.surface_orders;
DELETE FROM app.surface_filters;
DELETE FROM app.surface_operations;
DELETE FROM app.surface_parents;

COMMIT;
