-- Removes claiming and recording deliveries.

BEGIN;

DROP FUNCTION api.record_delivery(uuid, integer, text, boolean);
DROP FUNCTION api.claim_messages(integer, integer);

COMMIT;
