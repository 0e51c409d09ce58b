-- As of an instant: each report view again with the rows a tick saw, generated from the view's own text.
-- requires: audit/ticks

BEGIN;

CREATE OR REPLACE FUNCTION audit.seen_text(p_column text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    -- Most rows are decided by the two bounds; the mask takes the epoch off.
    SELECT format('(%1$s < tick.floor_tx OR (%1$s < tick.ceiling_tx
        AND pg_catalog.txid_visible_in_snapshot(%1$s & 281474976710655, tick.snapshot)))', p_column);
END;
COMMENT ON FUNCTION audit.seen_text(text) IS 'SQL condition: the transaction number in a column was visible at the tick.';

CREATE OR REPLACE FUNCTION audit.table_as_of_text(p_table name) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_base regclass := pg_catalog.format('app.%I', p_table)::regclass;
    v_history name := audit.history_of(v_base);
    v_columns name[] := (SELECT pg_catalog.array_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute AS a
        WHERE a.attrelid = v_base AND a.attnum > 0 AND NOT a.attisdropped);
    v_keys name[] := audit.key_columns(v_base);
BEGIN
    IF EXISTS (SELECT FROM audit.guarded_tables AS g WHERE g.table_name = p_table AND g.kind = 'immutable') THEN
        RETURN pg_catalog.format('(SELECT i.* FROM %s AS i WHERE %s)', v_base, audit.seen_text('i.created_tx'));
    END IF;
    -- The newest version seen. Conditions on any column of h reach the indexes; OFFSET 0 keeps the look for a newer one
    -- a look by key: as a join it may be one of all versions of a session, or of all there are, with each other.
    RETURN pg_catalog.format('(SELECT %s FROM audit.%I AS h
        WHERE %s AND h.audit_operation <> ''delete''
            AND NOT EXISTS (SELECT FROM audit.%I AS n
                WHERE ROW(%s) = ROW(%s) AND n.audit_seq > h.audit_seq AND %s OFFSET 0))',
        audit.name_list(v_columns, 'h.%I'), v_history, audit.seen_text('h.audit_tx'), v_history,
        audit.name_list(v_keys, 'n.%I'), audit.name_list(v_keys, 'h.%I'), audit.seen_text('n.audit_tx'));
END
$$;
COMMENT ON FUNCTION audit.table_as_of_text(name) IS 'SQL subquery: the rows of a guarded table that the tick saw.';

CREATE OR REPLACE FUNCTION audit.view_as_of_text(p_view regclass) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_text text := pg_catalog.rtrim(pg_catalog.pg_get_viewdef(p_view), ';');
    v_source record;
    v_pattern text;
