-- Removes open items, allocations and decisions.

BEGIN;

SELECT audit.forget_table('app.open_items');
DROP TABLE app.open_items;
SELECT audit.forget_table('app.allocations');
DROP TABLE app.allocations;
SELECT audit.forget_table('app.matchings');
DROP TABLE app.matchings;
SELECT audit.forget_table('app.match_decisions');
DROP TABLE app.match_decisions;

COMMIT;
