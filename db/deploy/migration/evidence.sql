-- What the functions of the checks look at, one view for each source.
-- requires: migration/states
-- requires: migration/runs
-- requires: migration/history

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
SELECT m.month_name, s.session_name, g.note, g.note IS NOT NULL OR (p.file_car_total = p.month_car_total
        AND p.file_receipt_total = p.month_receipt_total) AS has_totals, g.note IS NOT NULL OR p.is_exact AS is_exact
FROM app.kept_digests AS d
JOIN app.processing_sessions AS s ON s.session_id = d.session_id AND s.status = 'completed'
JOIN app.months AS m ON m.month_id = s.month_id AND m.state = 'closed'
LEFT JOIN LATERAL (
    SELECT x.kind, x.note, x.proof FROM app.history_signatures AS x
    WHERE x.session_id = s.session_id ORDER BY x.signature_number DESC LIMIT 1
) AS w ON true
-- What was withdrawn says nothing.
LEFT JOIN LATERAL (SELECT w.note, w.proof WHERE w.kind = 'signed') AS g ON true
CROSS JOIN LATERAL jsonb_to_record(coalesce(g.proof, '{}')) AS p (file_car_total numeric, month_car_total numeric,
    file_receipt_total numeric, month_receipt_total numeric, is_exact boolean)
WHERE NOT EXISTS (SELECT FROM app.processing_sessions AS c WHERE c.parent_session_id = s.session_id AND c.status = 'completed');
COMMENT ON VIEW app.cutover_history IS 'Old files that became what counts of closed months, by the figures that were signed: whether totals tie and the file comes out again value for value, or whoever signed noted why not. Whether the figures are still these says report.history_proof.';
COMMENT ON COLUMN app.cutover_history.has_totals IS 'Whether both totals are those of the file, or it is noted why not; null: not signed.';
COMMENT ON COLUMN app.cutover_history.is_exact IS 'Whether the file comes out again value for value, or it is noted why not; null: not signed.';
COMMENT ON COLUMN app.cutover_history.note IS 'What was noted with the signature.';
SELECT app.describe_columns('app.cutover_history', 'app.processing_sessions');
SELECT app.describe_columns('app.cutover_history', 'app.months');

COMMIT;
