-- Seals: a Merkle tree over the rows of finished transactions, chained; and the catalog they were written under.
-- requires: audit/catalog

BEGIN;

CREATE TABLE audit.seals (
    seal_number bigint NOT NULL,
    from_tx bigint NOT NULL,
    to_tx bigint NOT NULL,
    row_count bigint NOT NULL,
    relations jsonb NOT NULL,
    root bytea NOT NULL,
    catalog_hash bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    seal_hash bytea NOT NULL,
    CONSTRAINT seals_pkey PRIMARY KEY (seal_number),
    CONSTRAINT seals_from_tx_key UNIQUE (from_tx),
    CONSTRAINT seals_to_tx_key UNIQUE (to_tx),
    CONSTRAINT seals_to_tx_check CHECK (to_tx > from_tx),
    CONSTRAINT seals_hash_check CHECK (length(root) = 32 AND length(catalog_hash) = 32
        AND length(previous_hash) = 32 AND length(seal_hash) = 32)
);
COMMENT ON TABLE audit.seals IS 'One row per seal. It covers every row whose transaction number lies from from_tx to before to_tx; its hash covers all its other columns and, through previous_hash, all seals before.';
COMMENT ON COLUMN audit.seals.seal_number IS '1, 2, 3 … without gap.';
COMMENT ON COLUMN audit.seals.from_tx IS 'First transaction number, the to_tx of the seal before.';
COMMENT ON COLUMN audit.seals.to_tx IS 'The oldest transaction that was running: all before it had ended.';
COMMENT ON COLUMN audit.seals.row_count IS 'Rows in the tree.';
COMMENT ON COLUMN audit.seals.relations IS 'Per relation, in the order of the tree: its name, column of the transaction number, key, columns that were hashed, rows; of a history also how many rows its table had at the end of the range.';
COMMENT ON COLUMN audit.seals.root IS 'Root of the Merkle tree (RFC 6962, SHA-256) over the rows as text, by relation and key.';
COMMENT ON COLUMN audit.seals.catalog_hash IS 'SHA-256 over audit.catalog_objects as it was.';
COMMENT ON COLUMN audit.seals.sealed_at IS 'When.';
COMMENT ON COLUMN audit.seals.previous_hash IS 'seal_hash of the seal before; zeros for the first.';
COMMENT ON COLUMN audit.seals.seal_hash IS 'SHA-256 over the other columns.';

CREATE TABLE audit.sealed_leaves (
    seal_number bigint NOT NULL,
    relation_name text NOT NULL,
    chunk integer NOT NULL,
    row_keys text[] NOT NULL,
    leaves bytea NOT NULL,
    CONSTRAINT sealed_leaves_pkey PRIMARY KEY (seal_number, relation_name, chunk),
    CONSTRAINT sealed_leaves_seal_number_fkey FOREIGN KEY (seal_number) REFERENCES audit.seals (seal_number)
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT sealed_leaves_leaves_check CHECK (length(leaves) = 32 * cardinality(row_keys))
);
COMMENT ON TABLE audit.sealed_leaves IS 'The leaves of each tree with the keys of their rows: what names a row that was changed, inserted or removed. 2,048 to a row.';
COMMENT ON COLUMN audit.sealed_leaves.seal_number IS 'The seal.';
COMMENT ON COLUMN audit.sealed_leaves.relation_name IS 'The relation.';
COMMENT ON COLUMN audit.sealed_leaves.chunk IS '0, 1, 2 … within seal and relation.';
COMMENT ON COLUMN audit.sealed_leaves.row_keys IS 'Keys of the rows as text.';
COMMENT ON COLUMN audit.sealed_leaves.leaves IS 'Their hashes, 32 bytes each.';

