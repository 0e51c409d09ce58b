-- Ids are version 7 and ordered, the transaction number is stable inside a transaction.

BEGIN;

DO $$
BEGIN
    ASSERT substring(app.new_id()::text FROM 15 FOR 1) = '7', 'ids are not version 7';
    ASSERT app.tx() = app.tx();
    ASSERT app.has_control(E'a\nb') AND NOT app.has_control('a b');
    ASSERT NOT has_function_privilege('ccp_service', 'app.tx()', 'EXECUTE');
END
$$;

ROLLBACK;
