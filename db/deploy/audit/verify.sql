-- Verification: what was changed behind the triggers' back, and what was switched off.
-- requires: audit/sealing

BEGIN;

CREATE TYPE audit.finding AS (
    finding text,
    seal_number bigint,
    relation_name text,
    row_key text,
    details text
);
COMMENT ON TYPE audit.finding IS 'Something that does not fit: what kind, in which seal, relation and row, and what was expected and found.';

CREATE OR REPLACE FUNCTION audit.check_chain(p_anchor_number bigint, p_anchor_hash text) RETURNS SETOF audit.finding
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    WITH chain AS (
        SELECT s.*, audit.hash_seal(s) AS true_hash,
            lag(s.seal_number, 1, 0::bigint) OVER w AS prior_number, lag(s.to_tx, 1, 0::bigint) OVER w AS prior_to,
            lag(s.seal_hash, 1, decode(repeat('00', 32), 'hex')) OVER w AS prior_hash
        FROM audit.seals AS s WINDOW w AS (ORDER BY s.seal_number)
    )
    SELECT 'seal_rewritten', c.seal_number, NULL::text, NULL::text,
        concat('its columns have the hash ', encode(c.true_hash, 'hex'), ', it says ', encode(c.seal_hash, 'hex'))
    FROM chain AS c WHERE c.true_hash <> c.seal_hash
    UNION ALL
    SELECT 'seal_missing', c.seal_number - 1, NULL, NULL, concat('seal ', c.seal_number, ' follows ', c.prior_number)
    FROM chain AS c WHERE c.seal_number <> c.prior_number + 1
    UNION ALL
    SELECT 'chain_broken', c.seal_number, NULL, NULL, 'it does not continue the seal before'
    FROM chain AS c
    WHERE c.seal_number = c.prior_number + 1 AND (c.from_tx <> c.prior_to OR c.previous_hash <> c.prior_hash)
    UNION ALL
    SELECT 'head_missing', p_anchor_number, NULL, NULL, 'a published seal is gone'
    WHERE NOT EXISTS (SELECT FROM audit.seals AS s WHERE s.seal_number = p_anchor_number)
        AND p_anchor_number IS NOT NULL
    UNION ALL
    SELECT 'head_differs', s.seal_number, NULL, NULL,
        concat('published as ', p_anchor_hash, ', now ', encode(s.seal_hash, 'hex'))
    FROM audit.seals AS s WHERE s.seal_number = p_anchor_number AND encode(s.seal_hash, 'hex') <> lower(p_anchor_hash COLLATE "C");
END;
COMMENT ON FUNCTION audit.check_chain(bigint, text) IS 'Seals that are missing, rewritten or do not continue the one before, and a published head that is gone or another one now.';

CREATE OR REPLACE FUNCTION audit.current_column(p_relation text, p_column name) RETURNS name
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Names are followed through renames in their order; a name may have been used again later.
    WITH RECURSIVE step AS (
        SELECT p_column AS name, 0::bigint AS rename_number
        UNION ALL
        SELECT r.new_name, r.rename_number
        FROM step AS s CROSS JOIN LATERAL (
            SELECT x.new_name, x.rename_number FROM audit.renamed_columns AS x
            WHERE x.relation_name = p_relation AND x.old_name = s.name AND x.rename_number > s.rename_number
            ORDER BY x.rename_number LIMIT 1) AS r
    )
    SELECT s.name FROM step AS s ORDER BY s.rename_number DESC LIMIT 1;
END;
COMMENT ON FUNCTION audit.current_column(text, name) IS 'What a column is called now that had this name once.';

CREATE OR REPLACE FUNCTION audit.differing_rows(p_seal audit.seals, p_relation audit.sealed_relations) RETURNS SETOF audit.finding
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT CASE WHEN s.leaf IS NULL THEN 'row_inserted' WHEN l.leaf IS NULL THEN 'row_removed' ELSE 'row_changed' END,
        p_seal.seal_number, p_relation.relation_name, row_key,
        concat('sealed: ', coalesce(encode(s.leaf, 'hex'), 'no row'), '; now: ', coalesce(encode(l.leaf, 'hex'), 'no row'))
    FROM audit.read_leaves(p_relation, p_seal.from_tx, p_seal.to_tx) AS l
    FULL JOIN (
        SELECT k.row_key, substr(c.leaves, (32 * k.n - 31)::integer, 32) AS leaf
        FROM audit.sealed_leaves AS c CROSS JOIN LATERAL unnest(c.row_keys) WITH ORDINALITY AS k (row_key, n)
        WHERE c.seal_number = p_seal.seal_number AND c.relation_name = p_relation.relation_name) AS s USING (row_key)
    WHERE l.leaf IS DISTINCT FROM s.leaf ORDER BY row_key LIMIT 100;
