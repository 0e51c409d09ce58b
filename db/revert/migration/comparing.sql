-- Removes comparing.

BEGIN;

DROP FUNCTION app.compare_entries(uuid, app.old_results, text, jsonb, app.activity_entry[], jsonb, boolean);
DROP FUNCTION app.run_figures(app.compared_side, app.compared_side, uuid);
DROP FUNCTION app.write_run(app.parallel_runs, app.old_results, app.found_difference[], jsonb);
DROP FUNCTION app.told_value(text);
DROP FUNCTION app.count_alike(uuid, app.found_difference[], app.alike_values[]);
DROP FUNCTION app.corrected_values(app.receipt_pair[], app.compared_receipt[]);
DROP FUNCTION app.judge_sources(uuid, app.old_results);
DROP FUNCTION app.refuse_other_month(app.compared_side, app.compared_side);
DROP FUNCTION app.shape_of(app.compared_receipt[]);
DROP FUNCTION app.read_old_file(text);
DROP FUNCTION app.with_numbers(jsonb);

COMMIT;
