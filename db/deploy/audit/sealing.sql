-- Sealing: how far, in slices that end, and what tells how far it is behind.
-- requires: audit/seals

BEGIN;

CREATE OR REPLACE FUNCTION audit.ended_before() RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_own bigint := app.tx();
    v_snapshot txid_snapshot := pg_catalog.txid_current_snapshot();
BEGIN
    -- The server counts transactions of all its databases. Of those that were running, only one that is seen to hold
    -- its own lock in another database is none of ours; one that ended since, or has no lock yet, counts as running.
    RETURN ((v_own >> 48) << 48) | (
        SELECT least(v_own & 281474976710655, pg_catalog.txid_snapshot_xmax(v_snapshot), pg_catalog.min(x.id))
        FROM pg_catalog.txid_snapshot_xip(v_snapshot) AS x (id)
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_locks AS l
            JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
            WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted
                AND l.transactionid::text::bigint = x.id & 4294967295 AND a.datname <> pg_catalog.current_database())
            AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_prepared_xacts AS p
            WHERE p.transaction::text::bigint = x.id & 4294967295 AND p.database <> pg_catalog.current_database()));
END
$$;
COMMENT ON FUNCTION audit.ended_before() IS 'Number below which every transaction of this database had ended when it was called, its own not included: what follows sees all they wrote. Transactions of other databases of the server, prepared ones too, do not count.';

CREATE OR REPLACE FUNCTION audit.slice_text() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'SELECT c.tx FROM (
            SELECT t.tx, pg_catalog.sum(pg_catalog.count(*)) OVER (ORDER BY t.tx) AS so_far FROM (' || string_agg(
        format('SELECT x.%I AS tx FROM %s AS x WHERE x.%I >= $1 AND x.%I < $2', r.tx_column, r.relation_name,
            r.tx_column, r.tx_column), ' UNION ALL ') || ') AS t GROUP BY t.tx) AS c
        WHERE c.so_far >= $3 ORDER BY c.tx LIMIT 1'
    FROM audit.sealed_relations AS r;
END;
COMMENT ON FUNCTION audit.slice_text() IS 'SQL text that gives the first transaction from number $1 to before $2 with which there are $3 sealed rows; none when there are fewer.';

CREATE OR REPLACE FUNCTION audit.slice_end(p_from bigint, p_to bigint, p_rows bigint) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    -- Each commit has a row at least, so no more of them need be counted than rows are wanted.
    v_to bigint := least(p_to, (SELECT c.tx FROM audit.commits AS c WHERE c.tx >= p_from ORDER BY c.tx OFFSET p_rows LIMIT 1));
    v_last bigint;
BEGIN
    EXECUTE audit.slice_text() INTO v_last USING p_from, v_to, p_rows;
    RETURN coalesce(v_last + 1, v_to);
END
$$;
COMMENT ON FUNCTION audit.slice_end(bigint, bigint, bigint) IS 'Where a slice ends that begins with a transaction number and goes on to before another: after the transaction that makes its rows as many as asked for, whole transactions only.';

