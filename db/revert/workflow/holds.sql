-- Removes holding and releasing; who is on hold stays so.

BEGIN;

DROP FUNCTION api.release_employee(uuid, uuid, integer, text, text);
DROP FUNCTION api.hold_employee(uuid, uuid, integer, text, text);
DROP FUNCTION app.set_hold(text, uuid, uuid, integer, text, text);

COMMIT;
