-- Rights are kept and compared by the owner alone.

BEGIN;

SELECT app.expect_objects($$
constraint app.deployed_rights.deployed_rights_card_numbers_check
constraint app.deployed_rights.deployed_rights_pkey
function app.changed_rights()
function app.keep_rights()
table app.deployed_rights (object_name, role_name, privilege): select ccp_auditor
view app.granted_rights (object_name, written_by, role_name, privilege): select ccp_auditor
$$);

ROLLBACK;
