-- Removes lists of users.

BEGIN;

DROP FUNCTION api.save_users(jsonb, boolean, text);
DROP FUNCTION app.judge_users(jsonb);
DROP TYPE app.listed_user;
DROP FUNCTION app.answer_rows(report.row_answer[], boolean);
DROP FUNCTION app.list_faults(jsonb, app.member[]);
DROP FUNCTION app.refuse_list(text, jsonb);
DROP TYPE report.rows_answer;
DROP TYPE report.row_answer;
DELETE FROM app.settings WHERE setting_name = 'list_max_rows';

COMMIT;
