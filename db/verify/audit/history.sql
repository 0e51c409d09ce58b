-- Histories are made by migrations only.

BEGIN;

SELECT app.expect_objects($$
constraint audit.renamed_columns.renamed_columns_pkey
function audit.create_history(regclass)
function audit.describe_history(regclass)
function audit.history_of(regclass)
function audit.key_columns(regclass)
function audit.name_list(name[], text)
schema audit: usage ccp_admin ccp_auditor ccp_worker
sequence audit.change_number
sequence audit.renamed_columns_rename_number_seq
table audit.renamed_columns (rename_number, relation_name, old_name, new_name, renamed_at): select ccp_auditor
$$);

ROLLBACK;
