-- Removes the words of the surface.

BEGIN;

DELETE FROM app.terms;

COMMIT;
