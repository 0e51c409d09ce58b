-- Records every change of the schema in audit.ddl_events: run by a superuser, any number of times.
--
--   psql -X -v ON_ERROR_STOP=1 -f db/bootstrap_audit.sql DATABASE
--
-- ./run does it by itself. On other servers it is optional: event triggers need a superuser, so a
-- deployment cannot make this one. Without it seals still tell what was altered; with it, also by whom
-- and when, and what was altered and changed back between two seals. Run it after deploying.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

BEGIN;

CREATE OR REPLACE FUNCTION public.ccp_record_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_statement text := pg_catalog.left(pg_catalog.current_query(), 2000);
BEGIN
    IF pg_catalog.to_regclass('audit.ddl_events') IS NULL THEN
        RETURN;
    END IF;
    IF TG_EVENT = 'sql_drop' THEN
        INSERT INTO audit.ddl_events (event, command, object_type, object_name, statement)
        SELECT TG_EVENT, TG_TAG, o.object_type, o.object_identity, v_statement
        FROM pg_catalog.pg_event_trigger_dropped_objects() AS o
        WHERE o.original AND NOT o.is_temporary;
    ELSE
        -- What is off after the command, whatever its text said or hid in a function.
        INSERT INTO audit.ddl_events (event, command, object_type, object_name, statement, triggers_off)
        SELECT TG_EVENT, c.command_tag, c.object_type, c.object_identity, v_statement,
            (SELECT pg_catalog.array_agg(t.tgname ORDER BY t.tgname) FROM pg_catalog.pg_trigger AS t
             WHERE c.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND t.tgrelid = c.objid
                 AND NOT t.tgisinternal AND t.tgenabled IN ('D', 'R'))
        FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
        WHERE c.schema_name IS DISTINCT FROM 'pg_temp' AND c.command_tag <> 'COMMENT';
    END IF;
END
$$;
REVOKE ALL ON FUNCTION public.ccp_record_ddl() FROM PUBLIC;
COMMENT ON FUNCTION public.ccp_record_ddl() IS 'Event trigger function: records changes of the schema in audit.ddl_events, who and when included.';

DROP EVENT TRIGGER IF EXISTS ccp_ddl_end;
DROP EVENT TRIGGER IF EXISTS ccp_ddl_drop;
CREATE EVENT TRIGGER ccp_ddl_end ON ddl_command_end EXECUTE FUNCTION public.ccp_record_ddl();
CREATE EVENT TRIGGER ccp_ddl_drop ON sql_drop EXECUTE FUNCTION public.ccp_record_ddl();
ALTER EVENT TRIGGER ccp_ddl_end ENABLE ALWAYS;
ALTER EVENT TRIGGER ccp_ddl_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER ccp_ddl_end IS 'Records changes of the schema.';
COMMENT ON EVENT TRIGGER ccp_ddl_drop IS 'Records what was dropped.';

COMMIT;
