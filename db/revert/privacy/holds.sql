-- Removes legal holds.

BEGIN;

DROP FUNCTION api.lift_legal_hold(uuid, text, text);
DROP FUNCTION api.place_legal_hold(uuid, text, text);
DROP VIEW report.legal_holds;
DROP VIEW app.held_months;
SELECT audit.forget_table('app.legal_hold_lifts');
DROP TABLE app.legal_hold_lifts;
SELECT audit.forget_table('app.legal_holds');
DROP TABLE app.legal_holds;
DELETE FROM app.month_calls WHERE call_name IN ('place_legal_hold', 'lift_legal_hold');

COMMIT;
