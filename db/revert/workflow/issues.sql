-- Removes the steps of issues.

BEGIN;

DROP FUNCTION app.step_issue(text, uuid, integer, text, text, text, text);
DROP FUNCTION app.judge_step(text, uuid, integer, text, text, text);
DROP FUNCTION app.take_steps(text, app.issue_item[], uuid, text);
DROP FUNCTION app.judge_steps(text, app.issue_item[]);
DROP TYPE app.issue_item;
SELECT audit.forget_table('app.issue_steps');
DROP TABLE app.issue_steps;

COMMIT;
