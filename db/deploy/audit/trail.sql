-- The audit trail: one row per change of a mutable table, built over all histories.
-- requires: audit/history

BEGIN;

CREATE OR REPLACE FUNCTION report.changed_fields(p_old jsonb, p_new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_object_agg(key, jsonb_build_object('old', o.value, 'new', n.value))
    FROM jsonb_each(coalesce(p_old, '{}')) AS o FULL JOIN jsonb_each(coalesce(p_new, '{}')) AS n USING (key)
    WHERE coalesce(o.value, 'null') <> coalesce(n.value, 'null') AND NOT starts_with(key, 'audit_');
END;
COMMENT ON FUNCTION report.changed_fields(jsonb, jsonb) IS 'Fields in which two rows differ, each with its old and its new value; null when they are alike. A missing row has only nulls.';
GRANT EXECUTE ON FUNCTION report.changed_fields(jsonb, jsonb) TO ccp_admin, ccp_auditor;

CREATE OR REPLACE FUNCTION report.is_bookkeeping(p_operation text, p_changes jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p_operation = 'update' AND coalesce(p_changes, '{}') - ARRAY['changed_tx', 'current_revision_id',
        'current_revision_number', 'employee_revision_id', 'transaction_id', 'charge_id', 'rule_version', 'natural_key',
        'position', 'page_number', 'receipt_key'] = '{}';
END;
COMMENT ON FUNCTION report.is_bookkeeping(text, jsonb) IS 'Whether a change moved only what the database keeps for itself: the revision, receipt or charge a row points to, where a receipt stands. Rows that are new or gone are none.';
GRANT EXECUTE ON FUNCTION report.is_bookkeeping(text, jsonb) TO ccp_admin, ccp_auditor;

CREATE OR REPLACE FUNCTION audit.row_text(p_table regclass, p_alias text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    -- Bytes in JSON are written in the style of the session: here always in hex.
    SELECT 'pg_catalog.to_jsonb(' || p_alias || ')' || coalesce(string_agg(format(
            ' || pg_catalog.jsonb_build_object(%L, ''\x'' || pg_catalog.encode(%s.%I, ''hex''))', a.attname, p_alias, a.attname), ''
            ORDER BY a.attnum), '')
    FROM pg_catalog.pg_attribute AS a
    WHERE a.attrelid = p_table AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype;
END;
COMMENT ON FUNCTION audit.row_text(regclass, text) IS 'SQL text of a row of a table, or of its history, as jsonb that is the same in all settings, but for the offset in which an instant is written.';

CREATE OR REPLACE FUNCTION audit.trail_of(p_table name) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_base regclass := pg_catalog.format('app.%I', p_table)::regclass;
    v_keys name[] := audit.key_columns(v_base);
    v_columns name[] := (SELECT pg_catalog.array_agg(a.attname) FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = v_base AND a.attnum > 0 AND NOT a.attisdropped);
    -- Who has a pseudonym is for auditors alone, who read the history itself.
    v_apart text := CASE WHEN p_table = 'pseudonyms' THEN ' - ''{cardholder_id,spellings,employee_ids,cards,patterns}''::text[]' ELSE '' END;
    v_key_is_uuid boolean := (SELECT a.atttypid = 'uuid'::regtype FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = v_base AND a.attname = v_keys[1]) AND pg_catalog.cardinality(v_keys) = 1;
BEGIN
    -- Columns a table does not have are typed nulls, so that a search by them skips the table.
    RETURN pg_catalog.format('SELECT h.audit_seq AS change_number, h.audit_tx AS tx, h.audit_at AS changed_at,
        %L::text AS table_name, h.audit_operation AS operation, %s AS object_id,
        pg_catalog.concat_ws('','', %s) COLLATE "C" AS object_key, %s AS session_id, %s AS cardholder_id,
        h.audit_actor AS user_id, u.user_name, h.audit_login AS login_name, h.audit_role AS role_name,
        h.audit_reason AS reason, h.audit_request_id AS request_id,
        d.changes, report.is_bookkeeping(h.audit_operation, d.changes) AS is_bookkeeping
    FROM audit.%I AS h
    LEFT JOIN app.users AS u ON u.user_id = h.audit_actor
    LEFT JOIN LATERAL (
        SELECT %s AS old_row FROM audit.%I AS o
        WHERE ROW(%s) = ROW(%s) AND o.audit_seq < h.audit_seq
        ORDER BY o.audit_seq DESC LIMIT 1) AS p ON h.audit_operation = ''update''
    -- Compared once, though it is asked for twice.
    CROSS JOIN LATERAL (
        SELECT report.changed_fields(
            CASE h.audit_operation WHEN ''delete'' THEN %s WHEN ''update'' THEN p.old_row END,
            CASE WHEN h.audit_operation <> ''delete'' THEN %s END) AS changes
        OFFSET 0) AS d',
        p_table,
        CASE WHEN v_key_is_uuid THEN pg_catalog.format('h.%I', v_keys[1]) ELSE 'NULL::uuid' END,
        -- As values are written in JSON, whatever the style of dates of who reads.
        (SELECT pg_catalog.string_agg(pg_catalog.format(
                CASE WHEN a.atttypid IN ('date'::regtype, 'timestamptz'::regtype)
                    THEN 'pg_catalog.to_jsonb(h.%I) #>> ''{}''' ELSE 'h.%I' END, a.attname), ', '
                ORDER BY pg_catalog.array_position(v_keys, a.attname))
         FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = v_base AND a.attname = ANY (v_keys)),
        CASE WHEN 'session_id' = ANY (v_columns) THEN 'h.session_id' ELSE 'NULL::uuid' END,
        CASE WHEN 'cardholder_id' = ANY (v_columns) AND v_apart = '' THEN 'h.cardholder_id' ELSE 'NULL::uuid' END,
        p_table || '_history', audit.row_text(v_base, 'o') || v_apart, p_table || '_history',
        audit.name_list(v_keys, 'o.%I'), audit.name_list(v_keys, 'h.%I'),
        audit.row_text(v_base, 'h') || v_apart, audit.row_text(v_base, 'h') || v_apart);
END
$$;
COMMENT ON FUNCTION audit.trail_of(name) IS 'SQL text of the audit trail of one mutable table.';

CREATE OR REPLACE FUNCTION audit.trail_text() RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT 'CREATE OR REPLACE VIEW report.audit_trail AS ' || string_agg(b.branch, ' UNION ALL ' ORDER BY b.name)
    FROM (
        SELECT g.table_name AS name, audit.trail_of(g.table_name) AS branch
        FROM audit.guarded_tables AS g WHERE g.kind = 'mutable'
        UNION ALL
        SELECT c.relname, pg_catalog.format('SELECT t.* FROM audit.%I AS t', c.relname)
        FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = 'audit'::regnamespace AND c.relkind = 'v' AND c.relname ^@ 'trail_') AS b;
END;
COMMENT ON FUNCTION audit.trail_text() IS 'SQL text of the view report.audit_trail; null when there is nothing to show.';

CREATE OR REPLACE FUNCTION audit.build_trail() RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_column record;
BEGIN
    IF audit.trail_text() IS NULL THEN
        DROP VIEW IF EXISTS report.audit_trail;
        RETURN;
    END IF;
    EXECUTE audit.trail_text();
    -- Made anew it shows names; what covers them comes later in the plan.
    IF pg_catalog.to_regprocedure('app.cover_names()') IS NOT NULL THEN
        PERFORM app.cover_names();
    END IF;
    COMMENT ON VIEW report.audit_trail IS 'Who changed what, when and why: one row per change, with the old and new value of each field that changed. Search by object_id, session_id, cardholder_id, user_id, or by changed_at between two instants: without an upper end all later changes are read, whatever the LIMIT.';
    FOR v_column IN SELECT * FROM (VALUES
        ('change_number', 'Order of the changes; null for a row of an immutable table.'),
        ('tx', 'Number of the writing transaction.'),
        ('changed_at', 'When.'),
        ('table_name', 'Table of schema app.'),
        ('operation', 'insert, update or delete.'),
        ('object_id', 'Key of the row, where that is one id; else null.'),
        ('object_key', 'Key of the row as text, parts joined by commas.'),
        ('session_id', 'The session, where the row belongs to one.'),
        ('cardholder_id', 'The person, where the row belongs to one.'),
        ('user_id', 'Acting user.'),
        ('user_name', 'Name of the acting user.'),
        ('login_name', 'Database login.'),
        ('role_name', 'Role in force, or none.'),
        ('reason', 'Why, as the acting user said.'),
        ('request_id', 'Request id of the call.'),
        ('changes', 'By field: old and new value.'),
        ('is_bookkeeping', 'True: all that changed is which revision, receipt or charge the row points to, or where a receipt stands, and no version: nothing that people said, decided or see.')) AS v (name, description)
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON COLUMN report.audit_trail.%I IS %L', v_column.name, v_column.description);
    END LOOP;
    GRANT SELECT ON report.audit_trail TO ccp_admin, ccp_auditor;
END
$$;
COMMENT ON FUNCTION audit.build_trail() IS 'Makes report.audit_trail over the histories of all mutable tables and the views audit.trail_….';

COMMIT;
