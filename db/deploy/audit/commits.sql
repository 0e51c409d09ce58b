-- One row per writing transaction, and the list of guarded tables.
-- requires: foundation/users
-- requires: foundation/settings
-- requires: foundation/card_numbers

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
    CONSTRAINT commits_reason_check CHECK (length(reason) <= 4000),
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
SELECT audit.guard_texts('audit.commits');

CREATE TABLE audit.guarded_tables (
    table_name name NOT NULL,
    kind text NOT NULL,
    reason text,
    CONSTRAINT guarded_tables_pkey PRIMARY KEY (table_name),
    CONSTRAINT guarded_tables_kind_check CHECK (kind IN ('immutable', 'mutable', 'working', 'free', 'log')),
    CONSTRAINT guarded_tables_reason_check CHECK ((kind IN ('working', 'free')) = (reason IS NOT NULL))
);
COMMENT ON TABLE audit.guarded_tables IS 'How every table of schema app is guarded, see audit.guard; a test refuses one that is not here. Rows of immutable and mutable ones are proof. Written by migrations.';
COMMENT ON COLUMN audit.guarded_tables.table_name IS 'Name in schema app; of a log in schema audit.';
COMMENT ON COLUMN audit.guarded_tables.kind IS 'immutable: its own history; mutable: with one in audit.<table>_history; working: rows may go, but somebody known writes them; free: no guard; log: of schema audit, insert-only.';
COMMENT ON COLUMN audit.guarded_tables.reason IS 'Why the rows of a working or free table prove nothing.';
SELECT audit.guard_texts('audit.guarded_tables');

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
        IF pg_catalog.current_setting('app.request_id', true) <> '' THEN
            PERFORM app.refuse_card_number(pg_catalog.current_setting('app.request_id', true), 'request_id');
        END IF;
        INSERT INTO audit.commits AS c (user_id, login_name, role_name, reason, request_id)
        VALUES (app.actor_id(), session_user, pg_catalog.current_setting('role'),
            app.hide_card_numbers(nullif(pg_catalog.current_setting('app.reason', true), '')),
            nullif(pg_catalog.current_setting('app.request_id', true), ''))
        ON CONFLICT (tx) DO UPDATE SET is_dirty = true WHERE c.started_at = excluded.started_at
        RETURNING c.user_id INTO v_user_id;
    END IF;
    IF v_user_id IS NULL THEN
        PERFORM app.fail('ST021', NULL, NULL, app.tx()::text);
    END IF;
    RETURN v_user_id;
END
$$;
COMMENT ON FUNCTION audit.mark() IS 'Makes or dirties this transaction''s row in audit.commits and gives its acting user. Refuses a write without a known actor (PM001, PM002), a request id that holds a card number (IV018), a transaction that keeps one snapshot (IV008) and a transaction number that was used before (ST021).';

CREATE OR REPLACE FUNCTION audit.mark_commit() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = '' SET enable_seqscan = off
AS $$
BEGIN
    -- As in audit.mark(), which most statements of a transaction need not be asked for.
    IF NOT EXISTS (SELECT FROM audit.commits AS c
                   WHERE c.tx = app.tx() AND c.is_dirty AND c.started_at = pg_catalog.now())
    THEN
        PERFORM audit.mark();
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION audit.mark_commit() IS 'Statement trigger of every immutable table: marks the row of this transaction in audit.commits. Raises what audit.mark() raises.';

CREATE OR REPLACE FUNCTION app.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = ''
AS $$
BEGIN
    PERFORM app.fail('RL002', NULL, 'new rows',
        pg_catalog.format('%s of %I.%I', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.refuse_change() IS 'Statement trigger of immutable tables and of TRUNCATE on mutable ones: raises RL002.';

SELECT app.pin_entry_points();

COMMIT;
