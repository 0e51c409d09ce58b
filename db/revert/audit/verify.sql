-- Removes verification.

BEGIN;

DROP FUNCTION audit.verify(bigint, bigint, text);
DROP FUNCTION audit.check_unmarked();
DROP FUNCTION audit.unmarked_text(audit.sealed_relations);
DROP FUNCTION audit.check_switched(bigint);
DROP FUNCTION audit.check_catalog();
DROP FUNCTION audit.is_live_suspect(name, audit.seals);
DROP FUNCTION audit.check_live(name);
DROP FUNCTION audit.kept_columns(name);
DROP FUNCTION audit.check_seal(audit.seals);
DROP FUNCTION audit.check_relation(audit.seals, audit.sealed_relations);
DROP FUNCTION audit.differing_rows(audit.seals, audit.sealed_relations);
DROP FUNCTION audit.current_column(text, name);
DROP FUNCTION audit.check_chain(bigint, text);
DROP TYPE audit.finding;

COMMIT;
