-- The steps of a decision are private.

BEGIN;

SELECT app.expect_objects($$
function app.check_decision_pairs(app.session_employees, text, uuid[], uuid[], numeric[])
function app.lock_person_of_charge(uuid, integer)
function app.rematch_employee(uuid, uuid, text)
function app.write_decisions(app.session_employees, text, uuid[], uuid[], numeric[], text)
$$);

ROLLBACK;