CREATE OR REPLACE FUNCTION audit.has_news(p_from bigint, p_to bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Ticks alone, that of the last seal among them, make no seal: else each would make the next one.
    SELECT EXISTS (SELECT FROM audit.commits AS c WHERE c.tx >= p_from AND c.tx < p_to)
        OR EXISTS (SELECT FROM audit.ddl_events AS e WHERE e.tx >= p_from AND e.tx < p_to)
        OR EXISTS (
            SELECT FROM audit.catalog_objects AS n FULL JOIN audit.catalog_as_sealed() AS o USING (object_name)
            WHERE n.definition IS DISTINCT FROM o.definition);
END;
COMMENT ON FUNCTION audit.has_news(bigint, bigint) IS 'Whether transactions of a range wrote what a seal is made for, or the catalog of audited objects is another.';

CREATE OR REPLACE FUNCTION audit.seal(p_rows bigint DEFAULT 100000) RETURNS audit.seals
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = '' SET timezone = 'UTC' AS $$
DECLARE
    v_last audit.seals;
    v_seal audit.seals;
    v_relation audit.sealed_relations;
    v_rows bigint;
BEGIN
    PERFORM audit.refuse_isolation();
    IF p_rows < 1 OR p_rows IS NULL THEN
        PERFORM app.fail('IV008', 'rows', 'a number of rows, from 1', coalesce(p_rows::text, 'none'));
    END IF;
    PERFORM app.take_turn('seal');
    SELECT s.* INTO v_last FROM audit.seals AS s ORDER BY s.seal_number DESC LIMIT 1;
    v_seal.seal_number := coalesce(v_last.seal_number, 0) + 1;
    v_seal.from_tx := coalesce(v_last.to_tx, 0);
    IF app.tx() < v_seal.from_tx THEN
        PERFORM app.fail('ST021', NULL, pg_catalog.format('%s or more', v_seal.from_tx), app.tx()::text);
    END IF;
    -- Everything below had ended when this was read; what follows sees it all.
    v_seal.to_tx := greatest(audit.ended_before(), v_seal.from_tx);
    IF v_seal.to_tx = v_seal.from_tx OR NOT audit.has_news(v_seal.from_tx, v_seal.to_tx) THEN
        RETURN v_last;
    END IF;
    v_seal.to_tx := audit.slice_end(v_seal.from_tx, v_seal.to_tx, p_rows);
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
COMMENT ON FUNCTION audit.seal(bigint) IS 'Seals the rows of transactions that have ended since the last seal, and the catalog of audited objects: whole transactions, until they have as many rows as asked for, so that a seal ends however much there is; where it is a new one and row_count is not less than that, there may be more to seal at once. Gives the new seal, or the last one when there is nothing new. Writers do not wait for it; two sealers wait for each other. Raises IV008 in another isolation level than read committed and for no rows, ST021 when transaction numbers went back.';
GRANT EXECUTE ON FUNCTION audit.seal(bigint) TO ccp_worker, ccp_admin;

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
    -- A restore builds functions and views anew from text, and some are printed otherwise then: taken over here. All of
    -- it at once: by where the epoch of the seals changes is known which of them were there before the restore.
    PERFORM audit.seal(9223372036854775807);
    RETURN v_epoch;
END
$$;
COMMENT ON FUNCTION audit.start_epoch() IS 'The last step of a restore, for the owner, before anybody writes: numbers of transactions start above all earlier ones, and a seal takes over how the catalog is printed now. Verify before it: afterwards nothing of the catalog differs any more. Gives the new epoch. That seal has all there is to seal, however much. Raises IV008 as audit.seal().';

CREATE OR REPLACE FUNCTION audit.enter_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    -- Whoever keeps a snapshot sees neither what was closed nor what was handed in meanwhile, at no door and in no proof.
    PERFORM audit.refuse_isolation();
    IF NEW.tx < (SELECT s.to_tx FROM audit.seals AS s ORDER BY s.seal_number DESC LIMIT 1) THEN
        PERFORM app.fail('ST021', NULL, NULL, pg_catalog.format('%s, which is sealed', NEW.tx));
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION audit.enter_commit() IS 'Row trigger of audit.commits, which every writing transaction passes once: raises IV008 in another isolation level than read committed, ST021 for a number below the last seal.';
CREATE OR REPLACE TRIGGER t10_enter BEFORE INSERT ON audit.commits
    FOR EACH ROW EXECUTE FUNCTION audit.enter_commit();
ALTER TABLE audit.commits ENABLE ALWAYS TRIGGER t10_enter;
COMMENT ON TRIGGER t10_enter ON audit.commits IS 'Keeps transactions on an old snapshot from writing, and a restored database before its new epoch has started.';

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

CREATE OR REPLACE FUNCTION audit.seal_lag() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = ''
BEGIN ATOMIC
    SELECT jsonb_build_object('unsealed_commits', s.unsealed_commits,
        'lag_seconds', extract(epoch FROM s.lag)::bigint, 'is_late', r.is_seal_late)
    FROM report.seal_status AS s CROSS JOIN report.readiness AS r;
END;
COMMENT ON FUNCTION audit.seal_lag() IS 'How far sealing is behind, for the worker: {unsealed_commits, lag_seconds, is_late}, as report.seal_status and report.readiness.';
GRANT EXECUTE ON FUNCTION audit.seal_lag() TO ccp_worker, ccp_admin;

SELECT app.pin_entry_points();

COMMIT;
