-- Shapes can be judged, and that is private.

BEGIN;

ROLLBACK;
