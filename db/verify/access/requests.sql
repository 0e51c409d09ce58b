-- Answered requests are immutable and private.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.answered_requests'::regclass AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT has_function_privilege('ccp_worker', 'api.remove_expired_answers(timestamptz)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_processor', 'api.remove_expired_answers(timestamptz)', 'EXECUTE');
    ASSERT NOT has_function_privilege('ccp_admin', 'app.begin_request(text, text, bytea)', 'EXECUTE');
END
$$;

ROLLBACK;
