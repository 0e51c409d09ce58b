-- Removes: functions that answer the computed checks.

BEGIN;

DROP FUNCTION app.check_role_matrix();
DROP FUNCTION app.check_card_numbers();
DROP FUNCTION app.check_trial_sealed();
DROP FUNCTION app.check_waiting();
DROP FUNCTION app.check_meantime();
DROP FUNCTION app.check_frozen_file();
DROP FUNCTION app.find_results(timestamptz);
DROP FUNCTION app.check_accuracy();
DROP FUNCTION app.check_clean_months();
DROP FUNCTION app.check_history_exact();
DROP FUNCTION app.check_history_totals();
DROP FUNCTION app.check_history_complete();
DROP TYPE app.cutover_finding;

COMMIT;
