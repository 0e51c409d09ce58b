-- Values are read as promised.

BEGIN;

DO $$
BEGIN
    ASSERT app.read_amount('-1,234.50') = -1234.50;
    ASSERT app.read_amount('n/a') IS NULL;
    ASSERT app.read_date('02/29/2024') = '2024-02-29';
    ASSERT app.read_date('02/30/2025') IS NULL;
END
$$;

ROLLBACK;