BEGIN
    -- The server prints every relation of a view with its schema and never a column so.
    FOR v_source IN
        SELECT pg_catalog.format('app.%I', g.table_name) AS name, audit.table_as_of_text(g.table_name) AS replacement
        FROM audit.guarded_tables AS g WHERE g.kind IN ('immutable', 'mutable')
        UNION ALL
        SELECT pg_catalog.format('report.%I', c.relname), pg_catalog.format(
            '(SELECT z.* FROM as_of.%I AS z WHERE z.as_of_tick = tick.tick_number)', c.relname)
        FROM pg_catalog.pg_class AS c WHERE c.relnamespace = 'as_of'::regnamespace
    LOOP
        v_pattern := '(FROM |JOIN |\(|, )' || pg_catalog.replace(v_source.name, '.', '\.');
        IF v_text ~ (v_pattern || '(?! \w| "|\w)') THEN
            PERFORM app.fail('RL005', NULL, 'an alias for each relation',
                pg_catalog.format('view %s, table %s', p_view, v_source.name));
        END IF;
        v_text := pg_catalog.regexp_replace(v_text, v_pattern || ' (?=\w|")',
            '\1' || pg_catalog.replace(v_source.replacement, '\', '\\') || ' ', 'g');
    END LOOP;
    RETURN v_text;
END
$$;
COMMENT ON FUNCTION audit.view_as_of_text(regclass) IS 'The text of a report view with every guarded table replaced by its rows at the tick. Raises RL005 when a relation has no alias.';

CREATE OR REPLACE FUNCTION audit.by_tick_text(p_view regclass) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
BEGIN
    RETURN pg_catalog.format('CREATE OR REPLACE VIEW as_of.%I AS
        SELECT tick.tick_number AS as_of_tick, seen.* FROM audit.ticks AS tick CROSS JOIN LATERAL (%s) AS seen',
        (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = p_view),
        audit.view_as_of_text(p_view));
END
$$;
COMMENT ON FUNCTION audit.by_tick_text(regclass) IS 'SQL text of the view as_of.<view> that holds a report view for every tick.';

CREATE OR REPLACE FUNCTION audit.as_of_text(p_view regclass) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = ''
AS $$
DECLARE
    v_name name := (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = p_view);
BEGIN
    RETURN pg_catalog.format('CREATE OR REPLACE FUNCTION report.%I(p_instant timestamptz) RETURNS SETOF %s
        LANGUAGE sql STABLE
        BEGIN ATOMIC
            SELECT %s FROM as_of.%I AS v
            WHERE v.as_of_tick = (SELECT t.tick_number FROM report.ticks AS t
                WHERE t.instant <= p_instant ORDER BY t.instant DESC LIMIT 1);
        END',
        v_name || '_as_of', p_view,
        (SELECT pg_catalog.string_agg(pg_catalog.format('v.%I', a.attname), ', ' ORDER BY a.attnum)
         FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = p_view AND a.attnum > 0),
        v_name);
END
$$;
COMMENT ON FUNCTION audit.as_of_text(regclass) IS 'SQL text of the function that gives a report view as of an instant.';

CREATE OR REPLACE FUNCTION audit.make_as_of(p_view regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_name name := (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = p_view);
    v_comment text := pg_catalog.obj_description(p_view, 'pg_class');
    v_role regrole;
BEGIN
    EXECUTE audit.by_tick_text(p_view);
    EXECUTE audit.as_of_text(p_view);
    EXECUTE pg_catalog.format('COMMENT ON VIEW as_of.%I IS %L', v_name,
        pg_catalog.format('%s, at every tick: always ask for one as_of_tick. %s', p_view, v_comment));
    EXECUTE pg_catalog.format('COMMENT ON COLUMN as_of.%I.as_of_tick IS %L', v_name,
        'Number of the tick in report.ticks.');
    PERFORM app.describe_columns(pg_catalog.format('as_of.%I', v_name)::regclass, p_view);
    EXECUTE pg_catalog.format('COMMENT ON FUNCTION report.%I(timestamptz) IS %L', v_name || '_as_of',
        pg_catalog.format('%s as it was at the last tick at or before an instant; no row before the first tick. %s',
            p_view, v_comment));
    FOR v_role IN
        SELECT x.grantee::regrole FROM pg_catalog.pg_class AS c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) AS x
        WHERE c.oid = p_view AND x.privilege_type = 'SELECT' AND x.grantee <> c.relowner
    LOOP
        EXECUTE pg_catalog.format('GRANT SELECT ON as_of.%I TO %s', v_name, v_role);
        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION report.%I(timestamptz) TO %s', v_name || '_as_of', v_role);
    END LOOP;
END
$$;
COMMENT ON FUNCTION audit.make_as_of(regclass) IS 'For migrations: gives a report view a function report.<view>_as_of(instant) with the same columns, comments and readers, over a view as_of.<view> with the rows of every tick. A view that reads another report view comes after that one.';

CREATE OR REPLACE FUNCTION audit.forget_as_of(p_view regclass) RETURNS void
LANGUAGE plpgsql VOLATILE
SET search_path = ''
AS $$
DECLARE
    v_name name := (SELECT c.relname FROM pg_catalog.pg_class AS c WHERE c.oid = p_view);
BEGIN
    EXECUTE pg_catalog.format('DROP FUNCTION report.%I(timestamptz)', v_name || '_as_of');
    EXECUTE pg_catalog.format('DROP VIEW as_of.%I', v_name);
END
$$;
COMMENT ON FUNCTION audit.forget_as_of(regclass) IS 'For migrations that change a report view, and reverts: takes away what audit.make_as_of made.';

SELECT app.pin_entry_points('audit.make_as_of(regclass)');

COMMIT;
