-- Removes what makes histories.

BEGIN;

REVOKE USAGE ON SCHEMA audit FROM ccp_worker, ccp_admin;
DROP FUNCTION audit.describe_history(regclass);
DROP FUNCTION audit.create_history(regclass);
DROP FUNCTION audit.history_of(regclass);
DROP FUNCTION audit.name_list(name[], text);
DROP FUNCTION audit.key_columns(regclass);
DROP TABLE audit.renamed_columns;
DROP SEQUENCE audit.change_number;

COMMIT;
