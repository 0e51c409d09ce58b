-- Functions that answer the computed checks: objects and who may use them.

BEGIN;

SELECT app.expect_objects($$
function app.check_accuracy()
function app.check_card_numbers()
function app.check_clean_months()
function app.check_frozen_file()
function app.check_history_complete()
function app.check_history_exact()
function app.check_history_totals()
function app.check_meantime()
function app.check_role_matrix()
function app.check_trial_sealed()
function app.check_waiting()
function app.find_results(timestamp with time zone)
type app.cutover_finding (passed, evidence)
$$);

ROLLBACK;
