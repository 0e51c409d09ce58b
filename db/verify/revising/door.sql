-- The door is there and nobody but the owner opens it.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_function_privilege('ccp_admin', 'app.pass_door(text, app.door_person[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.enter_month(text, app.door_person[])', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.refuse_own_month(uuid)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.door_violations(bigint)', 'EXECUTE');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.month_calls', 'SELECT');
END
$$;

ROLLBACK;
