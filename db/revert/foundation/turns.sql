-- Removes turns.

BEGIN;

DROP FUNCTION app.take_turn(text);
DROP TABLE app.turns;

COMMIT;
