-- Removes what a closed month is.

BEGIN;

DROP FUNCTION app.month_violations(bigint);
DROP FUNCTION app.digest_month(uuid);
DROP FUNCTION app.digest_people(uuid);
DROP TYPE app.digested_person;
DROP FUNCTION app.refuse_closed_month(uuid, text);
DROP FUNCTION app.describe_closing(uuid);
DROP FUNCTION app.newest_session(uuid);

COMMIT;
