-- What the functions of the checks look at, one view for each source.
-- requires: migration/states
-- requires: migration/runs

BEGIN;

CREATE OR REPLACE VIEW app.cutover_runs AS
SELECT o.old_result_id, o.month_id, o.month_name, o.file_name, o.sha256, o.handed_in_at, r.run_id, r.verdict, r.roots_unexplained,
    r.started_at AS compared_at
FROM report.old_results AS o
LEFT JOIN LATERAL (
    SELECT x.run_id, x.verdict, x.roots_unexplained, x.started_at
    FROM app.parallel_runs AS x WHERE x.old_result_id = o.old_result_id ORDER BY x.run_id DESC LIMIT 1
) AS r ON true;
COMMENT ON VIEW app.cutover_runs IS 'Old results, each with its newest comparison; without one verdict and run are null.';
COMMENT ON COLUMN app.cutover_runs.compared_at IS 'When it was compared last.';
SELECT app.describe_columns('app.cutover_runs', 'report.old_results');
SELECT app.describe_columns('app.cutover_runs', 'app.parallel_runs');

CREATE OR REPLACE VIEW app.cutover_clean_months AS
SELECT DISTINCT ON (c.programme) c.programme, c.month_name, c.consecutive AS months_in_a_row
FROM report.clean_months AS c
ORDER BY c.programme, c.period_start DESC;
COMMENT ON VIEW app.cutover_clean_months IS 'For each programme the newest month that was compared, and how many months in a row up to it agree in both systems.';
COMMENT ON COLUMN app.cutover_clean_months.months_in_a_row IS 'Clean months in a row up to it, without gap; 0 when it is not clean itself.';
SELECT app.describe_columns('app.cutover_clean_months', 'report.clean_months');

CREATE OR REPLACE VIEW app.cutover_history AS
SELECT NULL::text AS month_name, NULL::text AS file_name, NULL::boolean AS has_all, NULL::boolean AS has_totals, NULL::boolean AS is_exact
WHERE false;
COMMENT ON VIEW app.cutover_history IS 'Old files that became closed months: whether people and receipts are all there, whether totals tie, whether the file comes out again value for value.';

COMMIT;
