-- Names fold.

BEGIN;

DO $$
BEGIN
    ASSERT app.name_key('René O''Under-Hollow') = 'RENEOUNDERHOLLOW';
END
$$;

ROLLBACK;
