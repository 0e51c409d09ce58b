-- Nobody but the owner takes turns.

BEGIN;

DO $$
BEGIN
    ASSERT to_regprocedure('app.take_turn(text)') IS NOT NULL;
    ASSERT NOT has_table_privilege('ccp_admin', 'app.turns', 'SELECT');
END
$$;

ROLLBACK;
