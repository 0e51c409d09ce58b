-- The steps of a decision are private.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.rematch_employee(uuid, uuid, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.lock_person_of_charge(uuid, integer)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.write_decisions(app.session_employees, text, uuid[], uuid[], numeric[], text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor',
        'app.check_decision_pairs(app.session_employees, text, uuid[], uuid[], numeric[], text)', 'EXECUTE');
END
$$;

ROLLBACK;
