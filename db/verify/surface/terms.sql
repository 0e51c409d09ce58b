-- Every term that points to a closed list finds it.

BEGIN;

DO $$
DECLARE
    v_fault text := (SELECT string_agg(f.fault, '; ') FROM app.surface_faults() AS f WHERE f.operation IS NULL);
BEGIN
    IF v_fault IS NOT NULL THEN
        RAISE EXCEPTION 'terms of the surface: %', v_fault;
    END IF;
END
$$;

ROLLBACK;
