-- People are private; no column can hold a whole card number.

BEGIN;

DO $$
BEGIN
    ASSERT NOT has_table_privilege('ccp_admin', 'app.cards', 'SELECT');
    ASSERT has_table_privilege('ccp_auditor', 'app.cardholders', 'SELECT');
    ASSERT NOT has_table_privilege('ccp_auditor', 'app.cardholders', 'UPDATE');
END
$$;

ROLLBACK;
