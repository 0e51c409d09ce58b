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
) AS k
JOIN pg_catalog.pg_class AS c ON c.oid = k.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace;
COMMENT ON VIEW audit.sealed_relations IS 'What a seal covers: immutable tables, histories of mutable ones, the row of each transaction, recorded DDL.';
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

CREATE OR REPLACE FUNCTION audit.seal() RETURNS audit.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    v_last audit.seals;
    v_seal audit.seals;
    v_relation audit.sealed_relations;
    v_rows bigint;
BEGIN
    PERFORM audit.refuse_isolation();
    PERFORM app.take_turn('seal');
    SELECT s.* INTO v_last FROM audit.seals AS s ORDER BY s.seal_number DESC LIMIT 1;
    v_seal.seal_number := coalesce(v_last.seal_number, 0) + 1;
    v_seal.from_tx := coalesce(v_last.to_tx, 0);
    -- Everything below had ended when this was read; what follows sees it all.
    v_seal.to_tx := ((app.tx() >> 48) << 48)
        | pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot());
    IF v_seal.to_tx < v_seal.from_tx THEN
        PERFORM app.fail('ST021', NULL, pg_catalog.format('%s or more', v_seal.from_tx), v_seal.to_tx::text);
    ELSIF v_seal.to_tx = v_seal.from_tx THEN
        RETURN v_last;
    END IF;
    v_seal.relations := '[]';
    v_seal.row_count := 0;
    FOR v_relation IN SELECT r.* FROM audit.sealed_relations AS r ORDER BY r.relation_name COLLATE "C" LOOP
        v_rows := audit.seal_relation(v_seal.seal_number, v_relation, v_seal.from_tx, v_seal.to_tx);
        v_seal.row_count := v_seal.row_count + v_rows;
        v_seal.relations := v_seal.relations || pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'relation', v_relation.relation_name, 'tx', v_relation.tx_column, 'keys', v_relation.key_columns,
            'columns', v_relation.columns, 'rows', v_rows,
            'live', CASE WHEN v_relation.tx_column = 'audit_tx' THEN audit.count_live(v_last.relations,
                v_relation.relation_name::regclass, v_seal.from_tx, v_seal.to_tx) END));
    END LOOP;
    v_seal.catalog_hash := audit.seal_catalog(v_seal.seal_number);
    IF v_seal.row_count = 0 AND v_seal.catalog_hash = v_last.catalog_hash THEN
        RETURN v_last;
    END IF;
    v_seal.root := audit.merkle_root(coalesce((
        SELECT pg_catalog.string_agg(l.leaves, '' ORDER BY l.relation_name COLLATE "C", l.chunk)
        FROM audit.sealed_leaves AS l WHERE l.seal_number = v_seal.seal_number), ''));
    v_seal.sealed_at := pg_catalog.clock_timestamp();
    v_seal.previous_hash := coalesce(v_last.seal_hash, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex'));
    v_seal.seal_hash := audit.hash_seal(v_seal);
    INSERT INTO audit.seals SELECT v_seal.*;
    PERFORM audit.tick('seal');
    RETURN v_seal;
END
$$;
COMMENT ON FUNCTION audit.seal() IS 'Seals every row of all transactions that have ended since the last seal, and the catalog of audited objects; gives the new seal, or the last one when there is nothing new. Writers do not wait for it; two sealers wait for each other. Raises IV008 in another isolation level than read committed, ST021 when transaction numbers went back.';
GRANT EXECUTE ON FUNCTION audit.seal() TO ccp_worker, ccp_admin;

CREATE OR REPLACE FUNCTION audit.publish_head() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = '' SET timezone = 'UTC'
BEGIN ATOMIC
    SELECT jsonb_build_object('seal_number', s.seal_number, 'seal_hash', encode(s.seal_hash, 'hex'),
        'sealed_at', s.sealed_at)
    FROM audit.seals AS s ORDER BY s.seal_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION audit.publish_head() IS 'The newest seal, for the caller to append to a file somebody else owns: {seal_number, seal_hash, sealed_at}. Null before the first seal.';
GRANT EXECUTE ON FUNCTION audit.publish_head() TO ccp_worker, ccp_admin, ccp_auditor;

CREATE OR REPLACE FUNCTION audit.start_epoch() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_epoch bigint;
BEGIN
    PERFORM app.take_turn('seal');
    v_epoch := 1 + greatest(app.tx() >> 48, (SELECT max(c.tx) >> 48 FROM audit.commits AS c),
        (SELECT max(s.to_tx) >> 48 FROM audit.seals AS s));
    EXECUTE pg_catalog.format('CREATE OR REPLACE FUNCTION app.tx() RETURNS bigint
LANGUAGE sql STABLE PARALLEL RESTRICTED
BEGIN ATOMIC
    SELECT (%s::bigint << 48) | pg_catalog.txid_current();
END', v_epoch);
    -- A restore builds functions and views anew from text, and some are printed otherwise then: taken over here.
    PERFORM audit.seal();
    RETURN v_epoch;
END
$$;
COMMENT ON FUNCTION audit.start_epoch() IS 'The last step of a restore, for the owner, before anybody writes: numbers of transactions start above all earlier ones, and a seal takes over how the catalog is printed now. Verify before it: afterwards nothing of the catalog differs any more. Gives the new epoch. Raises IV008 as audit.seal().';

CREATE OR REPLACE FUNCTION audit.refuse_old_number() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF NEW.tx < (SELECT s.to_tx FROM audit.seals AS s ORDER BY s.seal_number DESC LIMIT 1) THEN
        PERFORM app.fail('ST021', NULL, NULL, pg_catalog.format('%s, which is sealed', NEW.tx));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.refuse_old_number() IS 'Row trigger of audit.commits: raises ST021 for a number below the last seal.';
CREATE OR REPLACE TRIGGER t10_refuse_old_number BEFORE INSERT ON audit.commits
    FOR EACH ROW EXECUTE FUNCTION audit.refuse_old_number();
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t10_refuse_old_number;
COMMENT ON TRIGGER t10_refuse_old_number ON audit.commits IS 'Keeps a restored database from writing before its new epoch has started.';

CREATE OR REPLACE VIEW report.seal_status AS
SELECT s.seal_number, s.sealed_at, encode(s.seal_hash, 'hex') AS seal_hash,
    (SELECT sum(x.row_count) FROM audit.seals AS x)::bigint AS sealed_rows,
    u.unsealed_commits, u.oldest_unsealed_at, coalesce(now() - u.oldest_unsealed_at, '0') AS lag
FROM (SELECT count(*) AS unsealed_commits, min(c.started_at) AS oldest_unsealed_at FROM audit.commits AS c
      WHERE c.tx >= coalesce((SELECT max(x.to_tx) FROM audit.seals AS x), 0)) AS u
LEFT JOIN (SELECT x.* FROM audit.seals AS x ORDER BY x.seal_number DESC LIMIT 1) AS s ON true;
COMMENT ON VIEW report.seal_status IS 'One row: the newest seal, and how far sealing lags behind writing. A lag that grows means that nobody seals or that a transaction stays open.';
COMMENT ON COLUMN report.seal_status.seal_number IS 'Number of the newest seal; null before the first.';
COMMENT ON COLUMN report.seal_status.sealed_at IS 'When it was made.';
COMMENT ON COLUMN report.seal_status.seal_hash IS 'Its hash: the head.';
COMMENT ON COLUMN report.seal_status.sealed_rows IS 'Rows in all seals.';
COMMENT ON COLUMN report.seal_status.unsealed_commits IS 'Writing transactions that no seal covers yet.';
COMMENT ON COLUMN report.seal_status.oldest_unsealed_at IS 'Start of the oldest of them.';
COMMENT ON COLUMN report.seal_status.lag IS 'Its age; zero when all is sealed.';
GRANT SELECT ON report.seal_status TO ccp_admin, ccp_auditor;

INSERT INTO app.settings (setting_name, value, minimum, maximum, unit, description) VALUES
('seal_lag_alarm_minutes', 15, 1, 1440, 'minutes', 'Age of an unsealed commit from which the system says that sealing is late.')
ON CONFLICT (setting_name) DO NOTHING;

CREATE OR REPLACE VIEW report.readiness AS
SELECT NOT pg_is_in_recovery() AS is_writable, s.lag AS seal_lag,
    -- Not by app.setting: a function in a view is called by who reads it.
    s.lag > (SELECT x.value FROM app.settings AS x WHERE x.setting_name = 'seal_lag_alarm_minutes')
        * interval '1 minute' AS is_seal_late
FROM report.seal_status AS s;
COMMENT ON VIEW report.readiness IS 'One row: what keeps the system from being wholly in order.';
COMMENT ON COLUMN report.readiness.is_writable IS 'False on a standby.';
COMMENT ON COLUMN report.readiness.seal_lag IS 'Age of the oldest commit that no seal covers; zero when all is sealed.';
COMMENT ON COLUMN report.readiness.is_seal_late IS 'True when that is more than the setting seal_lag_alarm_minutes: nobody seals, or a transaction stays open.';
GRANT SELECT ON report.readiness TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
