-- What the catalog says is private, the words are public.

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
    IF NOT has_table_privilege('ccp_read_only', 'report.terms', 'SELECT') THEN
        RAISE EXCEPTION 'the terms cannot be read';
    END IF;
END
$$;

ROLLBACK;
