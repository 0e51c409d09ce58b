-- The auditor and administrators verify.

BEGIN;

SELECT app.expect_objects($$
function audit.check_catalog()
function audit.check_chain(bigint, text)
function audit.check_live(name)
function audit.check_relation(audit.seals, audit.sealed_relations)
function audit.check_seal(audit.seals)
function audit.check_switched(bigint)
function audit.check_unmarked()
function audit.current_column(text, name)
function audit.differing_rows(audit.seals, audit.sealed_relations)
function audit.is_live_suspect(name, audit.seals)
function audit.kept_columns(name)
function audit.unmarked_text(audit.sealed_relations)
function audit.verify(bigint, bigint, text) as owner: execute ccp_admin ccp_auditor
type audit.finding (finding, seal_number, relation_name, row_key, details)
$$);

ROLLBACK;
