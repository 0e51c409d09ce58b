-- Removes the seals.

BEGIN;

DROP FUNCTION audit.seal_catalog(bigint);
DROP FUNCTION audit.hash_sealed_catalog();
DROP FUNCTION audit.catalog_as_sealed();
DROP FUNCTION audit.count_live(jsonb, regclass, bigint, bigint);
DROP FUNCTION audit.seal_relation(bigint, audit.sealed_relations, bigint, bigint);
DROP FUNCTION audit.hash_seal(audit.seals);
DROP FUNCTION audit.merkle_root(bytea);
DROP FUNCTION audit.read_hashes(audit.sealed_relations, bigint, bigint);
DROP FUNCTION audit.read_leaves(audit.sealed_relations, bigint, bigint);
DROP FUNCTION audit.leaves_text(audit.sealed_relations);
DROP TYPE audit.leaf;
DROP VIEW audit.sealed_relations;
SELECT audit.forget_table('audit.sealed_catalog');
DROP TABLE audit.sealed_catalog;
SELECT audit.forget_table('audit.sealed_leaves');
DROP TABLE audit.sealed_leaves;
SELECT audit.forget_table('audit.seals');
DROP TABLE audit.seals;

COMMIT;
