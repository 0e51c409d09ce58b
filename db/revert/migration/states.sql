-- Removes: the state of the cut-over, and what is refused in it.

BEGIN;

DROP FUNCTION app.has_lost_jobs();
DROP TRIGGER t10_held ON app.issue_events;
DROP TRIGGER t10_held ON app.accounting_batches;
DROP TRIGGER t10_held ON app.month_events;
DROP TRIGGER t10_held ON app.match_decisions;
DROP TRIGGER t10_held ON app.corrections;
DROP FUNCTION app.keep_held_issues();
DROP FUNCTION app.keep_held();
DROP FUNCTION app.refuse_held_call(text);
DROP FUNCTION app.refuse_old_import();
DROP FUNCTION app.describe_cutover();
DROP FUNCTION app.cutover_state();
DROP FUNCTION app.newest_cutover();
SELECT audit.forget_table('app.cutover_events');
DROP TABLE app.cutover_events;
SELECT audit.forget_table('app.cutover_decisions');
DROP TABLE app.cutover_decisions;
SELECT audit.forget_table('app.cutover_proposals');
DROP TABLE app.cutover_proposals;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('run_cutover_checks', 'sign_cutover_check', 'propose_cutover_step',
    'propose_check_waiver', 'confirm_cutover', 'reject_cutover', 'roll_back_cutover', 'run_cutover_day');

COMMIT;
