-- Removes the steps of a decision.

BEGIN;

DROP FUNCTION app.check_decision_pairs(app.session_employees, text, uuid[], uuid[], numeric[]);
DROP FUNCTION app.write_decisions(app.session_employees, text, uuid[], uuid[], numeric[], text);
DROP FUNCTION app.lock_person_of_charge(uuid, integer);
DROP FUNCTION app.rematch_employee(uuid, uuid, text);

COMMIT;
