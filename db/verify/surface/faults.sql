-- The surface can be read by people, its faults by the owner alone.

BEGIN;

DO $$
BEGIN
    IF NOT has_function_privilege('ccp_read_only', 'report.surface()', 'EXECUTE')
        OR has_function_privilege('ccp_admin', 'app.surface_faults()', 'EXECUTE')
    THEN
        RAISE EXCEPTION 'rights of the surface are not as they should be';
    END IF;
END
$$;

ROLLBACK;
