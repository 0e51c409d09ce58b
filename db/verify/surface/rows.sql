-- Every operation fits the catalog.

BEGIN;

DO $$
DECLARE
    v_fault text := (SELECT string_agg(concat_ws(': ', f.operation, f.fault), '; ' ORDER BY f.operation, f.fault)
                     FROM app.surface_faults() AS f);
BEGIN
    IF v_fault IS NOT NULL THEN
        RAISE EXCEPTION 'faults of the surface: %', v_fault;
    END IF;
END
$$;

ROLLBACK;
