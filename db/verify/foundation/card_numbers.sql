-- Card numbers are cut, and tables refuse them.

BEGIN;

DO $$
BEGIN
    ASSERT app.passes_luhn('4111111111111111');
    ASSERT app.hide_card_numbers('No 7 4111 1111 1111 1111 12/27') = 'No 7 411111XXXXXX1111 12/27';
    ASSERT NOT app.holds_card_number('40478041 40478042');
END
$$;

ROLLBACK;
