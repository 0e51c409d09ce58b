-- Accounting imports are compared.

BEGIN;

ROLLBACK;
