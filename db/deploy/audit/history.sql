-- Typed history of mutable tables: one table each in schema audit, and how it follows its table.
-- requires: audit/commits

BEGIN;

CREATE SEQUENCE audit.change_number AS bigint;
COMMENT ON SEQUENCE audit.change_number IS 'Numbers of changes over all histories. Never cached: the changes of one row must rise in the order in which they were made.';

CREATE TABLE audit.renamed_columns (
    rename_number bigint GENERATED ALWAYS AS IDENTITY,
    relation_name text NOT NULL,
    old_name name NOT NULL,
    new_name name NOT NULL,
    renamed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT renamed_columns_pkey PRIMARY KEY (rename_number)
);
COMMENT ON TABLE audit.renamed_columns IS 'Columns that were renamed, so that older seals can be verified. A wrong row here makes verification fail, never succeed.';
COMMENT ON COLUMN audit.renamed_columns.rename_number IS 'Order of the renames.';
COMMENT ON COLUMN audit.renamed_columns.relation_name IS 'Schema and name of the sealed relation.';
COMMENT ON COLUMN audit.renamed_columns.old_name IS 'Name before.';
COMMENT ON COLUMN audit.renamed_columns.new_name IS 'Name after.';
COMMENT ON COLUMN audit.renamed_columns.renamed_at IS 'When.';

CREATE OR REPLACE FUNCTION audit.key_columns(p_table regclass) RETURNS name[]
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT array_agg(a.attname ORDER BY k.position)
    FROM pg_catalog.pg_index AS i
    CROSS JOIN LATERAL unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (attnum, position)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = p_table AND i.indisprimary;
END;
COMMENT ON FUNCTION audit.key_columns(regclass) IS 'Columns of the primary key in order; null without one.';

CREATE OR REPLACE FUNCTION audit.name_list(p_names name[], p_format text DEFAULT '%I') RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT string_agg(pg_catalog.format(p_format, n.name), ', ' ORDER BY n.position)
    FROM unnest(p_names) WITH ORDINALITY AS n (name, position);
END;
COMMENT ON FUNCTION audit.name_list(name[], text) IS 'Names as a list for SQL text, each in the given format.';

CREATE OR REPLACE FUNCTION audit.history_of(p_table regclass) RETURNS name
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT (c.relname || '_history')::name FROM pg_catalog.pg_class AS c WHERE c.oid = p_table;
END;
COMMENT ON FUNCTION audit.history_of(regclass) IS 'Name in schema audit of the history of a table.';

CREATE OR REPLACE FUNCTION audit.create_history(p_table regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_history name := audit.history_of(p_table);
    v_keys name[] := audit.key_columns(p_table);
    v_list name[];
BEGIN
    -- Tables only: LIKE would bring NOT NULL of columns that may be dropped later, and defaults nobody uses.
    EXECUTE pg_catalog.format('CREATE TABLE audit.%I (
        %s,
        audit_seq bigint NOT NULL,
        audit_tx bigint NOT NULL,
        audit_at timestamptz NOT NULL,
        audit_operation text NOT NULL,
        audit_actor uuid NOT NULL,
        audit_login text NOT NULL,
        audit_role text NOT NULL,
        audit_reason text,
        audit_request_id text,
        CONSTRAINT %I PRIMARY KEY (%s, audit_seq)
    )',
        v_history,
        (SELECT pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname,
                pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
         FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped),
        v_history || '_pkey', audit.name_list(v_keys));
    EXECUTE pg_catalog.format('CREATE INDEX ON audit.%I USING brin (audit_tx, audit_at)
        WITH (pages_per_range = 32, autosummarize = on)', v_history);
    EXECUTE pg_catalog.format('CREATE INDEX ON audit.%I (audit_actor)', v_history);
    -- By session and person together: looked up for each person of a session, two indexes would read both whole.
    FOR v_list IN
        SELECT f.names[n.n:]
        FROM (SELECT pg_catalog.array_agg(a.attname ORDER BY a.attname DESC) AS names FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = p_table AND a.attname IN ('session_id', 'cardholder_id')) AS f
        CROSS JOIN LATERAL pg_catalog.generate_subscripts(f.names, 1) AS n (n)
        WHERE f.names[n.n] <> v_keys[1]
    LOOP
        EXECUTE pg_catalog.format('CREATE INDEX ON audit.%I (%s)', v_history, audit.name_list(v_list));
    END LOOP;
    PERFORM audit.guard(pg_catalog.format('audit.%I', v_history)::regclass, 'history');
    PERFORM audit.describe_history(p_table);
END
$$;
COMMENT ON FUNCTION audit.create_history(regclass) IS 'Makes the history of a table: its columns and the nine of the audit. One plain table: nothing is ever dropped by month, and readers by key, session or tick would open every partition.';

CREATE OR REPLACE FUNCTION audit.describe_history(p_table regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_history regclass := pg_catalog.format('audit.%I', audit.history_of(p_table))::regclass;
    v_column record;
BEGIN
    EXECUTE pg_catalog.format('COMMENT ON TABLE %s IS %L', v_history,
        pg_catalog.format('Every row that %s ever had: its new values, its last ones on delete, with who, when and why. Written by triggers only.', p_table));
    PERFORM app.describe_columns(v_history, p_table);
    FOR v_column IN SELECT * FROM (VALUES
        ('audit_seq', 'Number of the change, over all histories.'),
        ('audit_tx', 'Number of the writing transaction.'),
        ('audit_at', 'When the change was made.'),
        ('audit_operation', 'insert, update or delete.'),
        ('audit_actor', 'Acting user.'),
        ('audit_login', 'Database login.'),
        ('audit_role', 'Role in force, or none.'),
        ('audit_reason', 'Why, from the setting app.reason.'),
        ('audit_request_id', 'Request id, from the setting app.request_id.')) AS v (name, description)
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L', v_history, v_column.name, v_column.description);
    END LOOP;
END
$$;
COMMENT ON FUNCTION audit.describe_history(regclass) IS 'Gives a history the comments of its table.';

GRANT USAGE ON SCHEMA audit TO ccp_worker, ccp_admin;

COMMIT;
