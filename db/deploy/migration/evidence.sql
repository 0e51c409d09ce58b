-- What the functions of the checks look at, one view for each source.
-- requires: migration/states

BEGIN;

CREATE OR REPLACE VIEW app.cutover_runs AS
SELECT NULL::uuid AS old_result_id, NULL::uuid AS month_id, NULL::text AS month_name, NULL::text AS file_name, NULL::text AS sha256,
    NULL::timestamptz AS handed_in_at, NULL::uuid AS run_id, NULL::text AS verdict, NULL::integer AS roots_unexplained,
    NULL::timestamptz AS compared_at
WHERE false;
COMMENT ON VIEW app.cutover_runs IS 'Old results, each with its newest comparison; without one verdict and run are null.';

CREATE OR REPLACE VIEW app.cutover_clean_months AS
SELECT NULL::text AS programme, NULL::integer AS months_in_a_row WHERE false;
COMMENT ON VIEW app.cutover_clean_months IS 'For each programme how many of its newest months in a row agree in both systems.';

CREATE OR REPLACE VIEW app.cutover_history AS
SELECT NULL::text AS month_name, NULL::text AS file_name, NULL::boolean AS has_all, NULL::boolean AS has_totals, NULL::boolean AS is_exact
WHERE false;
COMMENT ON VIEW app.cutover_history IS 'Old files that became closed months: whether people and receipts are all there, whether totals tie, whether the file comes out again value for value.';

COMMIT;
