-- Migration: comparing.

BEGIN;

SELECT app.expect_objects($$
function app.compare_entries(uuid, app.old_results, text, jsonb, app.activity_entry[], jsonb, boolean)
function app.corrected_values(app.receipt_pair[], app.compared_receipt[])
function app.count_alike(uuid, app.found_difference[], app.alike_values[])
function app.judge_sources(uuid, app.old_results)
function app.read_old_file(text)
function app.refuse_other_month(app.compared_side, app.compared_side)
function app.run_figures(app.compared_side, app.compared_side, uuid)
function app.shape_of(app.compared_receipt[])
function app.told_value(text)
function app.with_numbers(jsonb)
function app.write_run(app.parallel_runs, app.old_results, app.found_difference[], jsonb)
$$);

ROLLBACK;
