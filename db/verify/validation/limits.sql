-- Only administrators set limits, everybody reads them.

BEGIN;

ROLLBACK;