END;
COMMENT ON FUNCTION audit.differing_rows(audit.seals, audit.sealed_relations) IS 'Rows of a relation in the range of a seal whose hash is not the one kept with the seal: changed, inserted, removed; at most 100.';

CREATE OR REPLACE FUNCTION audit.check_relation(p_seal audit.seals, p_relation audit.sealed_relations) RETURNS SETOF audit.finding
LANGUAGE plpgsql STABLE
SET search_path = '' AS $$
DECLARE
    v_relation audit.sealed_relations := p_relation;
    v_gone text;
BEGIN
    v_relation.columns := ARRAY(SELECT audit.current_column(p_relation.relation_name, c.name)
        FROM pg_catalog.unnest(p_relation.columns) WITH ORDINALITY AS c (name, n) ORDER BY c.n);
    v_relation.key_columns := ARRAY(SELECT audit.current_column(p_relation.relation_name, c.name)
        FROM pg_catalog.unnest(p_relation.key_columns) WITH ORDINALITY AS c (name, n) ORDER BY c.n);
    v_gone := CASE WHEN pg_catalog.to_regclass(p_relation.relation_name) IS NULL THEN 'the relation' ELSE (
        SELECT pg_catalog.string_agg(c.name, ', ')
        FROM pg_catalog.unnest(v_relation.columns || v_relation.key_columns || p_relation.tx_column) AS c (name)
        WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = pg_catalog.to_regclass(p_relation.relation_name)
                AND a.attname = c.name AND NOT a.attisdropped)) END;
    IF v_gone IS NOT NULL THEN
        RETURN NEXT ROW('relation_altered', p_seal.seal_number, p_relation.relation_name, NULL,
            v_gone || ' is gone')::audit.finding;
    ELSIF audit.read_hashes(v_relation, p_seal.from_tx, p_seal.to_tx) IS DISTINCT FROM
        (SELECT pg_catalog.string_agg(s.leaves, '' ORDER BY s.chunk) FROM audit.sealed_leaves AS s
            WHERE s.seal_number = p_seal.seal_number AND s.relation_name = p_relation.relation_name)
    THEN
        RETURN QUERY SELECT f.* FROM audit.differing_rows(p_seal, v_relation) AS f;
    END IF;
END
$$;
COMMENT ON FUNCTION audit.check_relation(audit.seals, audit.sealed_relations) IS 'Rows of a relation in the range of a seal that are not as they were sealed, at most 100; or that the relation cannot be read as it was sealed.';

CREATE OR REPLACE FUNCTION audit.check_seal(p_seal audit.seals) RETURNS SETOF audit.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_relation audit.sealed_relations;
BEGIN
    IF p_seal.root <> audit.merkle_root(coalesce((
        SELECT pg_catalog.string_agg(l.leaves, '' ORDER BY l.relation_name COLLATE "C", l.chunk)
        FROM audit.sealed_leaves AS l WHERE l.seal_number = p_seal.seal_number), ''))
    THEN
        RETURN NEXT ROW('leaves_rewritten', p_seal.seal_number, 'audit.sealed_leaves', NULL,
            'the kept leaves do not have the root of the seal')::audit.finding;
    END IF;
    -- Relations that came later had no rows then: whatever they have in this range was put in.
    FOR v_relation IN
        SELECT coalesce(s.relation, c.relation_name), coalesce(s.tx, c.tx_column), coalesce(s.keys, c.key_columns),
            coalesce(s.columns, c.columns)
        FROM pg_catalog.jsonb_to_recordset(p_seal.relations) AS s (relation text, tx name, keys name[], columns name[])
        FULL JOIN audit.sealed_relations AS c ON c.relation_name = s.relation
        ORDER BY 1
    LOOP
        RETURN QUERY SELECT f.* FROM audit.check_relation(p_seal, v_relation) AS f;
    END LOOP;
END
$$;
COMMENT ON FUNCTION audit.check_seal(audit.seals) IS 'What of the rows a seal covers is not as it was sealed.';

