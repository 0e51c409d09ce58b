-- The functions are there, and closed to roles.

BEGIN;

ROLLBACK;
