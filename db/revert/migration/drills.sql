-- Removes: what was tried before it was needed.

BEGIN;

DROP FUNCTION api.confirm_drill(uuid, text, text);
DROP FUNCTION api.record_drill(text, timestamptz, timestamptz, boolean, jsonb, text, text, text);
DROP VIEW report.drills;
DROP FUNCTION app.refuse_figures(jsonb);
SELECT audit.forget_table('app.drill_confirmations');
DROP TABLE app.drill_confirmations;
SELECT audit.forget_table('app.drills');
DROP TABLE app.drills;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('record_drill', 'confirm_drill');

COMMIT;
