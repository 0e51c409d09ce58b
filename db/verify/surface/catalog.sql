-- The surface can be read by people, its faults by the owner alone.

BEGIN;

DO $$
DECLARE
    v_view text;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['closed_lists', 'listed_columns', 'surface_sources', 'surface_arguments',
        'surface_columns', 'surface_parameters', 'surface_keys']
    LOOP
        IF has_table_privilege('ccp_admin', 'app.' || v_view, 'SELECT') THEN
            RAISE EXCEPTION 'view % is not private', v_view;
        END IF;
    END LOOP;
    IF NOT has_function_privilege('ccp_read_only', 'report.surface()', 'EXECUTE')
        OR NOT has_table_privilege('ccp_read_only', 'report.terms', 'SELECT')
        OR has_function_privilege('ccp_admin', 'app.surface_faults()', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'rights of the surface are not as they should be';
    END IF;
END
$$;

ROLLBACK;
