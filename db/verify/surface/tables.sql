-- The tables of the surface are guarded and private; every change of them is another number.

BEGIN;

DO $$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['surface_operations', 'surface_filters', 'surface_orders', 'surface_parents', 'terms'] LOOP
        IF NOT EXISTS (SELECT FROM audit.guarded_tables AS g WHERE g.table_name = v_table AND g.kind = 'mutable')
            OR NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = ('app.' || v_table)::regclass
                           AND t.tgname = 't50_renew' AND t.tgenabled = 'A')
            OR has_table_privilege('ccp_admin', 'app.' || v_table, 'SELECT, INSERT, UPDATE, DELETE')
        THEN
            RAISE EXCEPTION 'table % is not guarded, not private, or does not renew the surface', v_table;
        END IF;
    END LOOP;
    IF (SELECT count(*) FROM app.surface_number) <> 1 THEN
        RAISE EXCEPTION 'the surface has no number';
    END IF;
    IF NOT has_table_privilege('ccp_read_only', 'report.surface_number', 'SELECT')
        OR NOT has_function_privilege('ccp_read_only', 'report.name_patterns(text)', 'EXECUTE')
        OR has_function_privilege('ccp_admin', 'app.renew_surface()', 'EXECUTE')
        OR has_function_privilege('ccp_admin', 'app.note_surface_change()', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'rights of the surface are not as they should be';
    END IF;
END
$$;

ROLLBACK;