CREATE TABLE audit.sealed_catalog (
    seal_number bigint NOT NULL,
    object_name text NOT NULL,
    definition text,
    CONSTRAINT sealed_catalog_pkey PRIMARY KEY (object_name, seal_number),
    CONSTRAINT sealed_catalog_seal_number_fkey FOREIGN KEY (seal_number) REFERENCES audit.seals (seal_number)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX sealed_catalog_seal_number_idx ON audit.sealed_catalog (seal_number);
COMMENT ON TABLE audit.sealed_catalog IS 'How the definition of audited objects changed from seal to seal: one row per object and seal that found it otherwise than the seal before.';
COMMENT ON COLUMN audit.sealed_catalog.seal_number IS 'The first seal with this definition.';
COMMENT ON COLUMN audit.sealed_catalog.object_name IS 'Kind and name.';
COMMENT ON COLUMN audit.sealed_catalog.definition IS 'The definition, of a function or view its hash; null when the object was gone.';

SELECT audit.guard('audit.seals', 'log');
SELECT audit.guard_texts('audit.seals');
SELECT audit.guard('audit.sealed_leaves', 'log');
SELECT audit.guard('audit.sealed_catalog', 'log');

CREATE OR REPLACE VIEW audit.sealed_relations AS
SELECT format('%I.%I', n.nspname, c.relname) AS relation_name, k.tx_column, k.key_columns,
    (SELECT array_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'is_dirty') AS columns
FROM (
    SELECT to_regclass(format('app.%I', g.table_name)) AS relation, 'created_tx'::name AS tx_column,
        audit.key_columns(to_regclass(format('app.%I', g.table_name))) AS key_columns
    FROM audit.guarded_tables AS g WHERE g.kind = 'immutable'
    UNION ALL
    SELECT to_regclass(format('audit.%I', g.table_name || '_history')), 'audit_tx', ARRAY['audit_seq'::name]
    FROM audit.guarded_tables AS g WHERE g.kind = 'mutable'
    UNION ALL
    SELECT 'audit.commits'::regclass, 'tx', ARRAY['tx'::name]
    UNION ALL
    SELECT 'audit.ddl_events'::regclass, 'tx', ARRAY['event_number'::name]
    UNION ALL
    SELECT 'audit.ticks'::regclass, 'tx', ARRAY['tick_number'::name]
) AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace;
COMMENT ON VIEW audit.sealed_relations IS 'What a seal covers: immutable tables, histories of mutable ones, the row of each transaction, recorded DDL, ticks.';
COMMENT ON COLUMN audit.sealed_relations.relation_name IS 'Schema and name, quoted.';
COMMENT ON COLUMN audit.sealed_relations.tx_column IS 'Column with the number of the writing transaction.';
COMMENT ON COLUMN audit.sealed_relations.key_columns IS 'Columns that order and name its rows.';
COMMENT ON COLUMN audit.sealed_relations.columns IS 'Columns that are hashed, in order.';

CREATE TYPE audit.leaf AS (row_key text, leaf bytea, n bigint);
COMMENT ON TYPE audit.leaf IS 'A row as a leaf: its key as text, its hash, its place among the rows of its relation.';

CREATE OR REPLACE FUNCTION audit.leaves_text(p_relation audit.sealed_relations) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN pg_catalog.format('SELECT r.row_key, pg_catalog.sha256(''\x00''::bytea || pg_catalog.convert_to(r.content, ''UTF8'')), r.n
        FROM (
            SELECT ROW(%s)::text AS row_key, ROW(%L::text, %s)::text AS content,
                pg_catalog.row_number() OVER (ORDER BY %s) AS n
            FROM %s AS x WHERE x.%I >= $1 AND x.%I < $2) AS r',
        audit.name_list(p_relation.key_columns, 'x.%I'), p_relation.relation_name,
        audit.name_list(p_relation.columns, 'x.%I'),
        (SELECT pg_catalog.string_agg(pg_catalog.format('x.%I', k.name)
                || CASE WHEN a.attcollation <> 0 THEN ' COLLATE pg_catalog."C"' ELSE '' END, ', ' ORDER BY k.position)
         FROM pg_catalog.unnest(p_relation.key_columns) WITH ORDINALITY AS k (name, position)
         JOIN pg_catalog.pg_attribute AS a
             ON a.attrelid = p_relation.relation_name::regclass AND a.attname = k.name),
        p_relation.relation_name, p_relation.tx_column, p_relation.tx_column);
END
$$;
COMMENT ON FUNCTION audit.leaves_text(audit.sealed_relations) IS 'SQL text that gives key, leaf hash and place of the rows of a relation whose transaction number lies from $1 to before $2.';

CREATE OR REPLACE FUNCTION audit.read_leaves(p_relation audit.sealed_relations, p_from bigint, p_to bigint)
RETURNS SETOF audit.leaf
LANGUAGE plpgsql STABLE ROWS 100000
SET search_path = '' SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
BEGIN
    RETURN QUERY EXECUTE audit.leaves_text(p_relation) USING p_from, p_to;
END
$$;
COMMENT ON FUNCTION audit.read_leaves(audit.sealed_relations, bigint, bigint) IS 'Rows of a relation from a transaction number to before another, as leaves: SHA-256 over a zero byte and the row as text with the relation''s name in front, the same under any settings.';

CREATE OR REPLACE FUNCTION audit.read_hashes(p_relation audit.sealed_relations, p_from bigint, p_to bigint) RETURNS bytea
LANGUAGE plpgsql STABLE
SET search_path = '' SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres'
SET extra_float_digits = 1 SET bytea_output = 'hex' AS $$
DECLARE
    v_hashes bytea;
BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.string_agg(l.leaf, '''' ORDER BY l.n) FROM (%s) AS l (row_key, leaf, n)',
        audit.leaves_text(p_relation)) INTO v_hashes USING p_from, p_to;
    RETURN v_hashes;
END
$$;
COMMENT ON FUNCTION audit.read_hashes(audit.sealed_relations, bigint, bigint) IS 'The hashes of audit.read_leaves(), one after the other, without the keys; null when there is no row.';

CREATE OR REPLACE FUNCTION audit.merkle_root(p_leaves bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE
SET search_path = ''
AS $$
DECLARE
    v_level bytea := p_leaves;
    v_count integer := pg_catalog.length(p_leaves) / 32;
BEGIN
    IF v_count = 0 THEN
        RETURN pg_catalog.sha256('');
    END IF;
    -- Pairing neighbours and lifting the odd one is the tree of RFC 6962.
    WHILE v_count > 1 LOOP
        SELECT pg_catalog.string_agg(
            CASE WHEN 2 * i.n + 1 < v_count
                THEN pg_catalog.sha256('\x01'::bytea || pg_catalog.substr(v_level, 64 * i.n + 1, 64))
                ELSE pg_catalog.substr(v_level, 64 * i.n + 1, 32) END, '' ORDER BY i.n)
        INTO v_level FROM pg_catalog.generate_series(0, (v_count - 1) / 2) AS i (n);
        v_count := pg_catalog.length(v_level) / 32;
    END LOOP;
    RETURN v_level;
END
$$;
COMMENT ON FUNCTION audit.merkle_root(bytea) IS 'Root of the Merkle tree of RFC 6962 over leaf hashes of 32 bytes each; SHA-256 of nothing when there is none.';

CREATE OR REPLACE FUNCTION audit.hash_seal(p_seal audit.seals) RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Every part prints alike under any setting.
    SELECT sha256(convert_to(ROW(p_seal.seal_number, p_seal.from_tx, p_seal.to_tx, p_seal.row_count,
        p_seal.relations, encode(p_seal.root, 'hex'), encode(p_seal.catalog_hash, 'hex'),
        extract(epoch FROM p_seal.sealed_at), encode(p_seal.previous_hash, 'hex'))::text, 'UTF8'));
END;
COMMENT ON FUNCTION audit.hash_seal(audit.seals) IS 'SHA-256 over all columns of a seal but seal_hash, as text.';

CREATE OR REPLACE FUNCTION audit.seal_relation(
    p_seal bigint, p_relation audit.sealed_relations, p_from bigint, p_to bigint
) RETURNS bigint
LANGUAGE sql VOLATILE
SET search_path = ''
BEGIN ATOMIC
    INSERT INTO audit.sealed_leaves (seal_number, relation_name, chunk, row_keys, leaves)
    SELECT p_seal, p_relation.relation_name, (l.n - 1) / 2048, array_agg(l.row_key ORDER BY l.n),
        string_agg(l.leaf, '' ORDER BY l.n)
    FROM audit.read_leaves(p_relation, p_from, p_to) AS l GROUP BY 3;
    SELECT coalesce(sum(cardinality(k.row_keys)), 0)
    FROM audit.sealed_leaves AS k WHERE k.seal_number = p_seal AND k.relation_name = p_relation.relation_name;
END;
COMMENT ON FUNCTION audit.seal_relation(bigint, audit.sealed_relations, bigint, bigint) IS 'Hashes the rows of one relation into the leaves of a seal and tells how many.';

CREATE OR REPLACE FUNCTION audit.count_live(p_before jsonb, p_history regclass, p_from bigint, p_to bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_added bigint;
BEGIN
    EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FILTER (WHERE h.audit_operation = ''insert'')
            - pg_catalog.count(*) FILTER (WHERE h.audit_operation = ''delete'')
        FROM %s AS h WHERE h.audit_tx >= $1 AND h.audit_tx < $2', p_history)
    INTO v_added USING p_from, p_to;
    RETURN v_added + coalesce((SELECT (r.value ->> 'live')::bigint FROM pg_catalog.jsonb_array_elements(p_before) AS r
        WHERE r.value ->> 'relation' = p_history::text), 0);
END
$$;
COMMENT ON FUNCTION audit.count_live(jsonb, regclass, bigint, bigint) IS 'How many rows a mutable table must have, by its history from a transaction number to before another and by the relations of the seal before; null: there was none.';

CREATE OR REPLACE FUNCTION audit.catalog_as_sealed() RETURNS TABLE (object_name text, definition text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.object_name, c.definition
    FROM (SELECT DISTINCT ON (x.object_name) x.object_name, x.definition
          FROM audit.sealed_catalog AS x ORDER BY x.object_name, x.seal_number DESC) AS c
    WHERE c.definition IS NOT NULL;
END;
COMMENT ON FUNCTION audit.catalog_as_sealed() IS 'The catalog of audited objects as the newest seal found it.';

CREATE OR REPLACE FUNCTION audit.hash_sealed_catalog() RETURNS bytea
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT sha256(convert_to(string_agg(ROW(c.object_name, c.definition)::text, E'\n'
        ORDER BY c.object_name COLLATE "C"), 'UTF8'))
    FROM audit.catalog_as_sealed() AS c;
END;
COMMENT ON FUNCTION audit.hash_sealed_catalog() IS 'SHA-256 over the catalog as the newest seal found it.';

CREATE OR REPLACE FUNCTION audit.seal_catalog(p_seal bigint) RETURNS bytea
LANGUAGE sql VOLATILE
SET search_path = ''
BEGIN ATOMIC
    INSERT INTO audit.sealed_catalog (seal_number, object_name, definition)
    SELECT p_seal, object_name, n.definition
    FROM audit.catalog_objects AS n FULL JOIN audit.catalog_as_sealed() AS o USING (object_name)
    WHERE n.definition IS DISTINCT FROM o.definition;
    SELECT audit.hash_sealed_catalog();
END;
COMMENT ON FUNCTION audit.seal_catalog(bigint) IS 'Keeps for a seal what changed in the catalog of audited objects since the seal before, and gives the hash of the whole.';

COMMIT;
