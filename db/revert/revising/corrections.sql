-- Removes corrections.

BEGIN;

DROP FUNCTION api.correct_transactions(uuid, jsonb, text, text);
DROP TYPE report.correction_answer;

DROP FUNCTION app.check_corrections(uuid, jsonb);
DROP TRIGGER t20_apply ON api.current_transactions;
DROP TRIGGER t10_note ON api.current_transactions;
DROP FUNCTION app.apply_corrections();
DROP FUNCTION app.check_wishes();
DROP FUNCTION app.apply_wishes(text, text);
DROP FUNCTION app.wished_ids(boolean);
DROP FUNCTION app.correct_content(app.receipt_contents, jsonb);
DROP FUNCTION app.note_correction();
DROP FUNCTION app.clean_wish(jsonb);
DROP FUNCTION app.correctable_members();
SELECT audit.forget_table('app.correction_wishes');
DROP TABLE app.correction_wishes;
DROP VIEW api.current_transactions;

COMMIT;
