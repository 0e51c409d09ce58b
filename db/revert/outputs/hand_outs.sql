-- Removes hand-outs.

BEGIN;

DROP VIEW report.hand_outs;
DROP FUNCTION api.record_hand_out(text, uuid, text, text, bigint, text);
SELECT audit.forget_table('app.hand_outs');
DROP TABLE app.hand_outs;
DELETE FROM app.month_calls AS c WHERE c.call_name = 'record_hand_out';

COMMIT;