CREATE OR REPLACE FUNCTION audit.kept_columns(p_table name) RETURNS name[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(a.attname ORDER BY a.attnum)
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_attribute AS h ON h.attname = a.attname
        AND h.attrelid = to_regclass(format('audit.%I', p_table || '_history'))
    WHERE a.attrelid = to_regclass(format('app.%I', p_table)) AND a.attnum > 0 AND NOT a.attisdropped;
END;
COMMENT ON FUNCTION audit.kept_columns(name) IS 'Columns of a mutable table that its history keeps; null when one of them is gone.';

CREATE OR REPLACE FUNCTION audit.check_live(p_table name) RETURNS SETOF audit.finding
LANGUAGE plpgsql STABLE
SET search_path = '' AS $$
DECLARE
    v_base regclass := pg_catalog.to_regclass(pg_catalog.format('app.%I', p_table));
    v_keys name[] := audit.key_columns(v_base);
    v_columns name[] := audit.kept_columns(p_table);
BEGIN
    IF v_keys IS NULL OR v_columns IS NULL THEN
        RETURN NEXT ROW('relation_altered', NULL, 'app.' || p_table, NULL, 'table, key or history is gone')::audit.finding;
        RETURN;
    END IF;
    RETURN QUERY EXECUTE pg_catalog.format('SELECT CASE WHEN h.audit_seq IS NULL OR h.audit_operation = ''delete''
            THEN ''live_row_inserted'' WHEN l.found IS NULL THEN ''live_row_removed'' ELSE ''live_row_changed'' END,
            NULL::bigint, %L::text, ROW(%s)::text, ''newest history: '' || coalesce(h.audit_seq::text, ''none'')
        FROM (SELECT x.*, true AS found FROM %s AS x) AS l
        FULL JOIN (SELECT DISTINCT ON (%s) y.* FROM audit.%I AS y ORDER BY %s, y.audit_seq DESC) AS h USING (%s)
        WHERE (l.found AND (h.audit_seq IS NULL OR h.audit_operation = ''delete''
                OR ROW(%s) IS DISTINCT FROM ROW(%s)))
            OR (l.found IS NULL AND h.audit_operation <> ''delete'')
        LIMIT 100',
        v_base, audit.name_list(v_keys, '%I'), v_base, audit.name_list(v_keys, 'y.%I'), p_table || '_history',
        audit.name_list(v_keys, 'y.%I'), audit.name_list(v_keys), audit.name_list(v_columns, 'l.%I'),
        audit.name_list(v_columns, 'h.%I'));
END
$$;
COMMENT ON FUNCTION audit.check_live(name) IS 'Rows of a mutable table that are not what the newest row of their history says; at most 100.';

CREATE OR REPLACE FUNCTION audit.is_live_suspect(p_table name, p_before audit.seals) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = '' SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    v_base regclass := pg_catalog.to_regclass(pg_catalog.format('app.%I', p_table));
    v_history regclass := pg_catalog.to_regclass(pg_catalog.format('audit.%I', p_table || '_history'));
    v_keys name[] := audit.key_columns(v_base);
    v_columns name[] := audit.kept_columns(p_table);
    v_count bigint;
    v_written tid[];
    v_differs boolean;
    v_first xid := ((p_before.to_tx & 4294967295)::text)::xid;
    v_age bigint := pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot())
        - (p_before.to_tx & 281474976710655);
BEGIN
    IF v_keys IS NULL OR v_columns IS NULL OR v_age NOT BETWEEN 0 AND 2000000000
        OR p_before.to_tx >> 48 <> (SELECT pg_catalog.max(s.to_tx) >> 48 FROM audit.seals AS s)
    THEN
        RETURN true;
    END IF;
    -- The server notes in each row which transaction wrote it, whoever that was and whatever was switched off.
    EXECUTE pg_catalog.format('SELECT pg_catalog.count(*),
            coalesce(pg_catalog.array_agg(x.ctid) FILTER (WHERE pg_catalog.age(x.xmin) <= pg_catalog.age($1)), ''{}'')
        FROM %s AS x', v_base)
    INTO v_count, v_written USING v_first;
    IF v_count <> audit.count_live(p_before.relations, v_history, p_before.to_tx, 9223372036854775807) THEN
        RETURN true;
    END IF;
    EXECUTE pg_catalog.format('SELECT EXISTS (
            SELECT FROM (SELECT %s FROM %s AS x WHERE x.ctid = ANY ($1)
                UNION SELECT %s FROM %s AS x WHERE x.audit_tx >= $2) AS k
            LEFT JOIN LATERAL (SELECT x.*, true AS found FROM %s AS x WHERE ROW(%s) = ROW(%s) LIMIT 1) AS l ON true
            LEFT JOIN LATERAL (SELECT x.* FROM %s AS x WHERE ROW(%s) = ROW(%s)
                ORDER BY x.audit_seq DESC LIMIT 1) AS h ON true
            WHERE (l.found IS TRUE) = (coalesce(h.audit_operation, ''delete'') = ''delete'')
                OR (l.found AND ROW(%s) IS DISTINCT FROM ROW(%s)))',
        audit.name_list(v_keys, 'x.%I'), v_base, audit.name_list(v_keys, 'x.%I'), v_history,
        v_base, audit.name_list(v_keys, 'x.%I'), audit.name_list(v_keys, 'k.%I'),
        v_history, audit.name_list(v_keys, 'x.%I'), audit.name_list(v_keys, 'k.%I'),
        audit.name_list(v_columns, 'l.%I'), audit.name_list(v_columns, 'h.%I'))
    INTO v_differs USING v_written, p_before.to_tx;
    RETURN v_differs;
