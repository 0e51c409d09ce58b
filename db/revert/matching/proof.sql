-- Removes what is proved of matching at commit.

BEGIN;

DROP FUNCTION app.matching_violations(bigint);

COMMIT;
