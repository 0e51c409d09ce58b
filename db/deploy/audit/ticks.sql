-- Ticks: stored snapshots that say what was visible at an instant.
-- requires: audit/capture
-- requires: foundation/turns

BEGIN;

CREATE TABLE audit.ticks (
    tick_number bigint NOT NULL,
    instant timestamptz NOT NULL,
    floor_tx bigint NOT NULL,
    ceiling_tx bigint NOT NULL,
    snapshot txid_snapshot NOT NULL,
    source text NOT NULL,
    tx bigint NOT NULL,
    CONSTRAINT ticks_pkey PRIMARY KEY (tick_number),
    CONSTRAINT ticks_instant_key UNIQUE (instant),
    CONSTRAINT ticks_ceiling_tx_check CHECK (ceiling_tx >= floor_tx),
    CONSTRAINT ticks_source_check CHECK (source ~ '^[a-z_]+$')
);
CREATE INDEX ticks_tx_idx ON audit.ticks (tx);
COMMENT ON TABLE audit.ticks IS 'Instants that can be asked about. What was committed at a tick is what its snapshot saw, so that a transaction that began earlier and committed later never appears in the past. As of a time means the last tick at or before it.';
COMMENT ON COLUMN audit.ticks.tick_number IS '1, 2, 3 …: later ticks see all that earlier ones saw.';
COMMENT ON COLUMN audit.ticks.instant IS 'When; never before the snapshot was taken.';
COMMENT ON COLUMN audit.ticks.floor_tx IS 'Transactions with a lower number had ended.';
COMMENT ON COLUMN audit.ticks.ceiling_tx IS 'Transactions from this number on had not begun.';
COMMENT ON COLUMN audit.ticks.snapshot IS 'Which of those between had not ended; transaction ids without epoch.';
COMMENT ON COLUMN audit.ticks.source IS 'Why the tick was written: schedule, export, mirror or seal.';
COMMENT ON COLUMN audit.ticks.tx IS 'Number of the transaction that wrote it: it is sealed with it.';

CREATE OR REPLACE FUNCTION audit.refuse_isolation() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
BEGIN
    IF pg_catalog.current_setting('transaction_isolation') <> 'read committed' THEN
        PERFORM app.fail('IV008', 'transaction_isolation', 'read committed',
            pg_catalog.current_setting('transaction_isolation'));
    END IF;
END
$$;
COMMENT ON FUNCTION audit.refuse_isolation() IS 'Raises IV008 in a transaction that keeps one snapshot: what writes, ticks and seals need what is committed now.';

CREATE OR REPLACE FUNCTION audit.tick(p_source text DEFAULT 'schedule') RETURNS audit.ticks
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_last audit.ticks;
    v_tick audit.ticks;
BEGIN
    PERFORM audit.refuse_isolation();
    SELECT t.* INTO v_last FROM audit.ticks AS t ORDER BY t.tick_number DESC LIMIT 1;
    IF v_last.tick_number IS NOT NULL AND NOT EXISTS (
        SELECT FROM audit.commits AS c
        WHERE c.tx >= v_last.floor_tx AND c.tx <> app.tx() AND NOT (c.tx < v_last.ceiling_tx
            AND pg_catalog.txid_visible_in_snapshot(c.tx & 281474976710655, v_last.snapshot)))
    THEN
        RETURN v_last;
    END IF;
    -- One after the other, so that a later instant never has an earlier snapshot.
    PERFORM app.take_turn('tick');
    SELECT t.* INTO v_last FROM audit.ticks AS t ORDER BY t.tick_number DESC LIMIT 1;
    v_tick.tick_number := coalesce(v_last.tick_number, 0) + 1;
    v_tick.source := p_source;
    v_tick.tx := app.tx();
    v_tick.snapshot := pg_catalog.txid_current_snapshot();
    v_tick.instant := greatest(pg_catalog.clock_timestamp(), v_last.instant + interval '1 microsecond');
    v_tick.floor_tx := ((app.tx() >> 48) << 48) | pg_catalog.txid_snapshot_xmin(v_tick.snapshot);
    v_tick.ceiling_tx := ((app.tx() >> 48) << 48) | pg_catalog.txid_snapshot_xmax(v_tick.snapshot);
    INSERT INTO audit.ticks SELECT v_tick.*;
    RETURN v_tick;
END
$$;
COMMENT ON FUNCTION audit.tick(text) IS 'Writes a tick when something was committed since the last one, else gives the last one. The caller''s own writes are not in it. Held until commit against other ticks: call it in a short transaction or at the end of one. Raises IV008 in another isolation level than read committed.';
GRANT EXECUTE ON FUNCTION audit.tick(text) TO ccp_worker, ccp_admin;

CREATE OR REPLACE VIEW report.ticks AS
SELECT t.tick_number, t.instant, t.source FROM audit.ticks AS t;
COMMENT ON VIEW report.ticks IS 'Instants that can be asked about exactly; any other time means the last one before it.';
SELECT app.describe_columns('report.ticks', 'audit.ticks');
GRANT SELECT ON report.ticks TO ccp_admin, ccp_processor, ccp_reviewer, ccp_read_only, ccp_report, ccp_auditor;

SELECT app.pin_entry_points();

COMMIT;
