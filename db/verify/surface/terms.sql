-- Every term that points to a closed list finds it.

BEGIN;

ROLLBACK;