END
$$;
COMMENT ON FUNCTION audit.is_live_suspect(name, audit.seals) IS 'Whether a mutable table has to be compared with its history as a whole: a row that was written since a seal, as the server notes in it, is not what its newest history says, or the table has another number of rows than the seal and the history since then say. So what was changed, put in or taken out since the seal is not missed, with the triggers off or on. True where the server''s notes say nothing: of another epoch, or after two thousand million transactions.';

CREATE OR REPLACE FUNCTION audit.check_catalog() RETURNS SETOF audit.finding
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT 'trigger_off', NULL::bigint, format('app.%I', m.table_name), m.trigger_name::text,
        CASE WHEN m.state IS NULL THEN 'it is missing' ELSE 'its state is ' || m.state::text END
    FROM audit.missing_triggers AS m
    UNION ALL
    SELECT 'trigger_off', NULL, format('audit.%I', g.table_name || '_history'), 't10_immutable',
        'the history does not refuse changes'
    FROM audit.guarded_tables AS g
    WHERE g.kind = 'mutable' AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
        WHERE t.tgrelid = to_regclass(format('audit.%I', g.table_name || '_history'))
            AND t.tgname = 't10_immutable' AND t.tgenabled = 'A')
    UNION ALL
    SELECT 'history_behind', NULL, format('app.%I', u.table_name), u.column_name::text,
        concat('table has ', u.column_type, ', history ', coalesce(u.history_type, 'nothing'))
    FROM audit.unfollowed_columns AS u
    UNION ALL
    SELECT 'catalog_altered', s.seal_number, object_name, NULL,
        concat('sealed: ', coalesce(o.definition, 'nothing'), '; now: ', coalesce(n.definition, 'nothing'))
    FROM audit.catalog_objects AS n FULL JOIN audit.catalog_as_sealed() AS o USING (object_name)
    CROSS JOIN (SELECT max(x.seal_number) AS seal_number FROM audit.seals AS x) AS s
    WHERE s.seal_number IS NOT NULL AND n.definition IS DISTINCT FROM o.definition
    UNION ALL
    SELECT 'catalog_rewritten', s.seal_number, 'audit.sealed_catalog', NULL, 'it does not have the hash of the newest seal'
    FROM audit.seals AS s
    WHERE s.seal_number = (SELECT max(x.seal_number) FROM audit.seals AS x)
        AND s.catalog_hash <> audit.hash_sealed_catalog();
END;
COMMENT ON FUNCTION audit.check_catalog() IS 'Triggers that are missing or off, histories that lag behind their table, and audited objects that are not as the newest seal found them. After a migration the next seal takes over what changed; audit.sealed_catalog keeps when.';

CREATE OR REPLACE FUNCTION audit.check_switched(p_from_tx bigint) RETURNS SETOF audit.finding
LANGUAGE sql STABLE
SET search_path = ''
BEGIN ATOMIC
    SELECT 'trigger_was_off', NULL::bigint, s.table_name, s.trigger_name::text,
        format('switched off or dropped by %s at %s', s.login_name, s.happened_at AT TIME ZONE 'UTC')
    FROM audit.switched_triggers AS s
    WHERE s.tx >= p_from_tx
        -- A table that was dropped afterwards took its rows with it: what is there now has its own triggers.
        AND NOT EXISTS (SELECT FROM audit.ddl_events AS d
            WHERE d.event = 'sql_drop' AND d.object_name = s.table_name AND d.event_number > s.event_number)
    ORDER BY s.event_number LIMIT 100;
