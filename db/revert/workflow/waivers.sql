-- Removes proposing and deciding waivers.

BEGIN;

DROP FUNCTION app.refresh_statuses(uuid[]);
DROP FUNCTION app.lock_issues(uuid[]);
DROP FUNCTION api.expire_waivers();
DROP FUNCTION api.reject_waiver(uuid, integer, text, text);
DROP FUNCTION api.approve_waiver(uuid, integer, text, text);
DROP FUNCTION app.decide_waiver(uuid, integer, text, text, text);
DROP FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text);

COMMIT;
