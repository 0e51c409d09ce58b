-- Removes: who may do what, as it was deployed.

BEGIN;

DROP FUNCTION app.changed_rights();
DROP FUNCTION app.keep_rights();
SELECT audit.forget_table('app.deployed_rights');
DROP TABLE app.deployed_rights;
DROP VIEW app.granted_rights;

COMMIT;