END;
COMMENT ON FUNCTION audit.check_switched(bigint) IS 'Triggers that were off or dropped at any time from a transaction number on, even when they are on again: rows may have been changed and changed back meanwhile. Knows only what db/bootstrap_audit.sql records; at most 100.';

CREATE OR REPLACE FUNCTION audit.unmarked_text(p_relation audit.sealed_relations) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN pg_catalog.format('SELECT ''row_unmarked'', NULL::bigint, %L::text, min(ROW(%s)::text),
            ''no transaction has the number '' || x.%I
        FROM %s AS x WHERE x.%I >= $1 AND NOT EXISTS (SELECT FROM audit.commits AS c WHERE c.tx = x.%I)
        GROUP BY x.%I LIMIT 100',
        p_relation.relation_name, audit.name_list(p_relation.key_columns, 'x.%I'), p_relation.tx_column,
        p_relation.relation_name, p_relation.tx_column, p_relation.tx_column, p_relation.tx_column);
END
$$;
COMMENT ON FUNCTION audit.unmarked_text(audit.sealed_relations) IS 'SQL text that finds rows from transaction $1 on whose transaction has no row in audit.commits.';

CREATE OR REPLACE FUNCTION audit.check_unmarked() RETURNS SETOF audit.finding
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_from bigint := coalesce((SELECT max(s.to_tx) FROM audit.seals AS s), 0);
    v_relation audit.sealed_relations;
BEGIN
    FOR v_relation IN
        SELECT r.* FROM audit.sealed_relations AS r WHERE r.relation_name NOT IN ('audit.commits', 'audit.ddl_events', 'audit.ticks')
    LOOP
        RETURN QUERY EXECUTE audit.unmarked_text(v_relation) USING v_from;
    END LOOP;
END
$$;
COMMENT ON FUNCTION audit.check_unmarked() IS 'Rows not sealed yet whose transaction has no row in audit.commits: they did not come through the triggers. One per transaction, at most 100 per relation.';

CREATE OR REPLACE FUNCTION audit.verify(
    p_from_seal bigint DEFAULT 1, p_anchor_number bigint DEFAULT NULL, p_anchor_hash text DEFAULT NULL
) RETURNS SETOF audit.finding
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_seal audit.seals;
    v_table name;
    v_before audit.seals;
BEGIN
    RETURN QUERY SELECT f.* FROM audit.check_chain(p_anchor_number, p_anchor_hash) AS f;
    FOR v_seal IN SELECT s.* FROM audit.seals AS s WHERE s.seal_number >= p_from_seal ORDER BY s.seal_number LOOP
        RETURN QUERY SELECT f.* FROM audit.check_seal(v_seal) AS f;
    END LOOP;
    RETURN QUERY SELECT f.* FROM audit.check_switched(coalesce(
        (SELECT min(s.from_tx) FROM audit.seals AS s WHERE s.seal_number >= p_from_seal),
        (SELECT max(s.to_tx) FROM audit.seals AS s), 0)) AS f;
    RETURN QUERY SELECT f.* FROM audit.check_unmarked() AS f;
    SELECT s.* INTO v_before FROM audit.seals AS s WHERE s.seal_number = p_from_seal - 1;
    FOR v_table IN SELECT g.table_name FROM audit.guarded_tables AS g WHERE g.kind = 'mutable' ORDER BY 1 LOOP
        IF v_before.seal_number IS NULL OR audit.is_live_suspect(v_table, v_before) THEN
            RETURN QUERY SELECT f.* FROM audit.check_live(v_table) AS f;
        END IF;
    END LOOP;
    RETURN QUERY SELECT f.* FROM audit.check_catalog() AS f;
END
$$;
COMMENT ON FUNCTION audit.verify(bigint, bigint, text) IS 'Everything that does not fit; no row means sound. Findings: seal_rewritten, seal_missing, chain_broken, head_missing and head_differs against a published head, leaves_rewritten, row_changed, row_inserted, row_removed, row_unmarked, relation_altered, live_row_changed, live_row_inserted, live_row_removed, trigger_off, trigger_was_off, history_behind, catalog_altered, catalog_rewritten. Rows are read from seal p_from_seal on, the chain always whole. From 1, live rows are compared with their histories; from a later seal those written since the seal before it, and all of a table where one of them or the number of rows does not fit. Changes up to the last published head cannot be hidden; whoever owns the server can hide later ones.';
GRANT EXECUTE ON FUNCTION audit.verify(bigint, bigint, text) TO ccp_auditor, ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
