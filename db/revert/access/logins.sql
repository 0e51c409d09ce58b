-- Removes the view of logins.

BEGIN;

DROP VIEW report.login_limits;

COMMIT;
