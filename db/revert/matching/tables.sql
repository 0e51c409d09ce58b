-- Removes open items, allocations and decisions.

BEGIN;

DROP VIEW app.open_items;
DROP VIEW app.allocations;
SELECT audit.forget_table('app.found_open_items');
DROP TABLE app.found_open_items;
SELECT audit.forget_table('app.found_allocations');
DROP TABLE app.found_allocations;
SELECT audit.forget_table('app.matchings');
DROP TABLE app.matchings;
SELECT audit.forget_table('app.match_decisions');
DROP TABLE app.match_decisions;

COMMIT;
