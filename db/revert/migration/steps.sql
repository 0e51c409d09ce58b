-- Removes: two people, and the way back.

BEGIN;

DROP FUNCTION api.roll_back_cutover(text, text);
DROP FUNCTION api.reject_cutover(uuid, text, text);
DROP FUNCTION api.confirm_cutover(uuid, text, text);
DROP FUNCTION app.lock_proposal(uuid, boolean);
DROP FUNCTION app.take_step(app.cutover_steps, uuid, text);
DROP FUNCTION api.propose_check_waiver(text, text, date, text);
DROP FUNCTION api.propose_cutover_step(text, text, text);
DROP FUNCTION app.propose_cutover(text, text, text, date);
DROP FUNCTION app.judge_step(text);
DROP VIEW report.cutover_events;
DROP VIEW report.cutover_proposals;

COMMIT;
