-- Removes the steps of a decision.

BEGIN;

DELETE FROM app.error_codes AS e
WHERE e.sqlstate IN ('NF020', 'ST020', 'RL020', 'RL021', 'RL022', 'RL023');
DROP FUNCTION app.check_decision_pairs(app.session_employees, text, uuid[], uuid[], numeric[], text);
DROP FUNCTION app.write_decisions(app.session_employees, text, uuid[], uuid[], numeric[], text);
DROP FUNCTION app.lock_person_of_charge(uuid, integer);
DROP FUNCTION app.rematch_employee(uuid, uuid, text);

COMMIT;
