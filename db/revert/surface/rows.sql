-- Removes the operations of the surface.

BEGIN;

-- Until all is deployed again nothing is what was deployed.
DELETE FROM app.deployed_rights;
DELETE FROM app.surface_orders;
DELETE FROM app.surface_filters;
DELETE FROM app.surface_operations;
DELETE FROM app.surface_parents;

COMMIT;
