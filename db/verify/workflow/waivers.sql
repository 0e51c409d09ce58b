-- Who may propose, approve and expire.

BEGIN;

DO $$
BEGIN
    ASSERT has_function_privilege('ccp_processor', 'api.propose_waiver(uuid, integer, text, text, numeric, date, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_read_only', 'api.propose_waiver(uuid, integer, text, text, numeric, date, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_reviewer', 'api.approve_waiver(uuid, integer, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.approve_waiver(uuid, integer, text, text)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.reject_waiver(uuid, integer, text, text)', 'EXECUTE');
    ASSERT has_function_privilege('ccp_worker', 'api.expire_waivers()', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_reviewer', 'api.expire_waivers()', 'EXECUTE');
END
$$;

ROLLBACK;
