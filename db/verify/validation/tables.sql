-- Issues are watched, events are immutable, nothing is open to roles.

BEGIN;

DO $$
BEGIN
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.issue_events'::regclass AND t.tgname = 't10_immutable' AND t.tgenabled = 'A');
    ASSERT EXISTS (SELECT FROM pg_catalog.pg_trigger AS t
                   WHERE t.tgrelid = 'app.validation_issues'::regclass AND t.tgname = 't50_stamp' AND t.tgenabled = 'A');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.validation_issues', 'UPDATE');
    ASSERT NOT has_table_privilege('ccp_admin', 'app.validation_rules', 'INSERT');
END
$$;

ROLLBACK;
