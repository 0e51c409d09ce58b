-- The worker and administrators seal; the auditor reads; nobody writes a seal by hand.

BEGIN;

SELECT app.expect_objects($$
constraint audit.sealed_catalog.sealed_catalog_pkey
constraint audit.sealed_catalog.sealed_catalog_seal_number_fkey
constraint audit.sealed_leaves.sealed_leaves_leaves_check
constraint audit.sealed_leaves.sealed_leaves_pkey
constraint audit.sealed_leaves.sealed_leaves_seal_number_fkey
constraint audit.seals.seals_card_numbers_check
constraint audit.seals.seals_from_tx_key
constraint audit.seals.seals_hash_check
constraint audit.seals.seals_pkey
constraint audit.seals.seals_to_tx_check
constraint audit.seals.seals_to_tx_key
function audit.catalog_as_sealed()
function audit.count_live(jsonb, regclass, bigint, bigint)
function audit.hash_seal(audit.seals)
function audit.hash_sealed_catalog()
function audit.leaves_text(audit.sealed_relations)
function audit.merkle_root(bytea)
function audit.read_hashes(audit.sealed_relations, bigint, bigint)
function audit.read_leaves(audit.sealed_relations, bigint, bigint)
function audit.seal_catalog(bigint)
function audit.seal_relation(bigint, audit.sealed_relations, bigint, bigint)
index audit.sealed_catalog_seal_number_idx
table audit.sealed_catalog (seal_number, object_name, definition): select ccp_auditor
table audit.sealed_leaves (seal_number, relation_name, chunk, row_keys, leaves): select ccp_auditor
table audit.seals (seal_number, from_tx, to_tx, row_count, relations, root, catalog_hash, sealed_at, previous_hash,
    seal_hash): select ccp_auditor
trigger audit.sealed_catalog.t10_immutable
trigger audit.sealed_leaves.t10_immutable
trigger audit.seals.t10_immutable
type audit.leaf (row_key, leaf, n)
view audit.sealed_relations (relation_name, tx_column, key_columns, columns): select ccp_auditor
$$);

ROLLBACK;
