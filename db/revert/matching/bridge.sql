-- Removes the bridge.

BEGIN;

DROP VIEW report.match_rates;
DROP VIEW report.session_bridge;
DROP VIEW report.bridge;
DROP VIEW report.bridge_history;

COMMIT;
