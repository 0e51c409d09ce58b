-- Removes the mirror.

BEGIN;

DROP VIEW report.mirror_state;
DROP FUNCTION api.record_mirror(uuid, uuid, text, text, jsonb);
DROP FUNCTION report.mirror_facts(uuid);
DROP FUNCTION api.mirror_orders(boolean);
DROP TYPE report.mirror_order;
DROP VIEW app.mirrored_months;
SELECT audit.forget_table('app.mirror_files');
DROP TABLE app.mirror_files;
DELETE FROM app.month_calls AS c WHERE c.call_name IN ('mirror_orders', 'record_mirror');

COMMIT;
