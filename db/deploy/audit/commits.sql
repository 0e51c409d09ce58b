-- One row per writing transaction, the list of guarded tables, and the guard of immutable ones.
-- requires: foundation/users
-- requires: foundation/settings

BEGIN;

CREATE TABLE audit.commits (
    tx bigint NOT NULL DEFAULT app.tx(),
    started_at timestamptz NOT NULL DEFAULT now(),
    user_id uuid NOT NULL,
    login_name name NOT NULL,
    role_name text NOT NULL,
    reason text,
    request_id text,
    is_dirty boolean NOT NULL DEFAULT true,
    CONSTRAINT commits_pkey PRIMARY KEY (tx),
    CONSTRAINT commits_user_id_fkey FOREIGN KEY (user_id) REFERENCES app.users (user_id),
    CONSTRAINT commits_reason_check CHECK (length(reason) <= 2000),
    CONSTRAINT commits_request_id_check CHECK (length(request_id) BETWEEN 1 AND 200)
);
CREATE INDEX commits_user_id_idx ON audit.commits (user_id);
COMMENT ON TABLE audit.commits IS 'One row per transaction that wrote a guarded table: who, as which login and role, why. Every write marks it dirty; its deferred trigger proves at commit everything this transaction made.';
COMMENT ON COLUMN audit.commits.tx IS 'Number of the transaction, see app.tx(). As primary key it refuses a number that was used before, as after a restore.';
COMMENT ON COLUMN audit.commits.started_at IS 'Start of the transaction.';
COMMENT ON COLUMN audit.commits.user_id IS 'Acting user.';
COMMENT ON COLUMN audit.commits.login_name IS 'Database login (session_user).';
COMMENT ON COLUMN audit.commits.role_name IS 'Role in force (SET ROLE) or "none".';
COMMENT ON COLUMN audit.commits.reason IS 'Why, from the setting app.reason.';
COMMENT ON COLUMN audit.commits.request_id IS 'Request id of the call, from the setting app.request_id.';
COMMENT ON COLUMN audit.commits.is_dirty IS 'True while something this transaction wrote has not been proved.';

CREATE TABLE audit.guarded_tables (
    table_name name NOT NULL,
    kind text NOT NULL,
    CONSTRAINT guarded_tables_pkey PRIMARY KEY (table_name),
    CONSTRAINT guarded_tables_kind_check CHECK (kind IN ('immutable', 'mutable'))
);
COMMENT ON TABLE audit.guarded_tables IS 'Tables of schema app whose every row is proof: immutable ones are their own history, mutable ones have one in audit.<table>_history. Written by migrations.';
COMMENT ON COLUMN audit.guarded_tables.table_name IS 'Name in schema app.';
COMMENT ON COLUMN audit.guarded_tables.kind IS 'immutable or mutable.';

-- A plan made while the table was small would read all of it later.
CREATE OR REPLACE FUNCTION audit.mark() RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = '' SET enable_seqscan = off
AS $$
DECLARE
    v_user_id uuid;
BEGIN
    -- The start time tells this transaction from an earlier one with the same number, as after a restore.
    SELECT c.user_id INTO v_user_id FROM audit.commits AS c
    WHERE c.tx = app.tx() AND c.is_dirty AND c.started_at = pg_catalog.now();
    IF v_user_id IS NULL THEN
        INSERT INTO audit.commits AS c (user_id, login_name, role_name, reason, request_id)
        VALUES (app.actor_id(), session_user, pg_catalog.current_setting('role'),
            nullif(pg_catalog.current_setting('app.reason', true), ''),
            nullif(pg_catalog.current_setting('app.request_id', true), ''))
        ON CONFLICT (tx) DO UPDATE SET is_dirty = true WHERE c.started_at = excluded.started_at
        RETURNING c.user_id INTO v_user_id;
    END IF;
    IF v_user_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'ST021', MESSAGE = 'number of this transaction was used before',
            DETAIL = pg_catalog.format('got %s', app.tx()),
            HINT = 'After a restore the owner runs audit.start_epoch() before anybody writes.';
    END IF;
    RETURN v_user_id;
END
$$;
COMMENT ON FUNCTION audit.mark() IS 'Makes or dirties this transaction''s row in audit.commits and gives its acting user. Refuses a write without a known actor (PM001, PM002) and a transaction number that was used before (ST021).';

CREATE OR REPLACE FUNCTION audit.mark_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM audit.mark();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.mark_commit() IS 'Statement trigger of every immutable table: marks the row of this transaction in audit.commits. Raises what audit.mark() raises.';

CREATE OR REPLACE FUNCTION app.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'RL002',
        MESSAGE = pg_catalog.format('rows of %I.%I are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME),
        DETAIL = pg_catalog.format('refused %s', TG_OP),
        HINT = 'Write a new row: a correction makes a new revision, a decision a new event.';
END
$$;
COMMENT ON FUNCTION app.refuse_change() IS 'Statement trigger of immutable tables and of TRUNCATE on mutable ones: raises RL002.';

CREATE OR REPLACE FUNCTION audit.guard_immutable(p_table regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_name name := (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = p_table);
BEGIN
    INSERT INTO audit.guarded_tables (table_name, kind) VALUES (v_name, 'immutable');
    -- NOT VALID: a dump restores its rows before the check is there, new rows are checked all the same.
    EXECUTE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (created_tx = app.tx()) NOT VALID',
        p_table, v_name || '_created_tx_check');
    EXECUTE pg_catalog.format('CREATE OR REPLACE TRIGGER t10_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change()', p_table);
    EXECUTE pg_catalog.format('CREATE OR REPLACE TRIGGER t90_mark AFTER INSERT ON %s
        FOR EACH STATEMENT EXECUTE FUNCTION audit.mark_commit()', p_table);
    EXECUTE pg_catalog.format('ALTER TABLE %1$s ENABLE ALWAYS TRIGGER t10_immutable, ENABLE ALWAYS TRIGGER t90_mark',
        p_table);
    EXECUTE pg_catalog.format('COMMENT ON TRIGGER t10_immutable ON %s IS %L', p_table,
        'Refuses every UPDATE, DELETE and TRUNCATE, of every role and in replica mode.');
    EXECUTE pg_catalog.format('COMMENT ON TRIGGER t90_mark ON %s IS %L', p_table,
        'Dirties the row of this transaction so that its commit proves what was written.');
    -- Rows it holds already were written by this migration, before its triggers were there.
    EXECUTE pg_catalog.format('SELECT audit.mark() FROM %s LIMIT 1', p_table);
    -- Seals and instants read rows by transaction; a BRIN index costs inserts nothing.
    IF NOT EXISTS (
        SELECT FROM pg_catalog.pg_index AS i
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = p_table AND a.attname = 'created_tx')
    THEN
        EXECUTE pg_catalog.format('CREATE INDEX %I ON %s USING brin (created_tx)
            WITH (pages_per_range = 32, autosummarize = on)', v_name || '_created_tx_idx', p_table);
    END IF;
END
$$;
COMMENT ON FUNCTION audit.guard_immutable(regclass) IS 'For migrations: makes a table of schema app with a column created_tx insert-only for everybody, lets its rows carry only the number of the transaction that writes them, and has each commit proved and sealed, the one that made the table included.';

SELECT app.pin_entry_points();

COMMIT;
