-- Values are read as promised.

BEGIN;

DO $$
BEGIN
    ASSERT app.read_amount('-1,234.50') = -1234.50;
    ASSERT app.read_amount('n/a') IS NULL;
    ASSERT app.passes_luhn('4111111111111111');
    ASSERT EXISTS (SELECT FROM app.readable_dates() AS d WHERE d.date_text = '02/29/2024');
    ASSERT NOT EXISTS (SELECT FROM app.readable_dates() AS d WHERE d.date_text = '02/30/2025');
END
$$;

ROLLBACK;
