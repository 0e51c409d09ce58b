-- Removes the known deviations.

BEGIN;

DELETE FROM app.known_deviations;

COMMIT;
