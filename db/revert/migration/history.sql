-- Removes the proof of the months from before.

BEGIN;

DROP FUNCTION api.withdraw_history_proof(uuid, integer, text, text);
DROP FUNCTION api.sign_history_proof(uuid, integer, text, text);
DROP FUNCTION app.write_signature(text, uuid, integer, text, text);
DROP VIEW report.history_proof;
DROP VIEW app.history_figures;
DROP FUNCTION report.way_back(uuid);
SELECT audit.forget_table('app.history_signatures');
DROP TABLE app.history_signatures;
DELETE FROM app.month_calls WHERE call_name IN ('sign_history_proof', 'withdraw_history_proof');

COMMIT;
