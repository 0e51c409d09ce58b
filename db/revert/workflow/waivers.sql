-- Removes proposing and deciding waivers.

BEGIN;

DROP FUNCTION api.expire_waivers();
DROP FUNCTION api.reject_waiver(uuid, integer, text, text);
DROP FUNCTION api.approve_waiver(uuid, integer, text, text);
DROP FUNCTION app.decide_waiver(text, uuid, integer, text, text);
DROP FUNCTION app.describe_first_person(app.waivers);
DROP FUNCTION app.check_waiver_amount(uuid, numeric);
DROP FUNCTION api.propose_decision(uuid, integer, text, text, text);
DROP FUNCTION api.propose_waiver(uuid, integer, text, text, numeric, date, text);

COMMIT;
