-- Removes what is not posted.

BEGIN;

DROP FUNCTION app.refuse_own_acceptance(uuid);
DROP FUNCTION api.accept_unposted(uuid, integer, text, text);
DROP FUNCTION app.posting_obstacles(uuid);
DROP FUNCTION app.digest_unposted(uuid, report.month_obstacle[]);
DROP FUNCTION app.unposted_receipts(uuid);

COMMIT;
