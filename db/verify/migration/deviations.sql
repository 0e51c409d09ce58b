-- Known deviations are there.

BEGIN;

ROLLBACK;
