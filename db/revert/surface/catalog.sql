-- Removes what the catalog says about the surface.

BEGIN;

DROP VIEW report.terms;
DROP VIEW app.surface_keys;
DROP VIEW app.surface_parameters;
DROP VIEW app.surface_columns;
DROP VIEW app.surface_arguments;
DROP VIEW app.surface_sources;
DROP VIEW app.listed_columns;

COMMIT;
